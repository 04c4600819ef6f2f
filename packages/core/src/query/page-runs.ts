import type { DocSet } from "../docset/doc-set.ts"

/** Ordinals that are read from a set in one go. */
const BATCH = 4096

/** Steps through the members of a set in order, those of one column page at a time. */
export class PageRuns {
  /** Members; those of the page at hand are from `from` up to `to`. Overwritten by later steps. */
  readonly ordinals: Uint32Array
  from = 0
  to = 0
  readonly #set: DocSet
  readonly #rowsPerPage: number
  #count = 0
  #next = 0

  constructor(set: DocSet, rowsPerPage: number) {
    this.#set = set
    this.#rowsPerPage = rowsPerPage
    this.ordinals = new Uint32Array(Math.min(BATCH, set.size))
  }

  /** Goes to the next page; returns whether there is one. */
  next(): boolean {
    const { ordinals } = this
    if (this.to === this.#count) {
      this.#count = this.#set.read(this.#next, ordinals)
      if (this.#count === 0) return false
      this.#next = ordinals[this.#count - 1] + 1
      this.to = 0
    }
    this.from = this.to
    const number = Math.floor(ordinals[this.from] / this.#rowsPerPage)
    this.to = this.#endOf((number + 1) * this.#rowsPerPage)
    return true
  }

  /** The first place behind `from` whose member is not below `pageEnd`: by doubling, then halving. */
  #endOf(pageEnd: number): number {
    const { ordinals } = this
    const count = this.#count
    let low = this.from + 1
    let step = 1
    while (low + step <= count && ordinals[low + step - 1] < pageEnd) {
      low += step
      step *= 2
    }
    let high = Math.min(count, low + step)
    while (low < high) {
      const middle = (low + high) >>> 1
      if (ordinals[middle] < pageEnd) low = middle + 1
      else high = middle
    }
    return low
  }
}
