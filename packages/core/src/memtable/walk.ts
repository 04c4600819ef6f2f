import type { Steps } from "../cache/steps.ts"
import type { Walk, WalkBatch } from "../parts/part.ts"
import { SortKeyCache } from "../parts/sort-key-cache.ts"
import type { Cut } from "../values/value-set.ts"
import type { MemoryFieldView } from "./field-view.ts"

const BATCH = 512

/** Entries of a memtable's field in value order. Looks its place up anew for each batch. */
export class MemoryWalk implements Walk {
  readonly #view: MemoryFieldView
  readonly #from: Cut
  readonly #to: Cut
  readonly #descending: boolean
  readonly #sortKeys: SortKeyCache
  /** The value that was handed out last. */
  #last: number | undefined

  constructor(view: MemoryFieldView, from: Cut, to: Cut, descending: boolean) {
    this.#view = view
    this.#from = from
    this.#to = to
    this.#descending = descending
    this.#sortKeys = new SortKeyCache(descending)
  }

  *next(): Steps<WalkBatch | undefined> {
    const { dictionary } = this.#view.field
    const last = this.#last
    const start = this.#descending ? this.#to : this.#from
    const position = this.#view.tree.seek((vid) => {
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
      if (vid === this.#view.nullVid) continue
      const before = ordinals.length
      this.#view.list(vid, ordinals)
      if (this.#view.isMulti) this.#keepOwn(vid, ordinals, before)
      for (let i = before; i < ordinals.length; i++) vids.push(vid)
    }
    if (this.#last === last) return undefined
    return {
      count: ordinals.length,
      vids: new Uint32Array(vids),
      ordinals: new Uint32Array(ordinals),
    }
  }

  #isOutside(vid: number): boolean {
    const { dictionary } = this.#view.field
    return this.#descending
      ? dictionary.isBefore(vid, this.#from)
      : !dictionary.isBefore(vid, this.#to)
  }

  /** A record with an array comes where its sort key stands, not at each element. */
  #keepOwn(vid: number, ordinals: number[], from: number): void {
    let end = from
    for (let i = from; i < ordinals.length; i++) {
      const key = this.#sortKeys.of(this.#view.page(ordinals[i]), ordinals[i])
      if (this.#view.canonical(key) === vid) ordinals[end++] = ordinals[i]
    }
    ordinals.length = end
  }
}
