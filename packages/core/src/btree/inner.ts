import { type PackedInts, readPacked, writePacked } from "../pages/packed.ts"
import type { PageReader, PageWriter } from "../pages/page.ts"
import { compareBytes } from "../values/compare.ts"
import type { Value } from "../values/kind.ts"
import type { Cut } from "../values/value-set.ts"

/** A child of an interior node. */
export interface Child {
  /** Greater than every value before this child, and not greater than its first value. */
  readonly separator: Value
  /** Distinct values, and entries, of the field before this child. */
  readonly vidsBefore: number
  readonly entriesBefore: number
}

/**
 * Layout: u32 children, u32 page of the first child, u32 length of the heap; f64 entries before
 * each; f64 number of each separator (0 for a string); u32 vids before each; packed kinds; packed
 * ends of strings in the heap; the heap.
 */
export function writeInner(page: PageWriter, firstChild: number, children: readonly Child[]): void {
  const strings = children.map(({ separator: { payload } }) =>
    typeof payload === "number" ? new Uint8Array(0) : payload,
  )
  const ends = new Uint32Array(children.length)
  let end = 0
  strings.forEach((bytes, i) => {
    end += bytes.length
    ends[i] = end
  })
  page.u32(children.length)
  page.u32(firstChild)
  page.u32(end)
  page.align(8)
  for (const child of children) page.f64(child.entriesBefore)
  for (const { separator } of children) {
    page.f64(typeof separator.payload === "number" ? separator.payload : 0)
  }
  for (const child of children) page.u32(child.vidsBefore)
  const kinds = Uint32Array.from(children, (child) => child.separator.kind)
  writePacked(page, kinds, 0, kinds.length)
  writePacked(page, ends, 0, ends.length)
  for (const bytes of strings) page.raw(bytes)
}

/** A decoded interior node: counts for each child, and a separator to find the way down. */
export class InnerPage {
  readonly length: number
  readonly byteLength: number
  readonly #firstChild: number
  readonly #entriesBefore: Float64Array
  readonly #numbers: Float64Array
  readonly #vidsBefore: Uint32Array
  readonly #kinds: PackedInts
  readonly #ends: PackedInts
  readonly #heap: Uint8Array

  constructor(page: PageReader) {
    const length = page.u32()
    this.length = length
    this.#firstChild = page.u32()
    const heapLength = page.u32()
    page.align(8)
    this.#entriesBefore = page.f64s(length)
    this.#numbers = page.f64s(length)
    this.#vidsBefore = page.u32s(length)
    this.#kinds = readPacked(page, length)
    this.#ends = readPacked(page, length)
    this.#heap = page.raw(heapLength)
    this.byteLength = page.bytes.length
  }

  /** The page of a child, one level down. */
  page(index: number): number {
    return this.#firstChild + index
  }

  vidsBefore(index: number): number {
    return this.#vidsBefore[index]
  }

  entriesBefore(index: number): number {
    return this.#entriesBefore[index]
  }

  /** The child in which a cut lies. */
  childAtCut(cut: Cut): number {
    return this.#last((index) => this.#isBefore(index, cut))
  }

  /** The child that holds a value by its number. */
  childAtVid(vid: number): number {
    return this.#last((index) => this.#vidsBefore[index] <= vid)
  }

  /** The child that holds an entry by its number. */
  childAtEntry(entry: number): number {
    return this.#last((index) => this.#entriesBefore[index] <= entry)
  }

  /** The last child of which `holds` is true, or the first child. */
  #last(holds: (index: number) => boolean): number {
    let low = 1
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (holds(middle)) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #isBefore(index: number, cut: Cut): boolean {
    const kind = this.#kinds.get(index)
    if (kind !== cut.kind) return kind < cut.kind
    if (cut.value === undefined) return false
    const target = cut.value.payload
    const order =
      typeof target === "number"
        ? this.#numbers[index] - target
        : compareBytes(this.#string(index), target)
    // Infinities compare as NaN when they are equal.
    return order < 0 || (cut.after && !(order > 0))
  }

  #string(index: number): Uint8Array {
    return this.#heap.subarray(index === 0 ? 0 : this.#ends.get(index - 1), this.#ends.get(index))
  }
}
