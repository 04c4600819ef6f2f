import type { Steps } from "../cache/steps.ts"
import type { Walk, WalkBatch } from "../parts/part.ts"
import { SortKeyCache } from "../parts/sort-key-cache.ts"
import { type Cut, isBefore } from "../values/value-set.ts"
import { MISSING_VID } from "./dictionary.ts"
import type { MemoryFieldView } from "./field.ts"
import type { FieldIndex } from "./field-index.ts"

const BATCH = 512

/** Entries of a memtable's field in value order. Looks its place up anew for each batch. */
export class MemoryWalk implements Walk {
  readonly #view: MemoryFieldView
  readonly #index: FieldIndex
  readonly #from: Cut
  readonly #to: Cut
  readonly #descending: boolean
  readonly #sortKeys: SortKeyCache
  /** The value that was handed out last. */
  #last: number | undefined

  constructor(view: MemoryFieldView, index: FieldIndex, from: Cut, to: Cut, descending: boolean) {
    this.#view = view
    this.#index = index
    this.#from = from
    this.#to = to
    this.#descending = descending
    this.#sortKeys = new SortKeyCache(descending)
  }

  *next(): Steps<WalkBatch | undefined> {
    const { dictionary } = this.#view.field
    const last = this.#last
    const start = this.#descending ? this.#to : this.#from
    const position = this.#index.tree.seek((vid) => {
      if (last === undefined) return dictionary.isBefore(vid, start)
      const order = dictionary.compare(vid, last)
      return this.#descending ? order < 0 : order <= 0
    })
    const vids: number[] = []
    const ordinals: number[] = []
    while (ordinals.length < BATCH) {
      const vid = this.#descending ? position.previous() : position.next()
      if (vid === undefined || this.#isOutside(vid)) break
      this.#last = vid
      // Null is listed with missing, which is always there.
      if (vid !== this.#view.nullVid) this.#push(vid, vids, ordinals)
    }
    if (this.#last === last) return undefined
    return {
      count: ordinals.length,
      vids: Uint32Array.from(vids),
      ordinals: Uint32Array.from(ordinals),
    }
  }

  #isOutside(vid: number): boolean {
    const value = this.#view.field.dictionary.value(vid)
    return this.#descending ? isBefore(value, this.#from) : !isBefore(value, this.#to)
  }

  #push(vid: number, vids: number[], ordinals: number[]): void {
    const nullVid = this.#view.nullVid
    const isBoth = vid === MISSING_VID && nullVid >= 0
    const own = isBoth ? this.#view.ordinals(vid, nullVid) : this.#view.ordinals(vid)
    for (const ordinal of own) {
      // A record with an array comes where its sort key stands, not at each element.
      if (this.#view.isMulti) {
        const key = this.#sortKeys.of(this.#view.page(ordinal), ordinal)
        if (this.#view.canonical(key) !== vid) continue
      }
      vids.push(vid)
      ordinals.push(ordinal)
    }
  }
}
