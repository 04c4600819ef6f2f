/** The number of bits in a 32-bit word (Warren, "Hacker's Delight", section 5-1). */
export function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555)
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/**
 * The number of bits in the words `from` to `to` - 1.
 *
 * Four words at a time go through carry-save adders (Harley and Seal, in the same section): bit by
 * bit, `ones` and `twos` keep the sums modulo 2 and 4, and only what carries over is counted.
 */
export function countWords(words: Uint32Array, from: number, to: number): number {
  let ones = 0
  let twos = 0
  let fours = 0
  let i = from
  for (; i + 4 <= to; i += 4) {
    const w0 = words[i]
    const w1 = words[i + 1]
    const w2 = words[i + 2]
    const w3 = words[i + 3]
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
  for (; i < to; i++) count += popcount(words[i])
  return count
}

/** The number of bits that the first `count` words of `a` share with those of `b`. */
export function countCommon(a: Uint32Array, b: Uint32Array, count: number): number {
  let ones = 0
  let twos = 0
  let fours = 0
  let i = 0
  for (; i + 4 <= count; i += 4) {
    const w0 = a[i] & b[i]
    const w1 = a[i + 1] & b[i + 1]
    const w2 = a[i + 2] & b[i + 2]
    const w3 = a[i + 3] & b[i + 3]
    const x = ones ^ w0
    const twosA = (ones & w0) | (x & w1)
    const y = x ^ w1 ^ w2
    const twosB = ((x ^ w1) & w2) | (y & w3)
    ones = y ^ w3
    const z = twos ^ twosA
    fours += popcount((twos & twosA) | (z & twosB))
    twos = z ^ twosB
  }
  let common = fours * 4 + popcount(twos) * 2 + popcount(ones)
  for (; i < count; i++) common += popcount(a[i] & b[i])
  return common
}

/** The number of bits set among `from` to `to` - 1. */
export function countRange(words: Uint32Array, from: number, to: number): number {
  if (from >= to) return 0
  const first = from >>> 5
  const last = (to - 1) >>> 5
  const firstMask = maskFrom(from)
  const lastMask = maskThrough(to - 1)
  if (first === last) return popcount(words[first] & firstMask & lastMask)
  return (
    popcount(words[first] & firstMask) +
    countWords(words, first + 1, last) +
    popcount(words[last] & lastMask)
  )
}

/** The bits of a word from that of ordinal `bit` up. */
export function maskFrom(bit: number): number {
  return -1 << (bit & 31)
}

/** The bits of a word up to that of ordinal `bit`. */
export function maskThrough(bit: number): number {
  return -1 >>> (31 - (bit & 31))
}
