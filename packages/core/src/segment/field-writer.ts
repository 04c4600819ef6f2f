import { BloomWriter, MIN_BLOOM_KEYS } from "../bloom/bloom-pages.ts"
import { type TreeShape, TreeWriter } from "../btree/tree-writer.ts"
import type { Steps } from "../cache/steps.ts"
import { FileKind } from "../pages/keys.ts"
import { PageWriter, RUN_PAGE_BYTES } from "../pages/page.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { Kind } from "../values/kind.ts"
import type { ValueRef } from "../values/value-ref.ts"
import { ColumnWriter, rowsPerPage } from "./column-writer.ts"
import type { FieldMeta } from "./field.ts"

/**
 * Writes a field of a new segment: first all values with their ordinals, in order, and
 * `finishValues`; then all rows of the column, and `finish`. What is held for the values is let go
 * before the rows.
 */
export class FieldWriter {
  readonly column: ColumnWriter
  readonly #sink: PageSink
  readonly #segment: number
  readonly #field: number
  readonly #tree: TreeWriter
  #bloom: BloomWriter | undefined
  #shape: TreeShape | undefined
  #bloomPages = 0
  readonly maxArray: number
  #value: ValueRef | undefined
  #missing = -1
  #null = -1
  /** Values so far: the number of the next. */
  vids = 0

  /**
   * @param distinct how many values there are at most
   * @param maxArray elements of the longest array, 0 without arrays
   */
  constructor(sink: PageSink, segment: number, field: number, distinct: number, maxArray: number) {
    this.#sink = sink
    this.#segment = segment
    this.#field = field
    this.maxArray = maxArray
    this.#tree = new TreeWriter(sink, segment, field, RUN_PAGE_BYTES)
    this.column = new ColumnWriter(sink, segment, field, rowsPerPage(maxArray))
    if (distinct >= MIN_BLOOM_KEYS) this.#bloom = new BloomWriter(distinct)
  }

  /** Begins a value, greater than all before it, which must not change until it is ended. */
  begin(value: ValueRef): void {
    this.#value = value
    this.#tree.begin(value)
  }

  add(ordinals: Uint32Array, from: number, to: number): void {
    this.#tree.add(ordinals, from, to)
  }

  /** Ends a value. Returns its number, or -1 if it has no ordinals and is left out. */
  end(): number {
    const value = this.#value
    if (value === undefined || !this.#tree.end()) return -1
    this.#bloom?.add(value)
    const vid = this.vids++
    if (value.kind === Kind.missing) this.#missing = vid
    if (value.kind === Kind.null) this.#null = vid
    return vid
  }

  /** Whether `missing` is the only value: then the field need not be in the segment. */
  get isAbsent(): boolean {
    return this.vids === 0 || (this.vids === 1 && this.#missing === 0)
  }

  /** Called after the last value, unless the field is absent. */
  *finishValues(): Steps<void> {
    this.#shape = this.#tree.finish()
    if (this.#bloom === undefined) return
    this.#bloomPages = yield* this.#bloom.finish(this.#sink, this.#segment, this.#field)
    this.#bloom = undefined
  }

  finish(): void {
    const tree = this.#shape
    if (tree === undefined) throw new Error("The values of the field are not finished.")
    this.column.finish()
    const meta: FieldMeta = {
      tree,
      rowsPerPage: rowsPerPage(this.maxArray),
      maxArray: this.maxArray,
      arrays: this.column.arrays,
      bloomPages: this.#bloomPages,
      missing: this.#missing,
      null: this.#null,
    }
    const page = new PageWriter()
    const text = new TextEncoder().encode(JSON.stringify(meta))
    page.u32(text.length)
    page.raw(text)
    const address = { segment: this.#segment, field: this.#field, kind: FileKind.meta }
    this.#sink.put(address, 0, page)
  }
}

/** The fields of a new segment that have been written. */
export class WrittenFields {
  readonly numbers: number[] = []
  /** Values of the field that has most. */
  maxDistinct = 0
  /** Elements of the longest array of any field. */
  maxArray = 0

  add(field: number, { vids, maxArray }: FieldWriter): void {
    this.numbers.push(field)
    this.maxDistinct = Math.max(this.maxDistinct, vids)
    this.maxArray = Math.max(this.maxArray, maxArray)
  }
}
