import type { LeafPage } from "../btree/leaf.ts"
import type { Steps } from "../cache/steps.ts"
import { CHUNK, decodeContainer } from "../docset/container.ts"
import type { Walk, WalkBatch } from "../parts/part.ts"
import { SortKeyCache } from "../parts/sort-key-cache.ts"
import type { SegmentField } from "./field.ts"

/** Entries in a batch, unless one value has more. */
const BATCH = 512

/** Entries of a segment's field in value order, from the leaves of its tree. */
export class SegmentWalk implements Walk {
  readonly #field: SegmentField
  readonly #from: number
  readonly #to: number
  readonly #descending: boolean
  readonly #sortKeys: SortKeyCache
  /** The next value: its number ascending, one more than it descending. */
  #at: number
  #leaf: LeafPage | undefined
  /** What is left of a value that comes in several batches. */
  #waiting: { readonly vid: number; readonly batches: Uint32Array[] } | undefined

  constructor(field: SegmentField, from: number, to: number, descending: boolean) {
    this.#field = field
    this.#from = from
    this.#to = to
    this.#descending = descending
    this.#sortKeys = new SortKeyCache(descending)
    this.#at = descending ? to : from
  }

  *next(): Steps<WalkBatch | undefined> {
    for (;;) {
      const batch = yield* this.#nextRaw()
      if (batch === undefined || !this.#field.isMulti) return batch
      const own = yield* this.#ownEntries(batch)
      if (own.count > 0) return own
    }
  }

  /** A record with an array comes where its sort key stands, not at each element. */
  *#ownEntries(batch: WalkBatch): Steps<WalkBatch> {
    const vids = new Uint32Array(batch.count)
    const ordinals = new Uint32Array(batch.count)
    let count = 0
    for (let i = 0; i < batch.count; i++) {
      const page = yield* this.#field.column(batch.ordinals[i])
      const key = this.#field.canonical(this.#sortKeys.of(page, batch.ordinals[i]))
      if (key === batch.vids[i]) {
        vids[count] = key
        ordinals[count++] = batch.ordinals[i]
      }
    }
    return { count, vids, ordinals }
  }

  *#nextRaw(): Steps<WalkBatch | undefined> {
    const waiting = this.#waiting?.batches.shift()
    if (this.#waiting !== undefined && waiting !== undefined) {
      return batchOf(this.#waiting.vid, waiting)
    }
    this.#waiting = undefined
    if (this.#descending ? this.#at <= this.#from : this.#at >= this.#to) return undefined
    const vid = this.#descending ? this.#at - 1 : this.#at
    const { missing, null: nullVid } = this.#field.meta
    if (missing >= 0 && nullVid >= 0 && (vid === missing || vid === nullVid)) {
      return yield* this.#missingAndNull(missing, nullVid)
    }
    const leaf = yield* this.#leafOf(vid)
    const index = vid - leaf.firstVid
    if (leaf.external(index) !== undefined) return yield* this.#external(leaf, index)
    return this.#inline(leaf, index)
  }

  *#leafOf(vid: number): Steps<LeafPage> {
    const leaf = this.#leaf
    if (leaf !== undefined && vid >= leaf.firstVid && vid < leaf.firstVid + leaf.length) return leaf
    this.#leaf = yield* this.#field.tree.leafOf(vid)
    return this.#leaf
  }

  /** Values from a place in a leaf on, as long as their postings are inline. */
  #inline(leaf: LeafPage, index: number): WalkBatch {
    const step = this.#descending ? -1 : 1
    let count = 0
    let end = index
    for (; end >= 0 && end < leaf.length; end += step) {
      const vid = leaf.firstVid + end
      if (vid < this.#from || vid >= this.#to || leaf.external(end) !== undefined) break
      const size = leaf.count(end)
      if (count > 0 && count + size > BATCH) break
      count += size
    }
    this.#at = leaf.firstVid + end + (this.#descending ? 1 : 0)
    const vids = new Uint32Array(count)
    const ordinals = new Uint32Array(count)
    let at = 0
    for (let i = index; i !== end; i += step) {
      const size = leaf.count(i)
      const from = leaf.inlineBefore(i)
      leaf.inline.copy(from, from + size, ordinals, at, 0)
      vids.fill(leaf.firstVid + i, at, at + size)
      at += size
    }
    return { count, vids, ordinals }
  }

  *#external(leaf: LeafPage, index: number): Steps<WalkBatch | undefined> {
    const vid = leaf.firstVid + index
    const batches: Uint32Array[] = []
    yield* this.#field.tree.containers(leaf, index, ({ type, bytes, count, chunk }) => {
      const ordinals = new Uint32Array(count)
      decodeContainer(type, bytes, count, chunk * CHUNK, ordinals, 0)
      batches.push(ordinals)
    })
    this.#at = this.#descending ? vid : vid + 1
    this.#waiting = { vid, batches }
    return yield* this.#nextRaw()
  }

  *#missingAndNull(missing: number, nullVid: number): Steps<WalkBatch> {
    const lists: Uint32Array[] = []
    for (const vid of [missing, nullVid]) {
      // The bounds of the walk never part the two: they compare as equal.
      const leaf = yield* this.#leafOf(vid)
      lists.push(yield* this.#field.tree.ordinals(leaf, vid - leaf.firstVid))
    }
    const all = new Uint32Array(lists[0].length + lists[1].length)
    all.set(lists[0])
    all.set(lists[1], lists[0].length)
    this.#at = this.#descending ? Math.min(missing, nullVid) : Math.max(missing, nullVid) + 1
    return batchOf(missing, all.sort())
  }
}

function batchOf(vid: number, ordinals: Uint32Array): WalkBatch {
  return { count: ordinals.length, vids: new Uint32Array(ordinals.length).fill(vid), ordinals }
}
