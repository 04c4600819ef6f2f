import { countRange } from "../docset/bit-count.ts"
import type { LiveView } from "../parts/live-set.ts"

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
      rank += this.#liveFrom(block * BLOCK, Math.min(live.universe, (block + 1) * BLOCK))
    }
  }

  isLive(ordinal: number): boolean {
    return this.#live.dead === 0 || this.#live.has(ordinal)
  }

  /** The new ordinal of a live one. */
  get(ordinal: number): number {
    if (this.#live.dead === 0) return this.base + ordinal
    const block = Math.floor(ordinal / BLOCK)
    return this.base + this.#ranks[block] + this.#liveFrom(block * BLOCK, ordinal)
  }

  /** Live ordinals from the first of a block up to another of it, or to its end. */
  #liveFrom(start: number, end: number): number {
    const chunk = this.#live.chunks[start >>> 16]
    const first = start & 0xffff
    return chunk === undefined ? end - start : countRange(chunk, first, first + end - start)
  }

  /**
   * Replaces the first `count` ordinals by the new ones of those that are live; returns how many
   * that are.
   */
  remap(ordinals: Uint32Array, count: number): number {
    const { base } = this
    if (this.#live.dead === 0) {
      for (let i = 0; i < count; i++) ordinals[i] += base
      return count
    }
    let kept = 0
    for (let i = 0; i < count; i++) {
      const ordinal = ordinals[i]
      if (this.#live.has(ordinal)) ordinals[kept++] = this.get(ordinal)
    }
    return kept
  }
}
