import { Buffer } from "node:buffer"
import type { Steps } from "../cache/steps.ts"
import { FileKind, SEGMENT_FIELD } from "../pages/keys.ts"
import { type PackedInts, readPacked, writePacked } from "../pages/packed.ts"
import { type PageReader, PageWriter, ROW_PAGE_BYTES } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import type { PageSink } from "../pages/page-sink.ts"

const FIXED_BYTES = 40

/** Ids for each page, so that a page of ids of average length is small. */
export function idsPerPage(averageBytes: number): number {
  return Math.max(8, Math.floor((ROW_PAGE_BYTES - FIXED_BYTES) / (averageBytes + 2)))
}

/** Writes ids in ordinal order. Layout of a page: u32 ids, u32 bytes, the bytes, packed ends. */
export class IdColumnWriter {
  readonly #sink: PageSink
  readonly #segment: number
  readonly #perPage: number
  readonly #page = new PageWriter()
  readonly #ids: Uint8Array[] = []
  #pages = 0

  constructor(sink: PageSink, segment: number, perPage: number) {
    this.#sink = sink
    this.#segment = segment
    this.#perPage = perPage
  }

  push(id: Uint8Array): void {
    this.#ids.push(id)
    if (this.#ids.length === this.#perPage) this.#endPage()
  }

  finish(): void {
    if (this.#ids.length > 0) this.#endPage()
  }

  #endPage(): void {
    const page = this.#page
    const ends = new Uint32Array(this.#ids.length)
    let end = 0
    this.#ids.forEach((id, i) => {
      end += id.length
      ends[i] = end
    })
    page.u32(ends.length)
    page.u32(end)
    for (const id of this.#ids) page.raw(id)
    writePacked(page, ends, 0, ends.length)
    const file = { segment: this.#segment, field: SEGMENT_FIELD, kind: FileKind.idColumn }
    this.#sink.put(file, this.#pages++, page)
    this.#ids.length = 0
  }
}

class IdPage {
  readonly byteLength: number
  readonly length: number
  readonly #bytes: Buffer
  readonly #ends: PackedInts

  constructor(page: PageReader) {
    this.length = page.u32()
    const bytes = page.raw(page.u32())
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#ends = readPacked(page, this.length)
    this.byteLength = page.bytes.length
  }

  text(index: number): string {
    const from = index === 0 ? 0 : this.#ends.get(index - 1)
    return this.#bytes.toString("utf8", from, this.#ends.get(index))
  }

  bytes(index: number): Uint8Array {
    const from = index === 0 ? 0 : this.#ends.get(index - 1)
    return this.#bytes.subarray(from, this.#ends.get(index))
  }
}

/** The ids of a segment by ordinal. */
export class IdColumn {
  readonly #file: PageFile<IdPage>
  readonly #perPage: number

  constructor(source: PageSource, segment: number, perPage: number) {
    const address = { segment, field: SEGMENT_FIELD, kind: FileKind.idColumn }
    this.#file = new PageFile(source, address, IdPage)
    this.#perPage = perPage
  }

  /** The ids of ordinals that ascend. */
  *texts(ordinals: Uint32Array): Steps<string[]> {
    const ids = new Array<string>(ordinals.length)
    let number = -1
    let page: IdPage | undefined
    for (let i = 0; i < ordinals.length; i++) {
      const next = Math.floor(ordinals[i] / this.#perPage)
      if (page === undefined || next !== number) {
        number = next
        page = this.#file.cached(number) ?? (yield* this.#file.read(number))
      }
      ids[i] = page.text(ordinals[i] - number * this.#perPage)
    }
    return ids
  }

  /** Loads the pages of ordinals that ascend in one batch, where that helps. */
  *prefetch(ordinals: Uint32Array): Steps<void> {
    if (ordinals.length < 2) return
    const pages = new Set<number>()
    for (const ordinal of ordinals) pages.add(Math.floor(ordinal / this.#perPage))
    yield* this.#file.prefetchAll(pages)
  }

  /** Loads the pages of the ordinals from `from` up to `to` in one batch, where that helps. */
  *prefetchRange(from: number, to: number): Steps<void> {
    const first = Math.floor(from / this.#perPage)
    yield* this.#file.prefetch(first, Math.ceil(to / this.#perPage) - first)
  }

  /** Hands out the bytes of every id from `from` up to `to`, which are a view of a page. */
  *each(from: number, to: number, take: (id: Uint8Array, ordinal: number) => void): Steps<void> {
    for (let ordinal = from; ordinal < to; ) {
      const number = Math.floor(ordinal / this.#perPage)
      const page = yield* this.#file.read(number)
      const start = number * this.#perPage
      const end = Math.min(to, start + page.length)
      if (end <= ordinal) throw new RangeError(`Page ${number} of the ids is too short.`)
      for (; ordinal < end; ordinal++) take(page.bytes(ordinal - start), ordinal)
    }
  }
}
