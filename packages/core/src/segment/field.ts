import type { BloomCounters } from "../bloom/bloom-pages.ts"
import { BloomReader } from "../bloom/bloom-pages.ts"
import { PageTree, type TreePlace } from "../btree/page-tree.ts"
import type { TreeShape } from "../btree/tree-writer.ts"
import { isSliceOver, type Steps } from "../cache/steps.ts"
import { DocSetBuilder } from "../docset/builder.ts"
import { CHUNK } from "../docset/container.ts"
import { DocSet } from "../docset/doc-set.ts"
import { FileKind } from "../pages/keys.ts"
import type { PageReader } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import { ClauseCache, type KeptDocs } from "../parts/clause-cache.ts"
import { ConstantRows, StoredColumnPage } from "../parts/column-page.ts"
import type { ColumnPage, PartField, Walk, Zone } from "../parts/part.ts"
import { VidSet } from "../parts/vid-set.ts"
import { hashNumber, hashValue } from "../values/hash.ts"
import type { Value } from "../values/kind.ts"
import { type Cut, pointOf, type ValueSet } from "../values/value-set.ts"
import { ColumnDirectory } from "./column-writer.ts"
import { SegmentWalk } from "./walk.ts"

/** What must be known of a field to read it: its meta page, as JSON. */
export interface FieldMeta {
  readonly tree: TreeShape
  readonly rowsPerPage: number
  /** Elements of the longest array, 0 without arrays. */
  readonly maxArray: number
  /** Rows that hold an array with elements. */
  readonly arrays: number
  /** Pages of bloom filters, 0 without. */
  readonly bloomPages: number
  /** The numbers of `missing` and null, -1 without. */
  readonly missing: number
  readonly null: number
}

/** Layout: u32 length, JSON in UTF-8. */
export class FieldMetaPage {
  readonly byteLength: number
  readonly meta: FieldMeta

  constructor(page: PageReader) {
    this.meta = JSON.parse(new TextDecoder().decode(page.raw(page.u32())))
    this.byteLength = page.bytes.length * 4
  }
}

/** A field of a segment: tree, postings, column and filters in pages. */
export class SegmentField implements PartField {
  readonly meta: FieldMeta
  readonly distinct: number
  readonly entries: number
  readonly isMulti: boolean
  readonly rowsPerPage: number
  readonly tree: PageTree
  readonly clauses: ClauseCache | undefined
  readonly #size: number
  readonly #bloom: BloomReader | undefined
  readonly #column: PageFile<StoredColumnPage>
  readonly #directory: PageFile<ColumnDirectory>

  constructor(
    source: PageSource,
    segment: number,
    field: number,
    size: number,
    meta: FieldMeta,
    counters: BloomCounters,
  ) {
    this.meta = meta
    this.distinct = meta.tree.distinct
    this.entries = meta.tree.entries
    this.isMulti = meta.arrays > 0
    this.rowsPerPage = meta.rowsPerPage
    this.#size = size
    const kept = source.openKept?.<KeptDocs>()
    if (kept !== undefined) this.clauses = new ClauseCache(kept)
    this.tree = new PageTree(source, segment, field, meta.tree)
    if (meta.bloomPages > 0) {
      this.#bloom = new BloomReader(source, segment, field, meta.bloomPages, counters)
    }
    const address = { segment, field }
    this.#column = new PageFile(source, { ...address, kind: FileKind.column }, StoredColumnPage)
    this.#directory = new PageFile(
      source,
      { ...address, kind: FileKind.columnDirectory },
      ColumnDirectory,
    )
  }

  canonical(vid: number): number {
    return vid === this.meta.null && this.meta.missing >= 0 ? this.meta.missing : vid
  }

  compare(a: number, b: number): number {
    return a - b
  }

  order(): undefined {
    return undefined
  }

  *resolve(set: ValueSet): Steps<VidSet> {
    const intervals: number[] = []
    let entries = 0
    for (const interval of set) {
      const value = pointOf(interval)
      if (value !== undefined) {
        const found = yield* this.#find(value)
        if (found !== undefined) {
          push(intervals, found.vid, found.vid + 1)
          entries += found.count
        }
      } else {
        const from = yield* this.#placeOf(interval.from)
        const to = yield* this.#placeOf(interval.to)
        push(intervals, from.vid, to.vid)
        entries += to.entry - from.entry
      }
    }
    return VidSet.ofIntervals(new Uint32Array(intervals), this.distinct, entries)
  }

  *#find(value: Value): Steps<{ vid: number; count: number } | undefined> {
    const bloom = this.#bloom
    if (bloom !== undefined && !(yield* bloom.mightHold(hashValue(value)))) return undefined
    const found = yield* this.tree.find(value)
    if (found === undefined) return undefined
    const { leaf, index } = found
    return { vid: leaf.firstVid + index, count: leaf.count(index) }
  }

  *#placeOf(cut: Cut): Steps<TreePlace> {
    // The ends of everything are known without a look.
    if (cut.value === undefined && cut.kind === 0) return { vid: 0, entry: 0 }
    return yield* this.tree.placeOf(cut)
  }

  *docs(vids: VidSet, within?: DocSet): Steps<DocSet> {
    const { intervals } = vids
    if (intervals.length === 2 && intervals[1] - intervals[0] === 1) {
      const found = yield* this.#docsOfOne(intervals[0])
      return within === undefined ? found : found.and(within)
    }
    const builder = new DocSetBuilder(this.#size, vids.entries, within)
    for (let i = 0; i < intervals.length; i += 2) {
      yield* this.#collect(intervals[i], intervals[i + 1], builder)
    }
    return builder.finish()
  }

  *#docsOfOne(vid: number): Steps<DocSet> {
    const leaf = yield* this.tree.leafOf(vid)
    const index = vid - leaf.firstVid
    if (leaf.external(index) === undefined) {
      return DocSet.sparse(yield* this.tree.ordinals(leaf, index), this.#size)
    }
    const builder = new DocSetBuilder(this.#size, leaf.count(index))
    yield* this.tree.containers(leaf, index, ({ type, bytes, count, chunk }) => {
      builder.addContainer(type, bytes, count, chunk * CHUNK)
    })
    return builder.finish()
  }

  *#collect(from: number, to: number, builder: DocSetBuilder): Steps<void> {
    const first = yield* this.tree.pageOf(from)
    const last = yield* this.tree.pageOf(to - 1)
    yield* this.tree.prefetchLeaves(first, last - first + 1)
    for (let number = first; number <= last; number++) {
      const leaf = yield* this.tree.leafAt(number)
      const start = Math.max(0, from - leaf.firstVid)
      const end = Math.min(leaf.length, to - leaf.firstVid)
      // Only the values at the edges were compared; between them all ordinals are taken.
      builder.addPacked(leaf.inline, leaf.inlineBefore(start), leaf.inlineBefore(end))
      if (leaf.hasExternals) {
        for (let index = start; index < end; index++) {
          yield* this.tree.containers(leaf, index, ({ type, bytes, count, chunk }) => {
            builder.addContainer(type, bytes, count, chunk * CHUNK)
          })
        }
      }
      if (isSliceOver()) yield
    }
  }

  *values(vids: Uint32Array): Steps<Value[]> {
    const values = new Array<Value>(vids.length)
    let leaf = vids.length === 0 ? undefined : yield* this.tree.leafOf(vids[0])
    for (let i = 0; i < vids.length; i++) {
      if (leaf === undefined || vids[i] >= leaf.firstVid + leaf.length) {
        leaf = yield* this.tree.leafOf(vids[i])
      }
      values[i] = leaf.value(vids[i] - leaf.firstVid)
    }
    return values
  }

  *valueAt(entry: number): Steps<Value> {
    return yield* this.tree.valueAt(entry)
  }

  *counts(): Steps<Uint32Array> {
    const counts = new Uint32Array(this.distinct)
    for (let page = 0; page < this.tree.shape.leaves; page++) {
      const leaf = yield* this.tree.leafAt(page)
      for (let i = 0; i < leaf.length; i++) counts[leaf.firstVid + i] = leaf.count(i)
      if (isSliceOver()) yield
    }
    return counts
  }

  *walk(from: Cut, to: Cut, descending: boolean): Steps<Walk> {
    const first = yield* this.#placeOf(from)
    const last = yield* this.#placeOf(to)
    return new SegmentWalk(this, first.vid, last.vid, descending)
  }

  *column(ordinal: number): Steps<ColumnPage> {
    return yield* this.stored(ordinal)
  }

  columnInMemory(ordinal: number): StoredColumnPage | undefined {
    const number = Math.floor(ordinal / this.rowsPerPage)
    return this.#column.cached(number) ?? this.#constant(number, this.#directory.cached(0))
  }

  /** The page if all its rows hold one value: then it is not stored. */
  #constant(number: number, directory: ColumnDirectory | undefined): StoredColumnPage | undefined {
    if (directory?.isConstant(number) !== true) return undefined
    const first = number * this.rowsPerPage
    const rows = Math.min(this.rowsPerPage, this.#size - first)
    return new StoredColumnPage(new ConstantRows(first, rows, directory.zone(number).min))
  }

  /** The column page that holds an ordinal. */
  *stored(ordinal: number): Steps<StoredColumnPage> {
    const number = Math.floor(ordinal / this.rowsPerPage)
    const hit = this.#column.cached(number)
    if (hit !== undefined) return hit
    const directory = this.#directory.cached(0) ?? (yield* this.#directory.read(0))
    return this.#constant(number, directory) ?? (yield* this.#column.read(number))
  }

  /** Loads at once, where that helps, the column pages from the one at hand that begin a batch. */
  *prefetch(ordinal: number, count: number): Steps<void> {
    const number = Math.floor(ordinal / this.rowsPerPage)
    if (count < 2 || number % count !== 0) return
    const pages = Math.ceil(this.#size / this.rowsPerPage)
    yield* this.#column.prefetch(number, Math.min(count, pages - number))
  }

  zoneInMemory(ordinal: number): Zone | undefined {
    return this.#directory.cached(0)?.zone(Math.floor(ordinal / this.rowsPerPage))
  }

  *zone(ordinal: number): Steps<Zone> {
    const directory = this.#directory.cached(0) ?? (yield* this.#directory.read(0))
    return directory.zone(Math.floor(ordinal / this.rowsPerPage))
  }

  /** Reads and checks every page of the field; throws at the first that is wrong. */
  *check(): Steps<void> {
    // The sum of a hash of each entry, once by postings and once, taken off, by the column.
    let sum = 0
    yield* this.tree.check(this.#size, (vid, ordinals) => {
      for (const ordinal of ordinals) sum = (sum + hashEntry(vid, ordinal)) | 0
    })
    if (this.#bloom !== undefined) yield* this.#bloom.check()
    for (let ordinal = 0; ordinal < this.#size; ordinal += this.rowsPerPage) {
      const page = yield* this.column(ordinal)
      const { min, max } = yield* this.zone(ordinal)
      const end = Math.min(this.#size, ordinal + this.rowsPerPage)
      for (let row = ordinal; row < end; row++) {
        for (const vid of new Set(page.values(row))) {
          if (vid < min || vid > max || vid >= this.distinct) {
            throw new RangeError(`The column holds ${vid} at ${row}, which its zone excludes.`)
          }
          sum = (sum - hashEntry(vid, row)) | 0
        }
      }
      yield
    }
    if (sum !== 0) throw new RangeError("The column and the postings disagree.")
  }
}

function hashEntry(vid: number, ordinal: number): number {
  return hashNumber(vid * 2 ** 24 + ordinal, 0)
}

/** Adds an interval behind those that are there, joining it to one that it touches. */
function push(intervals: number[], from: number, to: number): void {
  if (from === to) return
  if (intervals.at(-1) === from) intervals[intervals.length - 1] = to
  else intervals.push(from, to)
}
