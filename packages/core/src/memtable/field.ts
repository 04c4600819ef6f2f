import type { Steps } from "../cache/steps.ts"
import { DocSetBuilder } from "../docset/builder.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { ColumnPage, PartField, Walk } from "../parts/part.ts"
import { toIntervals, VidSet } from "../parts/vid-set.ts"
import { Kind, type Value } from "../values/kind.ts"
import { type Cut, includes, pointOf, type ValueSet } from "../values/value-set.ts"
import type { ByteArena } from "./byte-arena.ts"
import type { CellMemory } from "./cell-memory.ts"
import { COLUMN_ROWS, Column } from "./column.ts"
import { Dictionary, MISSING_VID } from "./dictionary.ts"
import { FieldIndex } from "./field-index.ts"
import { MemoryWalk } from "./walk.ts"

const MISSING: Value = { kind: Kind.missing, payload: 0 }

/** A field of a memtable: dictionary, column, and an index once a query needs one. */
export class MemoryField {
  readonly dictionary: Dictionary
  readonly column: Column
  /** Records that have the field. */
  present = 0
  #index: FieldIndex | undefined
  #sorted: { readonly distinct: number; readonly vids: Uint32Array } | undefined

  constructor(arena: ByteArena, cells: CellMemory) {
    this.column = new Column(cells)
    this.dictionary = new Dictionary(arena)
  }

  get byteLength(): number {
    return this.dictionary.byteLength + this.column.byteLength + (this.#index?.byteLength ?? 0)
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

  /** The index over the first `size` records and all that come. */
  index(size: number): FieldIndex {
    this.#index ??= new FieldIndex(this.dictionary, this.column, size)
    return this.#index
  }

  /** All numbers in the order of their values. */
  sorted(size: number): Uint32Array {
    const distinct = this.dictionary.length
    if (this.#sorted?.distinct !== distinct) {
      const { tree } = this.index(size)
      const vids = new Uint32Array(tree.size)
      const position = tree.first()
      for (let i = 0; i < vids.length; i++) vids[i] = position.next() ?? MISSING_VID
      this.#sorted = { distinct, vids }
    }
    return this.#sorted.vids
  }
}

/** A memtable's field as a query sees it that began when the memtable had `size` records. */
export class MemoryFieldView implements PartField {
  readonly rowsPerPage = COLUMN_ROWS
  readonly field: MemoryField
  readonly #size: number
  /** How many records there are by now. */
  readonly #sizeNow: () => number

  constructor(field: MemoryField, size: number, sizeNow: () => number) {
    this.field = field
    this.#size = size
    this.#sizeNow = sizeNow
  }

  get distinct(): number {
    return this.field.dictionary.length
  }

  get #index(): FieldIndex {
    return this.field.index(this.#sizeNow())
  }

  /** Records without the field, of all that there are by now. */
  get #missing(): number {
    return this.#sizeNow() - this.field.present
  }

  get entries(): number {
    return this.#index.total + this.#missing
  }

  get isMulti(): boolean {
    return this.field.column.maxArray > 0
  }

  /** The number of null, or -1. */
  get nullVid(): number {
    return this.field.dictionary.nullVid
  }

  canonical(vid: number): number {
    return vid === this.nullVid ? MISSING_VID : vid
  }

  compare(a: number, b: number): number {
    return this.field.dictionary.compare(this.canonical(a), this.canonical(b))
  }

  order(): Uint32Array {
    return this.field.sorted(this.#sizeNow())
  }

  *resolve(set: ValueSet): Steps<VidSet> {
    const index = this.#index
    const isExact = this.#sizeNow() === this.#size
    let size = 0
    let entries = 0
    const collect: ((out: number[]) => void)[] = []
    for (const interval of set) {
      const value = pointOf(interval)
      if (value !== undefined) {
        const vid = this.field.dictionary.find(value)
        if (vid < 0) continue
        size++
        entries += index.count(vid)
        collect.push((out) => out.push(vid))
      } else {
        const from = index.tree.seek((vid) => this.field.dictionary.isBefore(vid, interval.from))
        const to = index.tree.seek((vid) => this.field.dictionary.isBefore(vid, interval.to))
        const count = to.keysBefore - from.keysBefore
        size += count
        entries += to.weightBefore - from.weightBefore
        // Numbers are listed only if somebody asks; the tree may have grown until then.
        collect.push((out) => {
          const at = index.tree.seek((vid) => this.field.dictionary.isBefore(vid, interval.from))
          for (let vid = at.next(); vid !== undefined; vid = at.next()) {
            if (!this.field.dictionary.isBefore(vid, interval.to)) return
            out.push(vid)
          }
        })
      }
    }
    if (includes(set, MISSING)) entries += this.#missing
    const { distinct } = this
    return new VidSet(distinct, size, entries, isExact, () => {
      const vids: number[] = []
      for (const add of collect) add(vids)
      return toIntervals(Uint32Array.from(vids).filter((vid) => vid < distinct))
    })
  }

  get clauses(): undefined {
    return undefined
  }

  *docs(vids: VidSet, within?: DocSet): Steps<DocSet> {
    const builder = new DocSetBuilder(this.#size, 0, within)
    const { intervals } = vids
    for (let i = 0; i < intervals.length; i += 2) {
      for (let vid = intervals[i]; vid < intervals[i + 1]; vid++) {
        this.#collect(vid, builder)
      }
    }
    return builder.finish()
  }

  #collect(vid: number, builder: DocSetBuilder): void {
    this.#index.each(vid, (ordinal) => {
      if (ordinal < this.#size) builder.add(ordinal)
    })
    if (vid !== MISSING_VID) return
    for (let first = 0; first < this.#size; first += COLUMN_ROWS) {
      const cells = this.field.column.chunk(first)
      const end = Math.min(this.#size - first, COLUMN_ROWS)
      for (let i = 0; i < end; i++) if (cells[i] === MISSING_VID) builder.add(first + i)
    }
  }

  *values(vids: Uint32Array): Steps<Value[]> {
    return Array.from(vids, (vid) => this.field.dictionary.value(vid))
  }

  *valueAt(): Steps<undefined> {
    return undefined
  }

  *counts(): Steps<Uint32Array | undefined> {
    if (this.#sizeNow() !== this.#size) return undefined
    const index = this.#index
    return Uint32Array.from({ length: this.distinct }, (_, vid) =>
      vid === MISSING_VID ? this.#missing : index.count(vid),
    )
  }

  *walk(from: Cut, to: Cut, descending: boolean): Steps<Walk> {
    return new MemoryWalk(this, this.#index, from, to, descending)
  }

  /** The ordinals that have one of these values, ascending. */
  ordinals(...vids: readonly number[]): Uint32Array {
    const builder = new DocSetBuilder(this.#size)
    for (const vid of vids) this.#collect(vid, builder)
    return builder.finish().toArray()
  }

  *column(ordinal: number): Steps<ColumnPage> {
    return this.page(ordinal)
  }

  columnInMemory(ordinal: number): ColumnPage {
    return this.page(ordinal)
  }

  zoneInMemory(): undefined {}

  page(ordinal: number): ColumnPage {
    return this.field.column.page(ordinal, (a, b) => this.compare(a, b))
  }

  *zone(): Steps<undefined> {
    return undefined
  }
}
