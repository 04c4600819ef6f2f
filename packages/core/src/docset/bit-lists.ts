/** Kernels between a list of ordinals and the bit words of a set that has a bit for each. */

/** Sets the bits of ordinals below `words.length` * 32; returns how many were not set before. */
export function setBits(words: Uint32Array, ordinals: Uint32Array, count: number): number {
  let added = 0
  for (let i = 0; i < count; i++) {
    const ordinal = ordinals[i]
    const word = words[ordinal >>> 5]
    added += 1 - ((word >>> (ordinal & 31)) & 1)
    words[ordinal >>> 5] = word | (1 << (ordinal & 31))
  }
  return added
}

/** Clears the bits of ordinals; returns how many were set before. */
export function clearBits(words: Uint32Array, ordinals: Uint32Array): number {
  let removed = 0
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i]
    const word = words[ordinal >>> 5]
    removed += (word >>> (ordinal & 31)) & 1
    words[ordinal >>> 5] = word & ~(1 << (ordinal & 31))
  }
  return removed
}

/** How many ordinals have their bit set. */
export function countBits(words: Uint32Array, ordinals: Uint32Array): number {
  let count = 0
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i]
    count += (words[ordinal >>> 5] >>> (ordinal & 31)) & 1
  }
  return count
}

/** Writes the ordinals whose bit is `bit` to `out`; returns how many that are. */
export function selectByBit(
  words: Uint32Array,
  ordinals: Uint32Array,
  bit: 0 | 1,
  out: Uint32Array,
): number {
  const flip = 1 - bit
  let count = 0
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i]
    out[count] = ordinal
    count += ((words[ordinal >>> 5] >>> (ordinal & 31)) & 1) ^ flip
  }
  return count
}
