import { Buffer } from "node:buffer"
import { BloomWriter, MIN_BLOOM_KEYS } from "../bloom/bloom-pages.ts"
import { type TreeShape, TreeWriter } from "../btree/tree-writer.ts"
import type { Steps } from "../cache/steps.ts"
import { SEGMENT_FIELD } from "../pages/keys.ts"
import { ROW_PAGE_BYTES } from "../pages/page.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { copyBytes } from "../values/copy-bytes.ts"
import { MAX_ID_BYTES } from "../values/limits.ts"
import type { ValueRef } from "../values/value-ref.ts"
import type { WrittenFields } from "./field-writer.ts"
import { IdColumnWriter, idsPerPage } from "./id-column.ts"
import type { SegmentMeta } from "./segment.ts"
import { SequenceWriter } from "./sequences.ts"

/**
 * Writes what belongs to no field: the dictionary of ids (in id order), and `finishSorted`; then
 * the column of ids and the write sequences (in ordinal order), and `finish`.
 */
export class IdsWriter {
  readonly #sink: PageSink
  readonly #segment: number
  readonly #tree: TreeWriter
  #bloom: BloomWriter | undefined
  #ids: TreeShape | undefined
  #bloomPages = 0
  readonly #ordinal = new Uint32Array(1)
  readonly #column: IdColumnWriter
  readonly #sequences: SequenceWriter
  readonly #idsPerPage: number
  #minId: Uint8Array | undefined
  readonly #maxId = new Uint8Array(MAX_ID_BYTES)
  #maxIdLength = 0
  #size = 0
  #firstSequence = 0
  #lastSequence = 0

  /** @param averageBytes of an id */
  constructor(sink: PageSink, segment: number, size: number, averageBytes: number) {
    this.#sink = sink
    this.#segment = segment
    this.#tree = new TreeWriter(sink, segment, SEGMENT_FIELD, ROW_PAGE_BYTES)
    if (size >= MIN_BLOOM_KEYS) this.#bloom = new BloomWriter(size)
    this.#idsPerPage = idsPerPage(averageBytes)
    this.#column = new IdColumnWriter(sink, segment, this.#idsPerPage)
    this.#sequences = new SequenceWriter(sink, segment)
  }

  /** The next id in order, with its ordinal. */
  addSorted(id: ValueRef, ordinal: number): void {
    const { bytes, from, to } = id
    this.#minId ??= bytes.slice(from, to)
    this.#maxIdLength = copyBytes(bytes, from, to, this.#maxId, 0)
    this.#ordinal[0] = ordinal
    this.#tree.begin(id)
    this.#tree.add(this.#ordinal, 0, 1)
    this.#tree.end()
    this.#bloom?.add(id)
  }

  /** Called after the last id in order. */
  *finishSorted(): Steps<void> {
    this.#ids = this.#tree.finish()
    if (this.#bloom === undefined) return
    this.#bloomPages = yield* this.#bloom.finish(this.#sink, this.#segment, SEGMENT_FIELD)
    this.#bloom = undefined
  }

  /** The next ordinal's id, from `from` up to `to`, and write sequence. */
  addRow(bytes: Uint8Array, from: number, to: number, sequence: number): void {
    if (this.#size === 0) this.#firstSequence = sequence
    this.#lastSequence = sequence
    this.#size++
    this.#column.push(bytes, from, to)
    this.#sequences.push(sequence)
  }

  finish({ numbers, maxDistinct, maxArray }: WrittenFields): SegmentMeta {
    const ids = this.#ids
    if (ids === undefined) throw new Error("The ids are not finished.")
    this.#column.finish()
    this.#sequences.finish()
    return {
      segment: this.#segment,
      size: this.#size,
      bytes: this.#sink.bytes,
      fields: numbers,
      maxDistinct,
      maxArray,
      firstSequence: this.#firstSequence,
      lastSequence: this.#lastSequence,
      minId: Buffer.from(this.#minId ?? []).toString("base64"),
      maxId: Buffer.from(this.#maxId.subarray(0, this.#maxIdLength)).toString("base64"),
      ids,
      idsPerPage: this.#idsPerPage,
      idBloomPages: this.#bloomPages,
    }
  }
}
