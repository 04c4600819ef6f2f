import { BloomWriter, MIN_BLOOM_KEYS } from "../bloom/bloom-pages.ts"
import { TreeWriter } from "../btree/tree-writer.ts"
import { FileKind } from "../pages/keys.ts"
import { PageWriter, RUN_PAGE_BYTES } from "../pages/page.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { Kind } from "../values/kind.ts"
import type { ValueRef } from "../values/value-ref.ts"
import { ColumnWriter, rowsPerPage } from "./column-writer.ts"
import type { FieldMeta } from "./field.ts"

/**
 * Writes a field of a new segment: first all values with their ordinals, in order; then all rows
 * of the column; then `finish`.
 */
export class FieldWriter {
  readonly column: ColumnWriter
  readonly #sink: PageSink
  readonly #segment: number
  readonly #field: number
  readonly #tree: TreeWriter
  readonly #bloom: BloomWriter | undefined
  readonly #maxArray: number
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
    this.#maxArray = maxArray
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

  finish(): void {
    this.column.finish()
    const meta: FieldMeta = {
      tree: this.#tree.finish(),
      rowsPerPage: rowsPerPage(this.#maxArray),
      maxArray: this.#maxArray,
      arrays: this.column.arrays,
      bloomPages: this.#bloom?.finish(this.#sink, this.#segment, this.#field) ?? 0,
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
