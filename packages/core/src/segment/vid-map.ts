/** Numbers in a block: their offsets, each `w` bits wide, fill `w` words. */
const BLOCK = 32

function blocksOf(count: number): number {
  return Math.ceil(count / BLOCK)
}

/**
 * Words that offsets take at most. A block whose numbers span `s` takes up to 1 + log2(s), and the
 * spans of all blocks add up to `limit` at most: the sum is greatest if they are equal.
 */
function wordsOf(count: number, limit: number): number {
  const blocks = blocksOf(count)
  if (blocks === 0) return 0
  return Math.ceil(blocks * (1 + Math.log2(Math.max(1, limit / blocks)))) + 1
}

/** Bytes of a map of `count` values: about 1 + log2(limit / count) / 8 for each. */
export function vidMapBytes(count: number, limit: number): number {
  return 4 * (2 * blocksOf(count) + 1 + wordsOf(count, limit))
}

/**
 * The new number of each value of an input of a merge, by its old one. They ascend, so those of a
 * block are stored as offsets from the first, in as few bits as the last one needs: a third of
 * what plain numbers take for eight inputs, and as quick to look up. (Elias-Fano codes take half of
 * that, but four times as long.)
 */
export class VidMap {
  /** The first number of each block. */
  readonly #bases: Uint32Array
  /** Where the offsets of each block begin; the next begins behind them. */
  readonly #starts: Uint32Array
  readonly #words: Uint32Array
  /** The numbers of the last block, until it is full. */
  readonly #block = new Uint32Array(BLOCK)
  #count = 0
  #last = 0

  /**
   * @param count of values
   * @param limit new numbers are below it; at least `count`
   */
  constructor(count: number, limit: number) {
    const blocks = blocksOf(count)
    this.#bases = new Uint32Array(blocks)
    this.#starts = new Uint32Array(blocks + 1)
    this.#words = new Uint32Array(wordsOf(count, limit))
  }

  get byteLength(): number {
    return this.#bases.byteLength + this.#starts.byteLength + this.#words.byteLength
  }

  /** The new number of the next value, greater than all before; -1 if it has none. */
  push(vid: number): void {
    if (vid >= 0) this.#last = vid
    this.#block[this.#count++ % BLOCK] = this.#last
    if (this.#count % BLOCK === 0) this.#endBlock()
  }

  /** Called after the last value, before any is looked up. */
  finish(): void {
    if (this.#count % BLOCK === 0) return
    this.#block.fill(this.#last, this.#count % BLOCK)
    this.#count = Math.ceil(this.#count / BLOCK) * BLOCK
    this.#endBlock()
  }

  #endBlock(): void {
    const block = this.#count / BLOCK - 1
    const words = this.#words
    const base = this.#block[0]
    const width = 32 - Math.clz32(this.#last - base)
    const start = this.#starts[block]
    this.#bases[block] = base
    this.#starts[block + 1] = start + width
    for (let i = 0; i < BLOCK; i++) {
      const offset = this.#block[i] - base
      const bit = i * width
      const word = start + (bit >>> 5)
      const shift = bit & 31
      words[word] |= offset << shift
      if (shift + width > 32) words[word + 1] |= offset >>> (32 - shift)
    }
  }

  /** The new number of a value that has one. */
  get(vid: number): number {
    const block = vid >>> 5
    const base = this.#bases[block]
    const start = this.#starts[block]
    const width = this.#starts[block + 1] - start
    if (width === 0) return base
    const bit = (vid & 31) * width
    const word = start + (bit >>> 5)
    const shift = bit & 31
    // Two shifts, for one by 32 would be one by 0.
    const pair = (this.#words[word] >>> shift) | ((this.#words[word + 1] << 1) << (31 - shift))
    return base + ((pair & (0xffffffff >>> (32 - width))) >>> 0)
  }
}
