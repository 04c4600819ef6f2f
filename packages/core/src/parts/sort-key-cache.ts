import type { ColumnPage } from "./part.ts"

/** Up to so many elements are looked at again more quickly than their result is looked up. */
const SHORT_ARRAY = 16

/**
 * What records sort by, for a walk: it meets a record at each element of its array, and a long
 * array is to be gone through only once.
 */
export class SortKeyCache {
  readonly #descending: boolean
  readonly #keys = new Map<number, number>()

  constructor(descending: boolean) {
    this.#descending = descending
  }

  /** The number of the value that a record of the page sorts by. */
  of(page: ColumnPage, ordinal: number): number {
    if (page.arrayLength(ordinal) <= SHORT_ARRAY) return page.sortKey(ordinal, this.#descending)
    let key = this.#keys.get(ordinal)
    if (key === undefined) {
      key = page.sortKey(ordinal, this.#descending)
      this.#keys.set(ordinal, key)
    }
    return key
  }
}
