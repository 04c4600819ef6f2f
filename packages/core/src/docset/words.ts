import { maskFrom, maskThrough, popcount } from "./bit-count.ts"
import { anyWords } from "./scratch.ts"

/** Bit words: ordinal i is bit i % 32 of word i / 32. */

/** How many words hold the bits 0 to `bits` - 1. */
export function wordCount(bits: number): number {
  return Math.ceil(bits / 32)
}

/**
 * Writes `a` and `b` to `out`, with `flip` = -1 `a` without `b`, else 0; returns the number of
 * bits, counted on the way as `countWords` does.
 */
export function intersectWords(
  a: Uint32Array,
  b: Uint32Array,
  flip: 0 | -1,
  out: Uint32Array,
): number {
  const whole = out.length - (out.length % 4)
  let ones = 0
  let twos = 0
  let fours = 0
  for (let i = 0; i < whole; i += 4) {
    const w0 = a[i] & (b[i] ^ flip)
    const w1 = a[i + 1] & (b[i + 1] ^ flip)
    const w2 = a[i + 2] & (b[i + 2] ^ flip)
    const w3 = a[i + 3] & (b[i + 3] ^ flip)
    out[i] = w0
    out[i + 1] = w1
    out[i + 2] = w2
    out[i + 3] = w3
    const x = ones ^ w0
    const twosA = (ones & w0) | (x & w1)
    const y = x ^ w1 ^ w2
    const twosB = ((x ^ w1) & w2) | (y & w3)
    ones = y ^ w3
    const z = twos ^ twosA
    fours += popcount((twos & twosA) | (z & twosB))
    twos = z ^ twosB
  }
  let count = fours * 4 + popcount(twos) * 2 + popcount(ones)
  for (let i = whole; i < out.length; i++) {
    out[i] = a[i] & (b[i] ^ flip)
    count += popcount(out[i])
  }
  return count
}

/** Writes `a` or `b` to `out`. */
export function uniteWords(a: Uint32Array, b: Uint32Array, out: Uint32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = a[i] | b[i]
}

/** The bits below `bits` that `words` lacks. */
export function invertWords(words: Uint32Array, bits: number): Uint32Array {
  const out = anyWords(words.length)
  for (let i = 0; i < out.length; i++) out[i] = ~words[i]
  if (bits % 32 !== 0) out[out.length - 1] &= maskThrough(bits - 1)
  return out
}

/** Sets the bits `from` to `to` - 1. */
export function setRange(words: Uint32Array, from: number, to: number): void {
  if (from >= to) return
  const first = from >>> 5
  const last = (to - 1) >>> 5
  const firstMask = maskFrom(from)
  const lastMask = maskThrough(to - 1)
  if (first === last) words[first] |= firstMask & lastMask
  else {
    words[first] |= firstMask
    if (last > first + 1) words.fill(0xffff_ffff, first + 1, last)
    words[last] |= lastMask
  }
}

/** Words that `listBits` takes at a time, and the places of those that have bits. */
const BLOCK = 1024
const places = new Uint32Array(BLOCK)

/**
 * Writes `base` + the number of each bit among the words `from` to `to` - 1, counted from the
 * first bit of `words`, ascending, to `out` from `at` on, until it is full. Returns the new `at`.
 *
 * A number beyond the new `at` may be written, too. Words without bits are sorted out first, and two places written for each other word, whether it
 * has one bit or more: jumps that depend on the bits are often predicted wrongly.
 */
export function listBits(
  words: Uint32Array,
  from: number,
  to: number,
  base: number,
  out: Uint32Array,
  at: number,
): number {
  let end = at
  for (let start = from; start < to && end < out.length; start += BLOCK) {
    const stop = Math.min(to, start + BLOCK)
    let found = 0
    for (let i = start; i < stop; i++) {
      const word = words[i]
      places[found] = i
      found += (word | -word) >>> 31
    }
    let k = 0
    for (const last = out.length - 32; k < found && end <= last; k++) {
      const word = words[places[k]]
      const highest = base + places[k] * 32 + 31
      const rest = word & (word - 1)
      out[end] = highest - Math.clz32(word & -word)
      out[end + 1] = highest - Math.clz32(rest & -rest)
      end += 1 + ((rest | -rest) >>> 31)
      for (let left = rest & (rest - 1); left !== 0; left &= left - 1) {
        out[end++] = highest - Math.clz32(left & -left)
      }
    }
    for (; k < found; k++) end = listWord(words[places[k]], base + places[k] * 32, out, end)
  }
  return end
}

/** `listBits` of a single word, with the bits from `bit` (0 to 31) up. */
export function listWord(
  word: number,
  base: number,
  out: Uint32Array,
  at: number,
  bit = 0,
): number {
  let left = word & (-1 << bit)
  while (left !== 0 && at < out.length) {
    out[at++] = base + 31 - Math.clz32(left & -left)
    left &= left - 1
  }
  return at
}
