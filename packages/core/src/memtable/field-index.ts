import { MemoryTree } from "../btree/memory-tree.ts"
import { COLUMN_ROWS, type Column, listAt } from "./column.ts"
import { type Dictionary, MISSING_VID } from "./dictionary.ts"
import { GrowableU32 } from "./growable.ts"

/** A link of a chain with this bit leads to a number in a list, else to a cell. */
const IN_LIST = 0x80000000

/**
 * Postings of a memtable's field: for each value a chain through the records that have it, from
 * the newest, and a B+ tree of the values in order. Made when a query first needs it, then kept up.
 * The records without the field are in no chain: `missing` weighs nothing in the tree.
 */
export class FieldIndex {
  readonly #dictionary: Dictionary
  readonly #column: Column
  /** The newest link of each value, plus 1. */
  readonly #heads = new GrowableU32()
  /** Records for each value. */
  readonly #counts = new GrowableU32()
  /** Of a cell, by ordinal: the link before it in its chain, plus 1. */
  readonly #previous = new GrowableU32()
  /** Of a number in a list, by its place: the same; and the record that has the list. */
  readonly #listPrevious = new GrowableU32()
  readonly #listOwner = new GrowableU32()
  #tree: MemoryTree | undefined
  /** Records over all values but `missing`. */
  total = 0

  /** Indexes the records that are there. */
  constructor(dictionary: Dictionary, column: Column, size: number) {
    this.#dictionary = dictionary
    this.#column = column
    for (let first = 0; first < size; first += COLUMN_ROWS) {
      const cells = column.chunk(first)
      const end = Math.min(size - first, COLUMN_ROWS)
      for (let i = 0; i < end; i++) if (cells[i] !== MISSING_VID) this.add(first + i, cells[i])
    }
  }

  get byteLength(): number {
    const tree = this.#tree?.byteLength ?? 0
    return [this.#heads, this.#counts, this.#previous, this.#listPrevious, this.#listOwner].reduce(
      (sum, array) => sum + array.byteLength,
      tree,
    )
  }

  /** Adds the record's cell. */
  add(ordinal: number, cell: number): void {
    const list = listAt(cell)
    if (list < 0) {
      this.#previous.extend(ordinal + 1)
      this.#previous.set(ordinal, this.#link(cell, ordinal))
      return
    }
    const length = this.#column.lists.get(list)
    this.#listPrevious.extend(list + length + 1)
    this.#listOwner.extend(list + length + 1)
    for (let at = list + 1; at <= list + length; at++) {
      const vid = this.#column.lists.get(at)
      if (this.#isLinked(list, vid)) continue
      this.#listOwner.set(at, ordinal)
      this.#listPrevious.set(at, this.#link(vid, IN_LIST + at))
    }
  }

  /** Whether a value's newest link is in this list: lists come in the order of their places. */
  #isLinked(list: number, vid: number): boolean {
    return vid < this.#heads.length && this.#heads.get(vid) > IN_LIST + list
  }

  /** Makes a link the newest of a value; returns the one that was, plus 1. */
  #link(vid: number, link: number): number {
    this.#heads.extend(vid + 1)
    this.#counts.extend(vid + 1)
    const before = this.#heads.get(vid)
    this.#heads.set(vid, link + 1)
    const count = this.#counts.get(vid)
    this.#counts.set(vid, count + 1)
    this.total++
    if (this.#tree !== undefined) {
      if (count === 0) this.#tree.insert(vid, 1)
      else this.#tree.addWeight(vid, 1)
    }
    return before
  }

  /** Records that have a value, dead ones included; 0 for `missing`. */
  count(vid: number): number {
    return vid < this.#counts.length ? this.#counts.get(vid) : 0
  }

  /** The ordinals that have a value, from the newest. */
  each(vid: number, take: (ordinal: number) => void): void {
    if (vid >= this.#heads.length) return
    for (let next = this.#heads.get(vid); next !== 0; ) {
      const link = next - 1
      if (link >= IN_LIST) {
        take(this.#listOwner.get(link - IN_LIST))
        next = this.#listPrevious.get(link - IN_LIST)
      } else {
        take(link)
        next = this.#previous.get(link)
      }
    }
  }

  /** The values in order, each with its count; `missing` is there and has 0. */
  get tree(): MemoryTree {
    if (this.#tree === undefined) {
      const vids = this.#dictionary
        .sorted()
        .filter((vid) => vid === MISSING_VID || this.count(vid) > 0)
      const weights = vids.map((vid) => this.count(vid))
      this.#tree = MemoryTree.load(vids, weights, (a, b) => this.#dictionary.compare(a, b))
    }
    return this.#tree
  }
}
