import { type CompareKeys, MemoryTree } from "../btree/memory-tree.ts"
import type { TreePosition } from "../btree/tree-position.ts"
import { setBits } from "../docset/bit-lists.ts"
import type { Interval } from "../values/value-set.ts"
import { type Column, listAt } from "./column.ts"
import { type Dictionary, MISSING_VID } from "./dictionary.ts"
import { GrowableU32 } from "./growable.ts"
import { Postings } from "./postings.ts"
import { SparseU32 } from "./sparse.ts"
import { ValueOrder } from "./value-order.ts"

/** A link of a chain with this bit leads to a number in a list, else to a cell. */
const IN_LIST = 0x80000000
/** An index is made anew when it has chained so many records, */
const MIN_CHAINED = 4096
/** and so many for each that it has in its postings. */
const MAX_CHAINED_SHARE = 1 / 4

/**
 * The records of each value of a memtable's field, and a B+ tree of the values in order. The
 * records that are there when it is made lie one behind another by value; those that come are
 * chained, from the newest, for each value. When they have become many, another index takes its
 * place, with the tree. The records without the field are in neither: `missing` weighs nothing in
 * the tree.
 */
export class FieldIndex {
  readonly #dictionary: Dictionary
  readonly #column: Column
  readonly #postings: Postings
  /** Where the lists begin of records that are not in the postings. */
  readonly #firstList: number
  /** The newest link of each value, plus 1. */
  readonly #heads = new SparseU32()
  /** Chained records for each value. */
  readonly #counts = new SparseU32()
  /** Of a cell, by ordinal from the first that is chained: the link before it, plus 1. */
  readonly #previous = new GrowableU32()
  /** Of a number in a list, by its place from `#firstList`: the same; and the record. */
  readonly #listPrevious = new GrowableU32()
  readonly #listOwner = new GrowableU32()
  #tree: MemoryTree | undefined
  /** Records over all values but `missing`. */
  total: number

  /**
   * Indexes the first `size` records, which are all.
   * @param tree of the index in whose place this comes, if it has one
   */
  constructor(dictionary: Dictionary, column: Column, size: number, tree?: MemoryTree) {
    this.#dictionary = dictionary
    this.#column = column
    this.#tree = tree
    const order = tree && new ValueOrder(dictionary, takeKeys(tree.first(), tree.size))
    this.#postings = new Postings(column, dictionary.length, size, order)
    this.#firstList = column.lists.length
    this.total = this.#postings.ordinals.length
  }

  /** This, or an index in its place: of the first `size` records, which are all. */
  renewed(size: number): FieldIndex {
    const postings = this.#postings
    const chained = size - postings.size
    const isOutgrown = chained >= Math.max(MIN_CHAINED, postings.size * MAX_CHAINED_SHARE)
    const isInOrder = this.#tree === undefined || postings.order !== undefined
    if (isInOrder && !isOutgrown) return this
    return new FieldIndex(this.#dictionary, this.#column, size, this.#tree)
  }

  /** The order of the values that there were when the index was made, if it had a tree then. */
  get order(): ValueOrder | undefined {
    return this.#postings.order
  }

  get byteLength(): number {
    const tree = this.#tree?.byteLength ?? 0
    return [this.#heads, this.#counts, this.#previous, this.#listPrevious, this.#listOwner].reduce(
      (sum, array) => sum + array.byteLength,
      tree + this.#postings.byteLength,
    )
  }

  /** Adds the record's cell. */
  add(ordinal: number, cell: number): void {
    const list = listAt(cell)
    if (list < 0) {
      const at = ordinal - this.#postings.size
      this.#previous.extend(at + 1)
      this.#previous.set(at, this.#link(cell, ordinal))
      return
    }
    const length = this.#column.lists.get(list)
    const start = list + 1 - this.#firstList
    this.#listPrevious.extend(start + length)
    this.#listOwner.extend(start + length)
    for (let i = 0; i < length; i++) {
      const vid = this.#column.lists.get(list + 1 + i)
      if (this.#isLinked(start, vid)) continue
      this.#listOwner.set(start + i, ordinal)
      this.#listPrevious.set(start + i, this.#link(vid, IN_LIST + start + i))
    }
  }

  /** Whether a value's newest link is in this list: lists come in the order of their places. */
  #isLinked(start: number, vid: number): boolean {
    return this.#heads.get(vid) > IN_LIST + start
  }

  /** Makes a link the newest of a value; returns the one that was, plus 1. */
  #link(vid: number, link: number): number {
    const before = this.#heads.get(vid)
    this.#heads.set(vid, link + 1)
    const chained = this.#counts.get(vid)
    this.#counts.set(vid, chained + 1)
    if (this.#tree !== undefined) {
      if (chained === 0 && this.#postings.count(vid) === 0) this.#tree.insert(vid, 1)
      else this.#tree.addWeight(vid, 1)
    }
    this.total++
    return before
  }

  /** Records that have a value, dead ones included; 0 for `missing`. */
  count(vid: number): number {
    return this.#counts.get(vid) + this.#postings.count(vid)
  }

  /** Adds the ordinals below `size` that have a value, ascending. */
  list(vid: number, size: number, out: number[]): void {
    const own = this.#postings.get(vid, size)
    for (let i = 0; i < own.length; i++) out.push(own[i])
    const chained = out.length
    this.#eachChained(vid, size, (ordinal) => out.push(ordinal))
    for (let i = chained, j = out.length - 1; i < j; i++, j--) {
      const ordinal = out[i]
      out[i] = out[j]
      out[j] = ordinal
    }
  }

  /** Sets the bits of the ordinals below `size` that have a value. */
  setBits(vid: number, size: number, words: Uint32Array): void {
    const own = this.#postings.get(vid, size)
    setBits(words, own, own.length)
    this.#setChained(vid, size, words)
  }

  /**
   * Sets the bits of the ordinals below `size` that have a value in an interval. The tree must have
   * been there when the index was made.
   * @param vids the numbers of these values, asked for if some record is chained
   */
  setRange(interval: Interval, vids: () => Uint32Array, size: number, words: Uint32Array): void {
    const own = this.#postings.range(interval)
    if (size >= this.#postings.size) setBits(words, own, own.length)
    else {
      const below = own.filter((ordinal) => ordinal < size)
      setBits(words, below, below.length)
    }
    if (this.#heads.isEmpty) return
    for (const vid of vids()) this.#setChained(vid, size, words)
  }

  #setChained(vid: number, size: number, words: Uint32Array): void {
    this.#eachChained(vid, size, (ordinal) => {
      words[ordinal >>> 5] |= 1 << (ordinal & 31)
    })
  }

  /** The chained ordinals below `size` that have a value, from the newest. */
  #eachChained(vid: number, size: number, take: (ordinal: number) => void): void {
    for (let next = this.#heads.get(vid); next !== 0; ) {
      const link = next - 1
      const isInList = link >= IN_LIST
      const at = isInList ? link - IN_LIST : link - this.#postings.size
      const ordinal = isInList ? this.#listOwner.get(at) : link
      if (ordinal < size) take(ordinal)
      next = isInList ? this.#listPrevious.get(at) : this.#previous.get(at)
    }
  }

  /** The values in order, each with its count; `missing` is there and has 0. */
  get tree(): MemoryTree {
    return this.#tree ?? this.makeTree()
  }

  makeTree(): MemoryTree {
    const dictionary = this.#dictionary
    const vids = dictionary.sorted().filter((vid) => vid === MISSING_VID || this.count(vid) > 0)
    const weights = vids.map((vid) => this.count(vid))
    this.#tree = MemoryTree.load(vids, weights, orderOf(dictionary))
    return this.#tree
  }
}

/** A function of its own, for the tree outlives the index that made it and must not hold on to it. */
function orderOf(dictionary: Dictionary): CompareKeys {
  return (a, b) => dictionary.compare(a, b)
}

/** The next keys, in order. */
export function takeKeys(position: TreePosition, count: number): Uint32Array {
  const keys = new Uint32Array(count)
  for (let i = 0; i < count; i++) keys[i] = position.next() ?? MISSING_VID
  return keys
}
