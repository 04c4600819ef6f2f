import { Buffer } from "node:buffer"
import type { Steps } from "../cache/steps.ts"
import { FileKind, SEGMENT_FIELD } from "../pages/keys.ts"
import { type PackedInts, readPacked, writePacked } from "../pages/packed.ts"
import { type PageReader, PageWriter, ROW_PAGE_BYTES } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { copyBytes } from "../values/copy-bytes.ts"

const FIXED_BYTES = 40
/** Ids that are read at a time. */
const BATCH = 512

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
  #bytes = new Uint8Array(2 * ROW_PAGE_BYTES)
  readonly #ends: Uint32Array
  #count = 0
  #pages = 0

  constructor(sink: PageSink, segment: number, perPage: number) {
    this.#sink = sink
    this.#segment = segment
    this.#perPage = perPage
    this.#ends = new Uint32Array(perPage)
  }

  /** The next id, from `from` up to `to`. */
  push(source: Uint8Array, from: number, to: number): void {
    const start = this.#count === 0 ? 0 : this.#ends[this.#count - 1]
    const end = start + to - from
    if (end > this.#bytes.length) {
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(end * 2))
    }
    copyBytes(source, from, to, this.#bytes, start)
    this.#ends[this.#count++] = end
    if (this.#count === this.#perPage) this.#endPage()
  }

  finish(): void {
    if (this.#count > 0) this.#endPage()
  }

  #endPage(): void {
    const page = this.#page
    const end = this.#ends[this.#count - 1]
    page.u32(this.#count)
    page.u32(end)
    page.raw(this.#bytes.subarray(0, end))
    writePacked(page, this.#ends, 0, this.#count)
    const file = { segment: this.#segment, field: SEGMENT_FIELD, kind: FileKind.idColumn }
    this.#sink.put(file, this.#pages++, page)
    this.#count = 0
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

  /** Writes where an id begins and ends among the bytes, and its first byte, to `out` at `at`. */
  place(index: number, out: Uint32Array, at: number): void {
    const from = index === 0 ? 0 : this.#ends.get(index - 1)
    out[at] = from
    out[at + 1] = this.#ends.get(index)
    out[at + 2] = this.#bytes[from]
  }

  text(from: number, to: number): string {
    return this.#bytes.toString("utf8", from, to)
  }

  /** All ids, one behind another, and where each ends. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  end(index: number): number {
    return this.#ends.get(index)
  }
}

/** Takes an id that lies in `bytes` from `from` up to `to`. */
export type TakeId = (bytes: Uint8Array, from: number, to: number, ordinal: number) => void

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
    const ids: string[] = []
    for (let from = 0; from < ordinals.length; from += BATCH) {
      const to = Math.min(ordinals.length, from + BATCH)
      const pages: IdPage[] = []
      let number = -1
      for (let i = from; i < to; i++) {
        const next = Math.floor(ordinals[i] / this.#perPage)
        pages.push(
          next === number
            ? pages[i - from - 1]
            : (this.#file.cached(next) ?? (yield* this.#file.read(next))),
        )
        number = next
      }
      // Scattered ids are read at the speed of memory: short loops have it fetch several at once.
      const places = new Uint32Array(3 * (to - from))
      for (let i = 0; i < pages.length; i++) {
        pages[i].place(ordinals[from + i] % this.#perPage, places, 3 * i)
      }
      for (let i = 0; i < pages.length; i++) {
        ids.push(pages[i].text(places[3 * i], places[3 * i + 1]))
      }
    }
    return ids
  }

  /** Loads the pages of ordinals that ascend in one batch, where that helps. */
  *prefetch(ordinals: Uint32Array): Steps<void> {
    if (ordinals.length < 2 || !this.#file.gainsByBatches) return
    const pages = new Set<number>()
    for (const ordinal of ordinals) pages.add(Math.floor(ordinal / this.#perPage))
    yield* this.#file.prefetchAll(pages)
  }

  /** Loads the pages of the ordinals from `from` up to `to` in one batch, where that helps. */
  *prefetchRange(from: number, to: number): Steps<void> {
    const first = Math.floor(from / this.#perPage)
    yield* this.#file.prefetch(first, Math.ceil(to / this.#perPage) - first)
  }

  /** Hands out every id from `from` up to `to`, by its place in a page. */
  *each(from: number, to: number, take: TakeId): Steps<void> {
    for (let ordinal = from; ordinal < to; ) {
      const number = Math.floor(ordinal / this.#perPage)
      const page = yield* this.#file.read(number)
      const start = number * this.#perPage
      const end = Math.min(to, start + page.length)
      if (end <= ordinal) throw new RangeError(`Page ${number} of the ids is too short.`)
      const { bytes } = page
      let at = ordinal === start ? 0 : page.end(ordinal - start - 1)
      for (; ordinal < end; ordinal++) {
        const idEnd = page.end(ordinal - start)
        take(bytes, at, idEnd, ordinal)
        at = idEnd
      }
    }
  }
}
