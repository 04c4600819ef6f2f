import type { Steps } from "../cache/steps.ts"
import { FileKind, SEGMENT_FIELD } from "../pages/keys.ts"
import { type PackedInts, readPacked, writePacked } from "../pages/packed.ts"
import { type PageReader, PageWriter } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import type { PageSink } from "../pages/page-sink.ts"

/** Sequence numbers for each page. */
const ROWS = 8128

/**
 * Writes the write sequence of each ordinal, which ascends. A page whose numbers follow each other
 * without gaps is described by the directory alone; in a page whose numbers span 2^32 or more they
 * are plain doubles.
 *
 * Layout of a page: u32 form, u32 rows, then f64s (form 0) or packed offsets from the page's first
 * number (form 1).
 * Layout of the directory: u32 pages; f64 first of each; f64 last of each.
 */
export class SequenceWriter {
  readonly #sink: PageSink
  readonly #segment: number
  readonly #page = new PageWriter()
  readonly #rows = new Float64Array(ROWS)
  #count = 0
  readonly #firsts: number[] = []
  readonly #lasts: number[] = []

  constructor(sink: PageSink, segment: number) {
    this.#sink = sink
    this.#segment = segment
  }

  push(sequence: number): void {
    this.#rows[this.#count++] = sequence
    if (this.#count === ROWS) this.#endPage()
  }

  #endPage(): void {
    const rows = this.#rows.subarray(0, this.#count)
    const first = rows[0]
    const last = rows[rows.length - 1]
    if (last - first !== rows.length - 1) {
      const page = this.#page
      if (last - first < 2 ** 32) {
        page.u32(1)
        page.u32(rows.length)
        const offsets = Uint32Array.from(rows, (sequence) => sequence - first)
        writePacked(page, offsets, 0, offsets.length)
      } else {
        page.u32(0)
        page.u32(rows.length)
        for (const sequence of rows) page.f64(sequence)
      }
      const file = { segment: this.#segment, field: SEGMENT_FIELD, kind: FileKind.sequences }
      this.#sink.put(file, this.#firsts.length, page)
    }
    this.#firsts.push(first)
    this.#lasts.push(last)
    this.#count = 0
  }

  finish(): void {
    if (this.#count > 0) this.#endPage()
    const page = this.#page
    page.u32(this.#firsts.length)
    page.align(8)
    for (const first of this.#firsts) page.f64(first)
    for (const last of this.#lasts) page.f64(last)
    const kind = FileKind.sequenceDirectory
    this.#sink.put({ segment: this.#segment, field: SEGMENT_FIELD, kind }, 0, page)
  }
}

class SequenceDirectory {
  readonly byteLength: number
  readonly firsts: Float64Array
  readonly lasts: Float64Array

  constructor(page: PageReader) {
    const pages = page.u32()
    page.align(8)
    this.firsts = page.f64s(pages)
    this.lasts = page.f64s(pages)
    this.byteLength = page.bytes.length
  }
}

class SequencePage {
  readonly byteLength: number
  readonly #offsets: PackedInts | undefined
  readonly #doubles: Float64Array | undefined

  constructor(page: PageReader) {
    this.byteLength = page.bytes.length
    const isPacked = page.u32() === 1
    const rows = page.u32()
    if (isPacked) this.#offsets = readPacked(page, rows)
    else this.#doubles = page.f64s(rows)
  }

  get(row: number, first: number): number {
    if (this.#offsets !== undefined) return first + this.#offsets.get(row)
    return this.#doubles === undefined ? first : this.#doubles[row]
  }
}

/** The write sequences of a segment by ordinal. */
export class Sequences {
  readonly #size: number
  readonly #directory: PageFile<SequenceDirectory>
  readonly #pages: PageFile<SequencePage>

  constructor(source: PageSource, segment: number, size: number) {
    const address = { segment, field: SEGMENT_FIELD }
    this.#size = size
    this.#directory = new PageFile(
      source,
      { ...address, kind: FileKind.sequenceDirectory },
      SequenceDirectory,
    )
    this.#pages = new PageFile(source, { ...address, kind: FileKind.sequences }, SequencePage)
  }

  *at(ordinal: number): Steps<number> {
    const directory = this.#directory.cached(0) ?? (yield* this.#directory.read(0))
    const number = Math.floor(ordinal / ROWS)
    const first = directory.firsts[number]
    const row = ordinal - number * ROWS
    if (this.#isRun(directory, number)) return first + row
    const page = this.#pages.cached(number) ?? (yield* this.#pages.read(number))
    return page.get(row, first)
  }

  /** Those of the ordinals from `from` on, as many as `out` takes. */
  *read(from: number, out: Float64Array): Steps<void> {
    const directory = this.#directory.cached(0) ?? (yield* this.#directory.read(0))
    for (let at = 0; at < out.length; ) {
      const number = Math.floor((from + at) / ROWS)
      const start = number * ROWS - from
      const end = Math.min(out.length, start + ROWS)
      const first = directory.firsts[number]
      const page = this.#isRun(directory, number)
        ? undefined
        : (this.#pages.cached(number) ?? (yield* this.#pages.read(number)))
      for (; at < end; at++) out[at] = page?.get(at - start, first) ?? first + at - start
    }
  }

  /** The first ordinal whose sequence is greater. */
  *after(sequence: number): Steps<number> {
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((yield* this.at(middle)) <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }

  #isRun({ firsts, lasts }: SequenceDirectory, number: number): boolean {
    const rows = Math.min(ROWS, this.#size - number * ROWS)
    return lasts[number] - firsts[number] === rows - 1
  }
}
