import type { MemoryTree } from "../btree/memory-tree.ts"
import { isSliceOver, type Steps } from "../cache/steps.ts"
import { setBits } from "../docset/bit-lists.ts"
import { DocSetBuilder } from "../docset/builder.ts"
import { DocSet } from "../docset/doc-set.ts"
import { emptyWords } from "../docset/scratch.ts"
import { wordCount } from "../docset/words.ts"
import type { ColumnPage, PartField, Walk } from "../parts/part.ts"
import { toIntervals, VidSet } from "../parts/vid-set.ts"
import { Kind, type Value } from "../values/kind.ts"
import { type Cut, includes, pointOf, type ValueSet } from "../values/value-set.ts"
import { COLUMN_ROWS } from "./column.ts"
import { MISSING_VID } from "./dictionary.ts"
import type { MemoryField } from "./field.ts"
import type { FieldIndex } from "./field-index.ts"
import { ClausesView } from "./kept-clauses.ts"
import { type OrderedField, ValueRange } from "./value-range.ts"
import { MemoryWalk } from "./walk.ts"

const MISSING: Value = { kind: Kind.missing, payload: 0 }
/** Bytes of kept clauses for each byte of the column. */
const MAX_KEPT_SHARE = 1 / 4
/** What has more than 1 ordinal in this many is collected in bits from the start. */
const LIST_RATIO = 128

/** A memtable's field as a query sees it that began when the memtable had `size` records. */
export class MemoryFieldView implements PartField {
  readonly rowsPerPage = COLUMN_ROWS
  readonly field: MemoryField
  readonly clauses: ClausesView
  readonly #size: number
  /** How many records there are by now. */
  readonly #sizeNow: () => number
  readonly #ordered: OrderedField

  constructor(field: MemoryField, size: number, sizeNow: () => number) {
    this.field = field
    this.#size = size
    this.#sizeNow = sizeNow
    this.#ordered = {
      dictionary: field.dictionary,
      order: () => field.roughOrder(sizeNow()),
      numbers: (interval) => field.numbers(interval, sizeNow()),
    }
    this.clauses = new ClausesView(field.kept, {
      size,
      isNewest: () => sizeNow() === size,
      maxBytes: () => field.column.byteLength * MAX_KEPT_SHARE,
      continued: (docs, vids) => this.#continued(docs, vids),
    })
  }

  get distinct(): number {
    return this.field.dictionary.length
  }

  get #index(): FieldIndex {
    return this.field.index(this.#sizeNow())
  }

  /** The values in order. */
  get tree(): MemoryTree {
    return this.#index.tree
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
    return this.field.order(this.#sizeNow(), 0).numbers
  }

  *resolve(set: ValueSet): Steps<VidSet> {
    const index = this.#index
    const { dictionary } = this.field
    const vids: number[] = []
    let size = 0
    let entries = includes(set, MISSING) ? this.#missing : 0
    let isPoints = true
    for (const interval of set) {
      const value = pointOf(interval)
      if (value !== undefined) {
        const vid = dictionary.find(value)
        if (vid < 0) continue
        vids.push(vid)
        size++
        entries += index.count(vid)
      } else {
        isPoints = false
        const from = index.tree.seek((vid) => dictionary.isBefore(vid, interval.from))
        const to = index.tree.seek((vid) => dictionary.isBefore(vid, interval.to))
        size += to.keysBefore - from.keysBefore
        entries += to.weightBefore - from.weightBefore
      }
    }
    const isExact = this.#sizeNow() === this.#size
    const { distinct } = this
    if (!isPoints) return new ValueRange(this.#ordered, set, distinct, size, entries, isExact)
    return new VidSet(distinct, size, entries, isExact, () => toIntervals(Uint32Array.from(vids)))
  }

  /** What a set selects, made of what it selected when the memtable was smaller. */
  #continued(docs: DocSet, vids: VidSet): DocSet {
    // Kept, so not of the memory that sets of a question share.
    const words = new Uint32Array(wordCount(this.#size))
    if (docs.words !== undefined) words.set(docs.words)
    else setBits(words, docs.toArray(), docs.size)
    for (let first = docs.universe; first < this.#size; ) {
      const end = Math.min(this.#size, first - (first % COLUMN_ROWS) + COLUMN_ROWS)
      this.page(first).scan(vids, first, end, words)
      first = end
    }
    return DocSet.dense(words, this.#size)
  }

  *docs(vids: VidSet, within?: DocSet): Steps<DocSet> {
    const found =
      vids.entries > this.#size / LIST_RATIO
        ? DocSet.dense(yield* this.#wordsOf(vids), this.#size)
        : this.#collect(numbersOf(vids, this.#ordered))
    return within === undefined ? found : found.and(within)
  }

  *#wordsOf(vids: VidSet): Steps<Uint32Array> {
    const words = emptyWords(wordCount(this.#size))
    if (vids instanceof ValueRange) {
      const index = this.field.ordered(this.#sizeNow())
      for (const interval of vids.set) {
        index.setRange(interval, () => this.#ordered.numbers(interval), this.#size, words)
        if (isSliceOver()) yield
      }
      if (includes(vids.set, MISSING)) this.#setMissing(words)
      return words
    }
    const index = this.#index
    const { intervals } = vids
    for (let i = 0; i < intervals.length; i += 2) {
      for (let vid = intervals[i]; vid < intervals[i + 1]; vid++) {
        if (vid === MISSING_VID) this.#setMissing(words)
        else index.setBits(vid, this.#size, words)
        if (isSliceOver()) yield
      }
    }
    return words
  }

  #setMissing(words: Uint32Array): void {
    this.#eachMissing((ordinal) => {
      words[ordinal >>> 5] |= 1 << (ordinal & 31)
    })
  }

  #collect(lists: Iterable<Iterable<number>>): DocSet {
    const index = this.#index
    const builder = new DocSetBuilder(this.#size)
    const ordinals: number[] = []
    for (const vids of lists) {
      for (const vid of vids) {
        if (vid === MISSING_VID) this.#eachMissing((ordinal) => builder.add(ordinal))
        else index.list(vid, this.#size, ordinals)
      }
    }
    for (const ordinal of ordinals) builder.add(ordinal)
    return builder.finish()
  }

  /** The ordinals without the field, ascending. */
  #eachMissing(take: (ordinal: number) => void): void {
    if (this.#missing === 0) return
    for (let first = 0; first < this.#size; first += COLUMN_ROWS) {
      const cells = this.field.column.chunk(first)
      const end = Math.min(this.#size - first, COLUMN_ROWS)
      for (let i = 0; i < end; i++) if (cells[i] === MISSING_VID) take(first + i)
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
    return new MemoryWalk(this, from, to, descending)
  }

  /** Adds the ordinals that have a value, ascending; those without the field with those of null. */
  list(vid: number, out: number[]): void {
    if (vid !== MISSING_VID) this.#index.list(vid, this.#size, out)
    else {
      const { nullVid } = this
      const docs = this.#collect([nullVid < 0 ? [MISSING_VID] : [MISSING_VID, nullVid]])
      for (const ordinal of docs.toArray()) out.push(ordinal)
    }
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

/** The numbers of a set, in several lists. */
function numbersOf(vids: VidSet, field: OrderedField): Iterable<Uint32Array> {
  if (vids instanceof ValueRange) return vids.set.map((interval) => field.numbers(interval))
  const { intervals } = vids
  return Array.from({ length: intervals.length / 2 }, (_, i) => {
    const from = intervals[2 * i]
    return Uint32Array.from({ length: intervals[2 * i + 1] - from }, (_, j) => from + j)
  })
}
