import { Buffer } from "node:buffer"
import { type BloomCounters, BloomReader } from "../bloom/bloom-pages.ts"
import { PageTree } from "../btree/page-tree.ts"
import type { TreeShape } from "../btree/tree-writer.ts"
import { isSliceOver, type Steps } from "../cache/steps.ts"
import { FileKind, SEGMENT_FIELD } from "../pages/keys.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import { AbsentField } from "../parts/absent-field.ts"
import { IdKey } from "../parts/id-key.ts"
import type { Part, PartField } from "../parts/part.ts"
import { compareBytes } from "../values/compare.ts"
import { Kind } from "../values/kind.ts"
import { FieldMetaPage, SegmentField } from "./field.ts"
import { IdColumn } from "./id-column.ts"
import { Sequences } from "./sequences.ts"

/** What the manifest says of a segment: enough to open it without a read. */
export interface SegmentMeta {
  readonly segment: number
  /** Ordinals. */
  readonly size: number
  /** Bytes of its pages. */
  readonly bytes: number
  /** Fields that some record has. */
  readonly fields: readonly number[]
  /** Distinct values of the field that has most, 0 without fields. */
  readonly maxDistinct: number
  /** Elements of the longest array of any field, 0 without arrays. */
  readonly maxArray: number
  /** Write sequences of its first and last record. */
  readonly firstSequence: number
  readonly lastSequence: number
  /** Least and greatest id, UTF-8 in base64. */
  readonly minId: string
  readonly maxId: string
  /** The dictionary of ids. */
  readonly ids: TreeShape
  readonly idsPerPage: number
  readonly idBloomPages: number
}

/** Ids that are checked at a time. */
const CHECKED_IDS = 1024

/** An immutable sorted part of the index, in a store. Nothing is read before it is asked for. */
export class Segment implements Part {
  readonly meta: SegmentMeta
  readonly segmentNumber: number
  readonly size: number
  readonly idTree: PageTree
  readonly idColumn: IdColumn
  readonly sequences: Sequences
  readonly #source: PageSource
  readonly #counters: BloomCounters
  readonly #bloom: BloomReader | undefined
  readonly #minId: Uint8Array
  readonly #maxId: Uint8Array
  readonly #present: ReadonlySet<number>
  readonly #fields = new Map<number, SegmentField>()

  constructor(source: PageSource, meta: SegmentMeta, counters: BloomCounters) {
    const { segment, size } = meta
    this.meta = meta
    this.segmentNumber = segment
    this.size = size
    this.idTree = new PageTree(source, segment, SEGMENT_FIELD, meta.ids)
    this.idColumn = new IdColumn(source, segment, meta.idsPerPage)
    this.sequences = new Sequences(source, segment, size)
    this.#source = source
    this.#counters = counters
    if (meta.idBloomPages > 0) {
      this.#bloom = new BloomReader(source, segment, SEGMENT_FIELD, meta.idBloomPages, counters)
    }
    this.#minId = Buffer.from(meta.minId, "base64")
    this.#maxId = Buffer.from(meta.maxId, "base64")
    this.#present = new Set(meta.fields)
  }

  *field(field: number): Steps<PartField> {
    return (yield* this.stored(field)) ?? new AbsentField(this.size)
  }

  /** The field if some record of this segment has it. Its meta page is read on the first call. */
  *stored(field: number): Steps<SegmentField | undefined> {
    const known = this.#fields.get(field)
    if (known !== undefined || !this.#present.has(field)) return known
    const { segment } = this.meta
    const file = new PageFile(this.#source, { segment, field, kind: FileKind.meta }, FieldMetaPage)
    const { meta } = yield* file.read(0)
    const opened = new SegmentField(this.#source, segment, field, this.size, meta, this.#counters)
    this.#fields.set(field, opened)
    return opened
  }

  *ids(ordinals: Uint32Array): Steps<string[]> {
    yield* this.idColumn.prefetch(ordinals)
    return yield* this.idColumn.texts(ordinals)
  }

  /**
   * Sets a 1 for each id that it may hold, as far as is known without a read.
   * @param hashes of ids, ascending
   * @param isPossible what is 1 stays 1
   */
  siftIds(hashes: Uint32Array, isPossible: Uint8Array): void {
    if (this.#bloom === undefined) isPossible.fill(1)
    else this.#bloom.sift(hashes, isPossible)
  }

  #isInRange(id: Uint8Array): boolean {
    return compareBytes(id, this.#minId) >= 0 && compareBytes(id, this.#maxId) <= 0
  }

  *find(id: IdKey): Steps<number | undefined> {
    if (!this.#isInRange(id.bytes)) return undefined
    if (this.#bloom !== undefined && !(yield* this.#bloom.mightHold(id.hash))) return undefined
    const found = yield* this.idTree.find({ kind: Kind.string, payload: id.bytes })
    if (found === undefined) return undefined
    return found.leaf.inline.get(found.leaf.inlineBefore(found.index))
  }

  *sequence(ordinal: number): Steps<number> {
    return yield* this.sequences.at(ordinal)
  }

  *after(sequence: number): Steps<number> {
    if (sequence < this.meta.firstSequence) return 0
    if (sequence >= this.meta.lastSequence) return this.size
    return yield* this.sequences.after(sequence)
  }

  /** Reads and checks every page that belongs to no field. */
  *checkIds(): Steps<void> {
    if (this.#bloom !== undefined) yield* this.#bloom.check()
    yield* this.idTree.check(this.size)
    for (let from = 0; from < this.size; from += CHECKED_IDS) {
      const to = Math.min(this.size, from + CHECKED_IDS)
      const ids: IdKey[] = []
      yield* this.idColumn.each(from, to, (bytes, start, end) => {
        ids.push(new IdKey(bytes, start, end))
      })
      for (const [i, id] of ids.entries()) {
        const found = yield* this.find(id)
        if (found !== from + i) {
          throw new Error(`The id at ${from + i} is not found under its ordinal.`)
        }
      }
      if (isSliceOver()) yield
    }
    let previous = -1
    for (let ordinal = 0; ordinal < this.size; ordinal++) {
      const sequence = yield* this.sequences.at(ordinal)
      if (sequence <= previous) throw new Error(`The write sequence does not ascend at ${ordinal}.`)
      previous = sequence
      if (ordinal % CHECKED_IDS === 0 && isSliceOver()) yield
    }
  }
}
