import type { ColumnPage } from "../parts/part.ts"
import type { VidSet } from "../parts/vid-set.ts"
import type { CellMemory } from "./cell-memory.ts"
import { type GrowableImage, GrowableU32 } from "./growable.ts"
import { ValueRange } from "./value-range.ts"

/** Rows of a chunk; small, because sparse fields have chunks too. */
export const COLUMN_ROWS = 1024
/** A cell with this bit points to a list. */
const LIST = 0x80000000
const EMPTY_CHUNK = new Uint32Array(COLUMN_ROWS)

/** What a column consists of, for another thread. */
export interface ColumnImage {
  readonly chunks: readonly (Uint32Array | undefined)[]
  readonly lists: GrowableImage<Uint32Array>
  readonly maxArray: number
}

/**
 * The values of a field by ordinal. A cell holds a number of the dictionary, 0 (`missing`) at
 * first, or points to a list: its length, then its numbers.
 */
export class Column {
  readonly #memory: CellMemory
  readonly #chunks: (Uint32Array | undefined)[]
  readonly lists: GrowableU32
  #chunkCount = 0
  /** Elements of the longest list. */
  maxArray: number

  constructor(memory: CellMemory, image?: ColumnImage) {
    this.#memory = memory
    this.#chunks = [...(image?.chunks ?? [])]
    this.lists = new GrowableU32(image?.lists)
    this.maxArray = image?.maxArray ?? 0
  }

  get image(): ColumnImage {
    return { chunks: this.#chunks, lists: this.lists.image, maxArray: this.maxArray }
  }

  get byteLength(): number {
    return this.#chunkCount * COLUMN_ROWS * 4 + this.lists.byteLength
  }

  set(ordinal: number, vid: number): void {
    const index = Math.floor(ordinal / COLUMN_ROWS)
    let chunk = this.#chunks[index]
    if (chunk === undefined) {
      chunk = this.#memory.take(COLUMN_ROWS)
      this.#chunks[index] = chunk
      this.#chunkCount++
    }
    chunk[ordinal % COLUMN_ROWS] = vid
  }

  /** Returns where the first number of the list is. */
  setList(ordinal: number, vids: Uint32Array): number {
    const at = this.lists.length
    this.lists.push(vids.length)
    for (const vid of vids) this.lists.push(vid)
    this.set(ordinal, LIST | at)
    this.maxArray = Math.max(this.maxArray, vids.length)
    return at + 1
  }

  /** The chunk of an ordinal; without one all its cells are 0. */
  chunk(ordinal: number): Uint32Array {
    return this.#chunks[Math.floor(ordinal / COLUMN_ROWS)] ?? EMPTY_CHUNK
  }

  page(ordinal: number, compare: (a: number, b: number) => number): MemoryColumnPage {
    const first = Math.floor(ordinal / COLUMN_ROWS) * COLUMN_ROWS
    return new MemoryColumnPage(first, this.chunk(ordinal), this.lists, compare)
  }
}

/** Whether a cell points to a list, and to which. */
export function listAt(cell: number): number {
  return cell >= LIST ? cell - LIST : -1
}

/** A chunk as queries see it. */
export class MemoryColumnPage implements ColumnPage {
  readonly byteLength = 0
  readonly #first: number
  readonly #cells: Uint32Array
  readonly #lists: GrowableU32
  readonly #compare: (a: number, b: number) => number

  constructor(
    first: number,
    cells: Uint32Array,
    lists: GrowableU32,
    compare: (a: number, b: number) => number,
  ) {
    this.#first = first
    this.#cells = cells
    this.#lists = lists
    this.#compare = compare
  }

  select(
    vids: VidSet,
    ordinals: Uint32Array,
    from: number,
    to: number,
    out: Uint32Array,
    at: number,
  ): number {
    let end = at
    const cells = this.#cells
    const first = this.#first
    const run = vids instanceof ValueRange ? vids.run : undefined
    if (run !== undefined) {
      const { places } = run.order
      for (let i = from; i < to; i++) {
        const cell = cells[ordinals[i] - first]
        const isIn =
          cell < places.length ? (places[cell] - run.low) >>> 0 < run.span : this.#has(cell, vids)
        if (isIn) out[end++] = ordinals[i]
      }
      return end
    }
    if (vids.isRun) {
      const low = vids.intervals[0]
      const span = vids.intervals[1] - low
      for (let i = from; i < to; i++) {
        const cell = cells[ordinals[i] - first]
        const isIn = cell >= LIST ? this.#listHas(cell, vids) : (cell - low) >>> 0 < span
        if (isIn) out[end++] = ordinals[i]
      }
      return end
    }
    const { table } = vids
    for (let i = from; i < to; i++) {
      const cell = cells[ordinals[i] - first]
      if (cell >= LIST ? this.#listHas(cell, vids) : table[cell] === 1) out[end++] = ordinals[i]
    }
    return end
  }

  /** Whether what a cell holds, a number or a list, is in a set. */
  #has(cell: number, vids: VidSet): boolean {
    return cell >= LIST ? this.#listHas(cell, vids) : vids.has(cell)
  }

  #listHas(cell: number, vids: VidSet): boolean {
    const at = listAt(cell)
    const end = at + this.#lists.get(at)
    for (let i = at + 1; i <= end; i++) if (vids.has(this.#lists.get(i))) return true
    return false
  }

  scan(vids: VidSet, first: number, end: number, words: Uint32Array): void {
    const cells = this.#cells
    const base = this.#first
    const run = vids instanceof ValueRange ? vids.run : undefined
    if (run !== undefined) {
      const { low, span } = run
      const { places } = run.order
      for (let ordinal = first; ordinal < end; ) {
        // Collect a word's bits in a register: pages begin at multiples of 32.
        const stop = Math.min(end, (ordinal | 31) + 1)
        const word = ordinal >>> 5
        let bits = 0
        for (; ordinal < stop; ordinal++) {
          const cell = cells[ordinal - base]
          const isIn =
            cell < places.length ? (places[cell] - low) >>> 0 < span : this.#has(cell, vids)
          if (isIn) bits |= 1 << (ordinal & 31)
        }
        words[word] |= bits
      }
      return
    }
    for (let ordinal = first; ordinal < end; ordinal++) {
      if (this.#has(cells[ordinal - base], vids)) words[ordinal >>> 5] |= 1 << (ordinal & 31)
    }
  }

  tally(ordinals: Uint32Array, from: number, to: number, counts: Uint32Array): void {
    for (let i = from; i < to; i++) {
      const cell = this.#cells[ordinals[i] - this.#first]
      if (cell < LIST) counts[cell]++
      else for (const vid of new Set(this.values(ordinals[i]))) counts[vid]++
    }
  }

  sortKey(ordinal: number, descending: boolean): number {
    const cell = this.#cells[ordinal - this.#first]
    if (cell < LIST) return cell
    const vids = this.values(ordinal)
    let key = vids[0]
    for (const vid of vids) {
      const order = this.#compare(vid, key)
      if (descending ? order > 0 : order < 0) key = vid
    }
    return key
  }

  arrayLength(ordinal: number): number {
    const at = listAt(this.#cells[ordinal - this.#first])
    return at < 0 ? -1 : this.#lists.get(at)
  }

  values(ordinal: number): Uint32Array {
    const cell = this.#cells[ordinal - this.#first]
    const at = listAt(cell)
    if (at < 0) return Uint32Array.of(cell)
    const out = new Uint32Array(this.#lists.get(at))
    for (let i = 0; i < out.length; i++) out[i] = this.#lists.get(at + 1 + i)
    return out
  }
}
