import { gallop } from "./sorted.ts"

/** `restrictContainer` for the lows of an array. Gallops on both sides: the shorter one counts. */
export function restrictToArray(
  lows: Uint16Array,
  ordinals: Uint32Array,
  from: number,
  to: number,
  base: number,
  out: Uint32Array,
  at: number,
): number {
  let end = at
  let i = from
  let j = 0
  while (i < to && j < lows.length) {
    const low = ordinals[i] - base
    if (lows[j] < low) j = gallopLows(lows, j + 1, low, 1)
    else if (lows[j] > low) i = gallop(ordinals, i + 1, to, base + lows[j])
    else {
      out[end++] = ordinals[i++]
      j++
    }
  }
  return end
}

/** `restrictContainer` for the pairs of runs. */
export function restrictToRuns(
  pairs: Uint16Array,
  ordinals: Uint32Array,
  from: number,
  to: number,
  base: number,
  out: Uint32Array,
  at: number,
): number {
  let end = at
  let i = from
  let j = 0
  while (i < to && j < pairs.length) {
    const first = base + pairs[j]
    const last = first + pairs[j + 1]
    if (ordinals[i] > last) {
      // The run that may hold the ordinal is the last that begins at or before it.
      j = Math.max(j + 2, gallopLows(pairs, j + 2, ordinals[i] - base + 1, 2) - 2)
    } else if (ordinals[i] < first) i = gallop(ordinals, i + 1, to, first)
    else {
      while (i < to && ordinals[i] <= last) out[end++] = ordinals[i++]
      j += 2
    }
  }
  return end
}

/**
 * The first index at `from` + a multiple of `stride` whose value is not below `value`, or
 * `values.length`. Steps double from `from`, then halve.
 */
function gallopLows(values: Uint16Array, from: number, value: number, stride: 1 | 2): number {
  const shift = stride - 1
  const length = (values.length - from) >>> shift
  let low = 0
  let high = 0
  for (let step = 1; high < length && values[from + (high << shift)] < value; step *= 2) {
    low = high + 1
    high += step
  }
  if (high > length) high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[from + (middle << shift)] < value) low = middle + 1
    else high = middle
  }
  return from + (low << shift)
}
