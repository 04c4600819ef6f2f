import { restrictToArray, restrictToRuns } from "./container-restrict.ts"
import { listBits, setRange } from "./words.ts"

/** How many ordinals a container covers. */
export const CHUNK = 65_536

/**
 * The form of a container: the ordinals of one chunk that hold a value, as in Roaring bitmaps
 * (Chambi, Lemire, Kaser, Godin, "Better bitmap performance with Roaring bitmaps", 2016; runs by
 * Lemire, Ssi-Yan-Kai, Kaser, 2016). An ordinal is stored as its distance from the first of the
 * chunk, its *low*. All numbers are 16 bits, little-endian, which the host must be too.
 *
 * - array: the lows, ascending.
 * - bitmap: 8 KiB, low i in bit i % 8 of byte i / 8.
 * - run: pairs of the first low of a run and its length - 1, ascending, with gaps between runs.
 *
 * The numbers are part of the format. Readers take exactly the bytes of one container, at an
 * offset in their `ArrayBuffer` that 4 divides.
 */
export const ContainerType = { array: 0, bitmap: 1, run: 2 } as const

export type ContainerType = (typeof ContainerType)[keyof typeof ContainerType]

const WORDS = CHUNK / 32

/**
 * A type read from a page.
 *
 * @throws RangeError if no container has it.
 */
export function containerType(code: number): ContainerType {
  if (code === 0 || code === 1 || code === 2) return code
  throw new RangeError(`There is no container of type ${code}.`)
}

/** The first `count` of ascending distinct lows in the smallest form; `bytes` are new. */
export function encodeContainer(
  lows: Uint16Array,
  count: number,
): { type: ContainerType; bytes: Uint8Array } {
  const runs = countRuns(lows, count)
  if (runs * 4 < Math.min(count * 2, CHUNK / 8)) {
    return { type: ContainerType.run, bytes: encodeRuns(lows, count, runs) }
  }
  if (count * 2 <= CHUNK / 8) {
    return { type: ContainerType.array, bytes: bytesOf(lows.slice(0, count)) }
  }
  const words = new Uint32Array(WORDS)
  for (let i = 0; i < count; i++) words[lows[i] >>> 5] |= 1 << (lows[i] & 31)
  return { type: ContainerType.bitmap, bytes: bytesOf(words) }
}

/** Writes `base` + each of the `count` lows to `out` from `at` on; returns the new `at`. */
export function decodeContainer(
  type: ContainerType,
  bytes: Uint8Array,
  count: number,
  base: number,
  out: Uint32Array,
  at: number,
): number {
  if (type === ContainerType.bitmap) return listBits(wordsOf(bytes), 0, WORDS, base, out, at)
  const values = lowsOf(bytes)
  if (type === ContainerType.array) {
    for (let i = 0; i < count; i++) out[at + i] = base + values[i]
    return at + count
  }
  let end = at
  for (let i = 0; i < values.length; i += 2) {
    const first = base + values[i]
    const last = first + values[i + 1]
    for (let ordinal = first; ordinal <= last; ordinal++) out[end++] = ordinal
  }
  return end
}

/** Sets the bit of each low in `words`, where the chunk begins at word `wordAt`. */
export function orContainer(
  type: ContainerType,
  bytes: Uint8Array,
  words: Uint32Array,
  wordAt: number,
): void {
  if (type === ContainerType.bitmap) {
    const bits = wordsOf(bytes)
    const count = Math.min(WORDS, words.length - wordAt)
    for (let i = 0; i < count; i++) words[wordAt + i] |= bits[i]
    return
  }
  const values = lowsOf(bytes)
  if (type === ContainerType.array) {
    for (let i = 0; i < values.length; i++) {
      words[wordAt + (values[i] >>> 5)] |= 1 << (values[i] & 31)
    }
    return
  }
  const start = wordAt * 32
  for (let i = 0; i < values.length; i += 2) {
    const first = start + values[i]
    setRange(words, first, first + values[i + 1] + 1)
  }
}

/**
 * Of the ascending ordinals `from` to `to` - 1 of a list, all in the chunk that begins at ordinal
 * `base`, writes those in the container to `out` from `at` on; returns the new `at`. `out` may be
 * the list itself if `at` <= `from`.
 */
export function restrictContainer(
  type: ContainerType,
  bytes: Uint8Array,
  ordinals: Uint32Array,
  from: number,
  to: number,
  base: number,
  out: Uint32Array,
  at: number,
): number {
  if (type === ContainerType.bitmap) {
    const bits = wordsOf(bytes)
    let end = at
    for (let i = from; i < to; i++) {
      const low = ordinals[i] - base
      if (((bits[low >>> 5] >>> (low & 31)) & 1) === 1) out[end++] = ordinals[i]
    }
    return end
  }
  const values = lowsOf(bytes)
  return type === ContainerType.array
    ? restrictToArray(values, ordinals, from, to, base, out, at)
    : restrictToRuns(values, ordinals, from, to, base, out, at)
}

function countRuns(lows: Uint16Array, count: number): number {
  let runs = count > 0 ? 1 : 0
  for (let i = 1; i < count; i++) {
    if (lows[i] !== lows[i - 1] + 1) runs++
  }
  return runs
}

function encodeRuns(lows: Uint16Array, count: number, runs: number): Uint8Array {
  const pairs = new Uint16Array(runs * 2)
  let at = 0
  let first = 0
  for (let i = 1; i <= count; i++) {
    if (i < count && lows[i] === lows[i - 1] + 1) continue
    pairs[at++] = lows[first]
    pairs[at++] = i - first - 1
    first = i
  }
  return bytesOf(pairs)
}

function lowsOf(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 1)
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS)
}

function bytesOf(values: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer)
}
