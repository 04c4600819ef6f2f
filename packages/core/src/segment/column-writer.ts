import type { FileAddress } from "../pages/keys.ts"
import { FileKind } from "../pages/keys.ts"
import { type PackedInts, readPacked, writePacked } from "../pages/packed.ts"
import { type PageReader, PageWriter } from "../pages/page.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { ColumnForm } from "../parts/column-page.ts"
import type { Zone } from "../parts/part.ts"

/**
 * Rows of a column page: a multiple of 64, chosen so that pages of one-byte, two-byte and
 * three-byte numbers all fill pages of LMDB.
 */
const ROWS = 8128
/** A page of arrays has at most this many numbers. */
const MAX_PAGE_NUMBERS = 65_536

/** Rows for each page of a column whose longest array has `maxArray` elements. */
export function rowsPerPage(maxArray: number): number {
  const rows = Math.floor(MAX_PAGE_NUMBERS / Math.max(1, maxArray) / 64) * 64
  return Math.min(ROWS, Math.max(64, rows))
}

/** Numbers in a page of a column whose longest array has `maxArray` elements, at most. */
export function numbersPerPage(maxArray: number): number {
  return rowsPerPage(maxArray) * Math.max(1, maxArray)
}

/** Writes a column row by row, then its directory. */
export class ColumnWriter {
  readonly #sink: PageSink
  readonly #file: FileAddress
  readonly #rowsPerPage: number
  readonly #page = new PageWriter()
  readonly #lengths: Uint32Array
  #numbers: Uint32Array<ArrayBuffer>
  #rows = 0
  #count = 0
  #hasArrays = false
  #first = 0
  readonly #mins: number[] = []
  readonly #maxes: number[] = []
  readonly #forms: number[] = []
  /** Rows that hold an array with elements. */
  arrays = 0

  constructor(sink: PageSink, segment: number, field: number, rows: number) {
    this.#sink = sink
    this.#file = { segment, field, kind: FileKind.column }
    this.#rowsPerPage = rows
    this.#lengths = new Uint32Array(rows)
    this.#numbers = new Uint32Array(rows)
  }

  /** A row that holds one value. */
  push(vid: number): void {
    if (this.#count === this.#numbers.length) this.#grow(1)
    this.#lengths[this.#rows++] = 0
    this.#numbers[this.#count++] = vid
    if (this.#rows === this.#rowsPerPage) this.#endPage()
  }

  /** A row that holds an array with elements. */
  pushArray(vids: Uint32Array): void {
    if (this.#count + vids.length > this.#numbers.length) this.#grow(vids.length)
    this.#lengths[this.#rows++] = vids.length
    this.#numbers.set(vids, this.#count)
    this.#count += vids.length
    this.#hasArrays = true
    this.arrays++
    if (this.#rows === this.#rowsPerPage) this.#endPage()
  }

  #grow(count: number): void {
    const length = Math.min(this.#numbers.length * 2, MAX_PAGE_NUMBERS)
    const bytes = 4 * Math.max(length, this.#count + count)
    this.#numbers = new Uint32Array(this.#numbers.buffer.transfer(bytes))
  }

  #endPage(): void {
    let min = 0xffffffff
    let max = 0
    for (let i = 0; i < this.#count; i++) {
      const vid = this.#numbers[i]
      if (vid < min) min = vid
      if (vid > max) max = vid
    }
    const form = this.#hasArrays
      ? ColumnForm.multi
      : min === max
        ? ColumnForm.constant
        : ColumnForm.single
    if (form !== ColumnForm.constant) {
      const page = this.#page
      page.u32(this.#first)
      page.u32(this.#rows)
      page.u32(form)
      page.u32(this.#count)
      if (form === ColumnForm.multi) writePacked(page, this.#lengths, 0, this.#rows)
      writePacked(page, this.#numbers, 0, this.#count)
      this.#sink.put(this.#file, this.#mins.length, page)
    }
    this.#mins.push(min)
    this.#maxes.push(max)
    this.#forms.push(form)
    this.#first += this.#rows
    this.#rows = 0
    this.#count = 0
    this.#hasArrays = false
  }

  finish(): void {
    if (this.#rows > 0) this.#endPage()
    const page = this.#page
    page.u32(this.#mins.length)
    for (const part of [this.#mins, this.#maxes, this.#forms]) {
      writePacked(page, Uint32Array.from(part), 0, part.length)
    }
    this.#sink.put({ ...this.#file, kind: FileKind.columnDirectory }, 0, page)
  }
}

/**
 * Least and greatest number, and the form, of each page of a column.
 *
 * Layout: u32 pages; packed minima; packed maxima; packed forms.
 */
export class ColumnDirectory {
  readonly byteLength: number
  readonly pages: number
  readonly #mins: PackedInts
  readonly #maxes: PackedInts
  readonly #forms: PackedInts

  constructor(page: PageReader) {
    this.pages = page.u32()
    this.#mins = readPacked(page, this.pages)
    this.#maxes = readPacked(page, this.pages)
    this.#forms = readPacked(page, this.pages)
    this.byteLength = page.bytes.length
  }

  zone(page: number): Zone {
    return { min: this.#mins.get(page), max: this.#maxes.get(page) }
  }

  isConstant(page: number): boolean {
    return this.#forms.get(page) === ColumnForm.constant
  }
}
