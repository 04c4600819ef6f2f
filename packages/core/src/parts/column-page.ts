import { PackedInts, readPacked } from "../pages/packed.ts"
import type { PageReader } from "../pages/page.ts"
import type { ColumnPage } from "./part.ts"
import type { VidSet } from "./vid-set.ts"

/** How a column page is stored; `constant` pages are not stored at all. */
export const ColumnForm = { constant: 0, single: 1, multi: 2 } as const

/** Up to so many elements are compared with each other; beyond, a set tells which are new. */
const SHORT_ARRAY = 16

/**
 * A page of a column. Rows that hold one value have packed numbers; a page with arrays has the
 * array length of each row (0 for a row that holds one value) and all numbers in row order.
 *
 * Layout: u32 first ordinal, u32 rows, u32 form, u32 numbers; packed array lengths (multi only);
 * packed numbers.
 */
export class StoredColumnPage implements ColumnPage {
  readonly byteLength: number
  readonly #first: number
  readonly #numbers: PackedInts
  /** Where each row's numbers begin, and its array length; undefined without arrays. */
  readonly #starts: Uint32Array | undefined
  readonly #lengths: PackedInts | undefined

  constructor(page: PageReader | ConstantRows) {
    if (page instanceof ConstantRows) {
      this.#first = page.first
      this.#numbers = new PackedInts(page.rows, page.vid, 0, new Uint8Array(0), new Uint8Array(0))
      this.byteLength = 0
      return
    }
    this.#first = page.u32()
    const rows = page.u32()
    const form = page.u32()
    const numbers = page.u32()
    this.byteLength = page.bytes.length
    if (form === ColumnForm.multi) {
      const lengths = readPacked(page, rows)
      const starts = new Uint32Array(rows + 1)
      for (let i = 0; i < rows; i++) starts[i + 1] = starts[i] + Math.max(1, lengths.get(i))
      this.#lengths = lengths
      this.#starts = starts
      this.byteLength += starts.byteLength
    }
    this.#numbers = readPacked(page, numbers)
  }

  /** The numbers by row, if no row of the page has an array. */
  get singles(): PackedInts | undefined {
    return this.#starts === undefined ? this.#numbers : undefined
  }

  select(
    vids: VidSet,
    ordinals: Uint32Array,
    from: number,
    to: number,
    out: Uint32Array,
    at: number,
  ): number {
    if (this.#starts !== undefined) return this.#selectMulti(vids, ordinals, from, to, out, at)
    const first = this.#first
    const { low, high, base, width } = this.#numbers
    if (width === 0) {
      if (!vids.has(base)) return at
      out.set(ordinals.subarray(from, to), at)
      return at + to - from
    }
    let end = at
    if (vids.isRun) {
      // One comparison for both bounds: below the lower one wraps around to a great number.
      const shift = base - vids.intervals[0]
      const span = vids.intervals[1] - vids.intervals[0]
      if (width === 3) {
        for (let i = from; i < to; i++) {
          const row = ordinals[i] - first
          out[end] = ordinals[i]
          if ((low[row] + (high[row] << 16) + shift) >>> 0 < span) end++
        }
      } else {
        for (let i = from; i < to; i++) {
          out[end] = ordinals[i]
          if ((low[ordinals[i] - first] + shift) >>> 0 < span) end++
        }
      }
      return end
    }
    const { table } = vids
    for (let i = from; i < to; i++) {
      out[end] = ordinals[i]
      end += table[this.#numbers.get(ordinals[i] - first)]
    }
    return end
  }

  #selectMulti(
    vids: VidSet,
    ordinals: Uint32Array,
    from: number,
    to: number,
    out: Uint32Array,
    at: number,
  ): number {
    let end = at
    for (let i = from; i < to; i++) {
      if (this.#rowHas(vids, ordinals[i] - this.#first)) out[end++] = ordinals[i]
    }
    return end
  }

  #rowHas(vids: VidSet, row: number): boolean {
    const from = this.#start(row)
    const to = this.#start(row + 1)
    for (let i = from; i < to; i++) if (vids.has(this.#numbers.get(i))) return true
    return false
  }

  #start(row: number): number {
    return this.#starts === undefined ? row : this.#starts[row]
  }

  scan(vids: VidSet, first: number, end: number, words: Uint32Array): void {
    const base = this.#first
    if (this.#starts !== undefined) {
      for (let ordinal = first; ordinal < end; ordinal++) {
        if (this.#rowHas(vids, ordinal - base)) words[ordinal >>> 5] |= 1 << (ordinal & 31)
      }
      return
    }
    const numbers = this.#numbers
    const { low, high } = numbers
    if (vids.isRun && numbers.width > 0) {
      const shift = numbers.base - vids.intervals[0]
      const span = vids.intervals[1] - vids.intervals[0]
      const isWide = numbers.width === 3
      for (let ordinal = first; ordinal < end; ) {
        // Collect a word's bits in a register: pages begin at multiples of 64.
        const stop = Math.min(end, (ordinal | 31) + 1)
        const word = ordinal >>> 5
        let bits = 0
        for (; ordinal < stop; ordinal++) {
          const row = ordinal - base
          const number = isWide ? low[row] + (high[row] << 16) : low[row]
          if ((number + shift) >>> 0 < span) bits |= 1 << (ordinal & 31)
        }
        words[word] |= bits
      }
      return
    }
    for (let ordinal = first; ordinal < end; ordinal++) {
      if (vids.has(numbers.get(ordinal - base))) words[ordinal >>> 5] |= 1 << (ordinal & 31)
    }
  }

  tally(ordinals: Uint32Array, from: number, to: number, counts: Uint32Array): void {
    const first = this.#first
    const numbers = this.#numbers
    if (this.#starts === undefined) {
      for (let i = from; i < to; i++) counts[numbers.get(ordinals[i] - first)]++
      return
    }
    for (let i = from; i < to; i++) {
      const row = ordinals[i] - first
      const start = this.#starts[row]
      const end = this.#starts[row + 1]
      if (end - start > SHORT_ARRAY) {
        for (const vid of new Set(this.values(ordinals[i]))) counts[vid]++
        continue
      }
      for (let j = start; j < end; j++) {
        const vid = numbers.get(j)
        if (isFirst(numbers, start, j, vid)) counts[vid]++
      }
    }
  }

  sortKey(ordinal: number, descending: boolean): number {
    const row = ordinal - this.#first
    const start = this.#start(row)
    const end = this.#start(row + 1)
    let key = this.#numbers.get(start)
    for (let i = start + 1; i < end; i++) {
      const vid = this.#numbers.get(i)
      if (descending ? vid > key : vid < key) key = vid
    }
    return key
  }

  arrayLength(ordinal: number): number {
    const length = this.#lengths?.get(ordinal - this.#first) ?? 0
    return length === 0 ? -1 : length
  }

  values(ordinal: number): Uint32Array {
    const row = ordinal - this.#first
    const start = this.#start(row)
    const out = new Uint32Array(this.#start(row + 1) - start)
    this.#numbers.copy(start, start + out.length, out, 0, 0)
    return out
  }
}

/** Rows that all hold one value, which takes no page. */
export class ConstantRows {
  readonly first: number
  readonly rows: number
  readonly vid: number

  constructor(first: number, rows: number, vid: number) {
    this.first = first
    this.rows = rows
    this.vid = vid
  }
}

/** Whether a number does not occur earlier in the same array. */
function isFirst(numbers: PackedInts, start: number, at: number, vid: number): boolean {
  for (let i = start; i < at; i++) if (numbers.get(i) === vid) return false
  return true
}
