import type { LeafPage } from "../btree/leaf.ts"
import type { PageTree } from "../btree/page-tree.ts"
import type { Steps } from "../cache/steps.ts"
import { CHUNK, decodeContainer } from "../docset/container.ts"
import { Kind } from "../values/kind.ts"
import { ValueRef } from "../values/value-ref.ts"
import type { OrdinalMap } from "./ordinal-map.ts"
import type { VidMap } from "./vid-map.ts"

const BATCH = 4096

/** Takes the new ordinals of a value. */
export type TakeOrdinals = (ordinals: Uint32Array, from: number, to: number) => void

/** Steps through the values of an input of a merge, in order. */
export interface MergeCursor {
  /** The place of the input: of equal values those of older inputs come first. */
  readonly rank: number
  /** The value at hand, valid until the next step. */
  readonly value: ValueRef
  /** Whether there is none any more. */
  readonly isDone: boolean
  /** Hands over the new ordinals of the value; false: they have to be read with `readOrdinals`. */
  takeOrdinals(take: TakeOrdinals): boolean
  readOrdinals(take: TakeOrdinals): Steps<void>
  /** Notes the new number of the value and goes to the next; false: `load` has to follow. */
  step(vid: number): boolean
  load(): Steps<void>
}

/** Over the tree of an input. */
export class TreeCursor implements MergeCursor {
  readonly rank: number
  readonly value = new ValueRef()
  readonly #vids: VidMap | undefined
  readonly #tree: PageTree
  readonly #map: OrdinalMap
  /** Pages to read ahead. */
  readonly #ahead: number
  readonly #scratch: Uint32Array
  #leaf: LeafPage | undefined
  #page = 0
  #index = 0
  /** The strings of the leaf with their prefix, and the memory for that. */
  #strings: Uint8Array = new Uint8Array(0)
  #buffer: Uint8Array = new Uint8Array(0)

  /**
   * @param input `scratch` is for ordinals that are handed over, and has room for a chunk
   * @param vids takes the new numbers, if they are wanted
   */
  constructor(
    rank: number,
    tree: PageTree,
    input: { readonly map: OrdinalMap; readonly ahead: number; readonly scratch: Uint32Array },
    vids: VidMap | undefined,
  ) {
    this.rank = rank
    this.#tree = tree
    this.#map = input.map
    this.#ahead = input.ahead
    this.#scratch = input.scratch
    this.#vids = vids
  }

  get isDone(): boolean {
    return this.#leaf === undefined
  }

  /** Reads the page at hand, and goes to its first value. */
  *load(): Steps<void> {
    const page = this.#page
    this.#leaf = undefined
    if (page >= this.#tree.shape.leaves) {
      this.#vids?.finish()
      return
    }
    if (page % Math.max(1, this.#ahead) === 0) yield* this.#tree.prefetchLeaves(page, this.#ahead)
    const leaf = yield* this.#tree.leafAt(page)
    this.#strings = leaf.unpackStrings(this.#buffer)
    // Memory that was too small has been replaced; a leaf without a prefix needs none.
    if (leaf.hasPrefix) this.#buffer = this.#strings
    this.#leaf = leaf
    leaf.look(0, this.#strings, this.value)
  }

  step(vid: number): boolean {
    const leaf = this.#leaf
    if (leaf === undefined) return true
    this.#vids?.push(vid)
    this.#index++
    if (this.#index < leaf.length) {
      leaf.look(this.#index, this.#strings, this.value)
      return true
    }
    this.#index = 0
    this.#page++
    return false
  }

  takeOrdinals(take: TakeOrdinals): boolean {
    const leaf = this.#leaf
    if (leaf === undefined) return true
    if (leaf.external(this.#index) !== undefined) return false
    const from = leaf.inlineBefore(this.#index)
    const to = from + leaf.count(this.#index)
    const ordinals = this.#scratch
    // Inline postings are shorter than a chunk.
    leaf.inline.copy(from, to, ordinals, 0, 0)
    take(ordinals, 0, this.#map.remap(ordinals, to - from))
    return true
  }

  *readOrdinals(take: TakeOrdinals): Steps<void> {
    const leaf = this.#leaf
    if (leaf === undefined) return
    const ordinals = this.#scratch
    yield* this.#tree.containers(
      leaf,
      this.#index,
      ({ type, bytes, count, chunk }) => {
        decodeContainer(type, bytes, count, chunk * CHUNK, ordinals, 0)
        take(ordinals, 0, this.#map.remap(ordinals, count))
      },
      this.#ahead,
    )
  }
}

/** An input without the field: all its records are `missing`. */
export class AbsentCursor implements MergeCursor {
  readonly rank: number
  readonly value = new ValueRef()
  readonly #vids: VidMap
  readonly #map: OrdinalMap
  isDone = false

  /** @param vids takes the new number of `missing` */
  constructor(rank: number, map: OrdinalMap, vids: VidMap) {
    this.rank = rank
    this.#map = map
    this.#vids = vids
    this.value.setNumber(Kind.missing, 0)
  }

  takeOrdinals(take: TakeOrdinals): boolean {
    const { base, size } = this.#map
    const ordinals = new Uint32Array(BATCH)
    for (let from = 0; from < size; from += BATCH) {
      const count = Math.min(BATCH, size - from)
      for (let i = 0; i < count; i++) ordinals[i] = base + from + i
      take(ordinals, 0, count)
    }
    return true
  }

  *readOrdinals(): Steps<void> {}

  step(vid: number): boolean {
    this.#vids.push(vid)
    this.#vids.finish()
    this.isDone = true
    return true
  }

  *load(): Steps<void> {}
}
