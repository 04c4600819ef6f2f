/**
 * Algebra on ascending distinct numbers. Lists of like size are merged; when one is much shorter,
 * its elements are looked for in the other by galloping (Bentley and Yao, "An almost optimal
 * algorithm for unbounded searching", 1976): cost follows the shorter list.
 */

/** From this ratio of lengths on, galloping beats merging. */
const GALLOP_RATIO = 16

/** The first index from `from` on whose value is not below `value`, or `to`. */
export function lowerBound(values: Uint32Array, from: number, to: number, value: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** `lowerBound` in steps from `from` that double, fast when the place is near. */
export function gallop(values: Uint32Array, from: number, to: number, value: number): number {
  let low = from
  let high = from
  for (let step = 1; high < to && values[high] < value; step *= 2) {
    low = high + 1
    high += step
  }
  return lowerBound(values, low, Math.min(high, to), value)
}

/** Writes what both lists hold to `out` if it is given; returns how many that are. */
export function intersectSorted(a: Uint32Array, b: Uint32Array, out?: Uint32Array): number {
  if (a.length > b.length) return intersectSorted(b, a, out)
  return b.length > a.length * GALLOP_RATIO
    ? intersectGalloping(a, b, out)
    : intersectMerging(a, b, out)
}

function intersectMerging(a: Uint32Array, b: Uint32Array, out: Uint32Array | undefined): number {
  let count = 0
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const x = a[i]
    const y = b[j]
    if (x === y) {
      if (out !== undefined) out[count] = x
      count++
    }
    if (x <= y) i++
    if (y <= x) j++
  }
  return count
}

function intersectGalloping(
  few: Uint32Array,
  many: Uint32Array,
  out: Uint32Array | undefined,
): number {
  let count = 0
  let j = 0
  for (let i = 0; i < few.length; i++) {
    const value = few[i]
    j = gallop(many, j, many.length, value)
    if (j === many.length) break
    if (many[j] === value) {
      if (out !== undefined) out[count] = value
      count++
    }
  }
  return count
}

/** Writes what `a` holds and `b` does not to `out`; returns how many that are. */
export function subtractSorted(a: Uint32Array, b: Uint32Array, out: Uint32Array): number {
  if (a.length > b.length * GALLOP_RATIO) return subtractFew(a, b, out)
  const gallops = b.length > a.length * GALLOP_RATIO
  let count = 0
  let j = 0
  for (let i = 0; i < a.length; i++) {
    const value = a[i]
    if (gallops) j = gallop(b, j, b.length, value)
    else while (j < b.length && b[j] < value) j++
    if (j === b.length || b[j] !== value) out[count++] = value
  }
  return count
}

/** `subtractSorted` for a short `b`: copies what lies between its elements. */
function subtractFew(a: Uint32Array, b: Uint32Array, out: Uint32Array): number {
  let count = 0
  let copied = 0
  for (let j = 0; j < b.length; j++) {
    const at = gallop(a, copied, a.length, b[j])
    out.set(a.subarray(copied, at), count)
    count += at - copied
    copied = at < a.length && a[at] === b[j] ? at + 1 : at
  }
  out.set(a.subarray(copied), count)
  return count + a.length - copied
}

/** Writes what either list holds to `out`; returns how many that are. */
export function uniteSorted(a: Uint32Array, b: Uint32Array, out: Uint32Array): number {
  let count = 0
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const x = a[i]
    const y = b[j]
    out[count++] = Math.min(x, y)
    if (x <= y) i++
    if (y <= x) j++
  }
  while (i < a.length) out[count++] = a[i++]
  while (j < b.length) out[count++] = b[j++]
  return count
}
