import type { Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { Value } from "../values/kind.ts"
import type { Cut, ValueSet } from "../values/value-set.ts"
import type { IdKey } from "./id-key.ts"
import type { LiveView } from "./live-set.ts"
import type { VidSet } from "./vid-set.ts"

/**
 * What a query sees: the memtables and the segments, through one interface. A part numbers its
 * records 0 to `size` - 1 in write order ("ordinals"); parts are in write order too.
 */
export interface Part {
  /** Undefined for a memtable. */
  readonly segmentNumber: number | undefined
  /** Ordinals, dead ones included. */
  readonly size: number
  /** A field; one that no record has is `missing` throughout. */
  field(field: number): Steps<PartField>
  /** The ids of ordinals that ascend. */
  ids(ordinals: Uint32Array): Steps<string[]>
  /** The ordinal of the newest version with this id, dead or live, or undefined. */
  find(id: IdKey): Steps<number | undefined>
  /** The write sequence of an ordinal. */
  sequence(ordinal: number): Steps<number>
  /** The first ordinal whose write sequence is greater. */
  after(sequence: number): Steps<number>
}

/** A part with the ordinals that were live when the query began. */
export interface PartView {
  readonly part: Part
  readonly live: LiveView
}

/** Ordinals in the order of a field's values, from a walk. The arrays are reused by the next. */
export interface WalkBatch {
  readonly count: number
  readonly vids: Uint32Array
  readonly ordinals: Uint32Array
}

/** Steps through all entries of a field in value order. */
export interface Walk {
  /**
   * The next entries, in value order and for equal values by ordinal; undefined at the end.
   * Missing and null count as one value and come under one number.
   */
  next(): Steps<WalkBatch | undefined>
}

/** A field in a part: a dictionary of values, postings for each, and a column. */
export interface PartField {
  /** Distinct values, which have the numbers 0 to `distinct` - 1. */
  readonly distinct: number
  /** Ordinals over all values. */
  readonly entries: number
  /** Whether a record may have several values. */
  readonly isMulti: boolean
  /** The number of null when a record without the field counts as null, else that of null. */
  canonical(vid: number): number

  /** The numbers of the values in a set. */
  resolve(set: ValueSet): Steps<VidSet>
  /**
   * The ordinals, dead or live, that have a value in the set; from postings.
   * @param within only those that are members of it
   */
  docs(vids: VidSet, within?: DocSet): Steps<DocSet>
  /** Undefined where clauses are not kept. */
  readonly clauses: Clauses | undefined
  /** The values of numbers that are in the order of their values. */
  values(vids: Uint32Array): Steps<Value[]>
  /**
   * Ordinals for each value, by number; undefined if the counts of the part as the query sees it
   * are not known.
   */
  counts(): Steps<Uint32Array | undefined>
  /** All numbers in value order; undefined: they are in that order already. */
  order(): Uint32Array | undefined
  /** Whether the value of one number is before that of another. */
  compare(a: number, b: number): number
  /**
   * The value of the entry that has so many before it in value order; undefined if finding it takes
   * more than a look into a tree.
   */
  valueAt(entry: number): Steps<Value | undefined>
  /** The entries between two cuts, of which neither parts missing from null. */
  walk(from: Cut, to: Cut, descending: boolean): Steps<Walk>

  /** Column pages have this many ordinals each. */
  readonly rowsPerPage: number
  /** The column page that holds an ordinal. */
  column(ordinal: number): Steps<ColumnPage>
  /** The same if it is in memory: asked for first, it spares the steps. */
  columnInMemory(ordinal: number): ColumnPage | undefined
  /** Least and greatest number in that page, if they are known without reading it. */
  zone(ordinal: number): Steps<Zone | undefined>
  zoneInMemory(ordinal: number): Zone | undefined
}

/** What clauses on a field select, dead or live, kept if they come again and again. */
export interface Clauses {
  /** What a clause selects, if that is kept. */
  get(vids: VidSet): DocSet | undefined
  /** Notes that a clause was asked for; returns whether what it selects is to be kept. */
  note(vids: VidSet): boolean
  /** Keeps what a noted clause selects, as a set in memory of its own. */
  keep(vids: VidSet, docs: DocSet): void
}

export interface Zone {
  readonly min: number
  readonly max: number
}

/** The values of a run of ordinals, by number. */
export interface ColumnPage {
  readonly byteLength: number
  /** Keeps of `ordinals[from..to)` those that have a value in the set; returns the new `at`. */
  select(
    vids: VidSet,
    ordinals: Uint32Array,
    from: number,
    to: number,
    out: Uint32Array,
    at: number,
  ): number
  /** Sets the bits of ordinals from `first` up to `end` that have a value in the set. */
  scan(vids: VidSet, first: number, end: number, words: Uint32Array): void
  /** Adds 1 for each distinct value of each of `ordinals[from..to)`. */
  tally(ordinals: Uint32Array, from: number, to: number, counts: Uint32Array): void
  /** The value that a record sorts by. */
  sortKey(ordinal: number, descending: boolean): number
  /** The number of elements if the record has an array there, else -1. */
  arrayLength(ordinal: number): number
  /** All values of a record, arrays in their order. */
  values(ordinal: number): Uint32Array
}
