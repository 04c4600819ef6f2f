import type { LiveView } from "./live-set.ts"

/** Ordinals between two entries of the rank table. */
const BLOCK = 256

/**
 * Old ordinals to new ones in a merge: the new ordinal is the base of the input plus the number of
 * live ordinals before, from a table of ranks over the live bits.
 */
export class OrdinalMap {
  readonly base: number
  /** Live ordinals. */
  readonly size: number
  readonly #live: LiveView
  readonly #ranks: Uint32Array

  constructor(live: LiveView, base: number) {
    this.#live = live
    this.base = base
    this.size = live.size
    this.#ranks = new Uint32Array(live.dead === 0 ? 0 : Math.ceil(live.universe / BLOCK))
    let rank = 0
    for (let block = 0; block < this.#ranks.length; block++) {
      this.#ranks[block] = rank
      const end = Math.min(live.universe, (block + 1) * BLOCK)
      for (let ordinal = block * BLOCK; ordinal < end; ordinal++) rank += live.has(ordinal) ? 1 : 0
    }
  }

  isLive(ordinal: number): boolean {
    return this.#live.dead === 0 || this.#live.has(ordinal)
  }

  /** The new ordinal of a live one. */
  get(ordinal: number): number {
    if (this.#live.dead === 0) return this.base + ordinal
    const block = Math.floor(ordinal / BLOCK)
    let rank = this.#ranks[block]
    for (let i = block * BLOCK; i < ordinal; i++) rank += this.#live.has(i) ? 1 : 0
    return this.base + rank
  }

  /** The new ordinals of those that are live. */
  remap(ordinals: Uint32Array): Uint32Array {
    if (this.#live.dead === 0) {
      for (let i = 0; i < ordinals.length; i++) ordinals[i] += this.base
      return ordinals
    }
    let count = 0
    for (const ordinal of ordinals) {
      if (this.#live.has(ordinal)) ordinals[count++] = this.get(ordinal)
    }
    return ordinals.subarray(0, count)
  }
}
