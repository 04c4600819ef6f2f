import type { Interval } from "../values/value-set.ts"
import type { ByteArena } from "./byte-arena.ts"
import type { CellMemory } from "./cell-memory.ts"
import { COLUMN_ROWS, Column } from "./column.ts"
import { Dictionary } from "./dictionary.ts"
import { FieldIndex, takeKeys } from "./field-index.ts"
import { KeptClauses } from "./kept-clauses.ts"
import { ValueOrder } from "./value-order.ts"

/** An order of values is made anew when it lacks so many, */
const MIN_UNORDERED = 1024
/** and so many for each that it has. */
const MAX_UNORDERED_SHARE = 1 / 16

/** A field of a memtable: dictionary, column, and an index once a query needs one. */
export class MemoryField {
  readonly dictionary: Dictionary
  readonly column: Column
  /** Records that have the field. */
  present = 0
  readonly kept = new KeptClauses()
  #index: FieldIndex | undefined
  #order: ValueOrder | undefined

  constructor(arena: ByteArena, cells: CellMemory) {
    this.column = new Column(cells)
    this.dictionary = new Dictionary(arena)
  }

  get byteLength(): number {
    const index = this.#index
    const order = this.#order === index?.order ? 0 : (this.#order?.byteLength ?? 0)
    const queried = (index?.byteLength ?? 0) + order + this.kept.byteLength
    return this.dictionary.byteLength + this.column.byteLength + queried
  }

  set(ordinal: number, vid: number): void {
    this.present++
    this.column.set(ordinal, vid)
    this.#index?.add(ordinal, vid)
  }

  setList(ordinal: number, vids: Uint32Array): void {
    this.present++
    this.column.setList(ordinal, vids)
    this.#index?.add(ordinal, this.column.chunk(ordinal)[ordinal % COLUMN_ROWS])
  }

  /** The index over the first `size` records, which are all, and all that come. */
  index(size: number): FieldIndex {
    const known = this.#index
    this.#index = known?.renewed(size) ?? new FieldIndex(this.dictionary, this.column, size)
    if (this.#index !== known) this.#order = this.#index.order
    return this.#index
  }

  /** The index, with its tree and in value order. */
  ordered(size: number): FieldIndex {
    if (this.index(size).order === undefined) this.index(size).makeTree()
    // One that has a tree is renewed until it is in order.
    return this.index(size)
  }

  /** An order that lacks at most the last `missing` numbers. */
  order(size: number, missing: number): ValueOrder {
    const { tree } = this.ordered(size)
    if (this.#order === undefined || this.dictionary.length - this.#order.length > missing) {
      this.#order = new ValueOrder(this.dictionary, takeKeys(tree.first(), tree.size))
    }
    return this.#order
  }

  /** As `order`, with as many missing as are sooner looked at one by one. */
  roughOrder(size: number): ValueOrder {
    const known = this.#order?.length ?? 0
    return this.order(size, Math.max(MIN_UNORDERED, known * MAX_UNORDERED_SHARE))
  }

  /** The numbers of the values in an interval, in the order of values. */
  numbers({ from, to }: Interval, size: number): Uint32Array {
    const order = this.#order
    if (order?.length === this.dictionary.length) {
      return order.numbers.subarray(order.placeOf(from), order.placeOf(to))
    }
    const { tree } = this.index(size)
    const start = tree.seek((vid) => this.dictionary.isBefore(vid, from))
    const end = tree.seek((vid) => this.dictionary.isBefore(vid, to))
    return takeKeys(start, end.keysBefore - start.keysBefore)
  }
}
