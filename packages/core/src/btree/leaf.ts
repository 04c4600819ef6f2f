import { type PackedInts, readPacked, writePacked } from "../pages/packed.ts"
import type { PageReader, PageWriter } from "../pages/page.ts"
import { compareBytes } from "../values/compare.ts"
import { copyBytes } from "../values/copy-bytes.ts"
import { Kind, type Value } from "../values/kind.ts"
import type { ValueRef } from "../values/value-ref.ts"
import type { Cut } from "../values/value-set.ts"

/** Where the postings of a value with many ordinals begin: see `postings.ts`. */
export interface PostingsRef {
  readonly page: number
  readonly container: number
  /** Pages that they touch. */
  readonly pages: number
  /** How many ordinals. */
  readonly count: number
}

/** What a leaf page holds, before it is written. All values are of one kind. */
export interface LeafContents {
  kind: number
  firstVid: number
  firstEntry: number
  /** For kinds with numeric payloads; empty for strings. Ascending. */
  numbers: Float64Array
  /** For strings: bytes after the common prefix, one after another, and where each ends. */
  prefix: Uint8Array
  bytes: Uint8Array
  ends: Uint32Array
  /** Ordinals for each value. */
  counts: Uint32Array
  /** Ordinals of the values whose postings are kept in the leaf, in value order. */
  inline: Uint32Array
  /** Values (by place in the leaf) whose postings are kept elsewhere. */
  external: readonly (PostingsRef & { readonly index: number })[]
}

/** How numbers are stored. */
const NumberMode = { plain: 0, integers: 1 } as const

/**
 * Layout: u32 kind, u32 values, u32 first vid, u32 externals, f64 first entry; the values; packed
 * counts; packed index, page, container and page count of the externals; u32 inline ordinals,
 * packed inline ordinals.
 */
export function writeLeaf(page: PageWriter, leaf: LeafContents): void {
  const { counts, external } = leaf
  page.u32(leaf.kind)
  page.u32(counts.length)
  page.u32(leaf.firstVid)
  page.u32(external.length)
  page.f64(leaf.firstEntry)
  if (leaf.kind === Kind.string) writeStrings(page, leaf)
  else writeNumbers(page, leaf.numbers)
  writePacked(page, counts, 0, counts.length)
  if (external.length > 0) {
    for (const part of ["index", "page", "container", "pages"] as const) {
      const column = Uint32Array.from(external, (ref) => ref[part])
      writePacked(page, column, 0, column.length)
    }
  }
  page.u32(leaf.inline.length)
  writePacked(page, leaf.inline, 0, leaf.inline.length)
}

function writeStrings(page: PageWriter, leaf: LeafContents): void {
  page.u32(leaf.prefix.length)
  page.u32(leaf.bytes.length)
  page.raw(leaf.prefix)
  page.raw(leaf.bytes)
  writePacked(page, leaf.ends, 0, leaf.ends.length)
}

function writeNumbers(page: PageWriter, numbers: Float64Array): void {
  if (isIntegerRun(numbers[0], numbers[numbers.length - 1]) && numbers.every(Number.isInteger)) {
    page.u32(NumberMode.integers)
    page.align(8)
    page.f64(numbers[0])
    const offsets = Uint32Array.from(numbers, (value) => value - numbers[0])
    writePacked(page, offsets, 0, offsets.length)
  } else {
    page.u32(NumberMode.plain)
    page.align(8)
    page.raw(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
  }
}

/** Whether numbers from `first` to `last`, if they are integers, fit a base and 32-bit offsets. */
export function isIntegerRun(first: number, last: number): boolean {
  return Number.isSafeInteger(first) && Number.isSafeInteger(last) && last - first < 2 ** 32
}

/** A decoded leaf: distinct values in order, how often each occurs, and their ordinals. */
export class LeafPage {
  readonly kind: Kind
  /** Number of distinct values. */
  readonly length: number
  /** Values of the field before this leaf. */
  readonly firstVid: number
  /** Entries (ordinals, over all values) before this leaf. */
  readonly firstEntry: number
  readonly byteLength: number
  readonly #plain: Float64Array | undefined
  readonly #base: number
  readonly #offsets: PackedInts | undefined
  readonly #prefix: Uint8Array
  readonly #bytes: Uint8Array
  readonly #ends: PackedInts | undefined
  readonly #counts: PackedInts
  readonly #externals: Map<number, PostingsRef>
  readonly inline: PackedInts
  // Where each value's entries and inline ordinals begin; undefined while every value has one.
  readonly #starts: Uint32Array | undefined
  readonly #inlineStarts: Uint32Array | undefined

  constructor(page: PageReader) {
    this.kind = toKind(page.u32())
    const length = page.u32()
    this.length = length
    this.firstVid = page.u32()
    const externals = page.u32()
    this.firstEntry = page.f64()
    this.#base = 0
    this.#prefix = EMPTY
    this.#bytes = EMPTY
    if (this.kind === Kind.string) {
      const prefixLength = page.u32()
      const bytesLength = page.u32()
      this.#prefix = page.raw(prefixLength)
      this.#bytes = page.raw(bytesLength)
      this.#ends = readPacked(page, length)
    } else if (page.u32() === NumberMode.integers) {
      page.align(8)
      this.#base = page.f64()
      this.#offsets = readPacked(page, length)
    } else {
      page.align(8)
      this.#plain = page.f64s(length)
    }
    this.#counts = readPacked(page, length)
    this.#externals = readExternals(page, externals, this.#counts)
    this.inline = readPacked(page, page.u32())
    const isUnique = this.#counts.width === 0 && this.#counts.base === 1
    if (!isUnique) {
      this.#starts = runningSum(this.#counts, NO_EXTERNALS)
      this.#inlineStarts =
        externals === 0 ? this.#starts : runningSum(this.#counts, this.#externals)
    }
    this.byteLength = page.bytes.length + (isUnique ? 0 : length * (externals === 0 ? 4 : 8))
  }

  /** Lets a reference look at the value at a place; `buffer` is what `unpackStrings` returned. */
  look(index: number, buffer: Uint8Array, into: ValueRef): void {
    if (this.kind !== Kind.string) into.setNumber(this.kind, this.#number(index))
    else {
      const skip = this.#prefix.length
      const from = this.#stringStart(index) + skip * index
      into.setString(buffer, from, this.#stringEnd(index) + skip * (index + 1))
    }
  }

  /** All strings with their prefix, one behind another: in `buffer`, if they fit. */
  unpackStrings(buffer: Uint8Array): Uint8Array {
    const skip = this.#prefix.length
    if (skip === 0 || this.length === 0) return this.#bytes
    const size = this.#stringEnd(this.length - 1) + skip * this.length
    const out = size > buffer.length ? new Uint8Array(size) : buffer
    let at = 0
    for (let index = 0; index < this.length; index++) {
      at += copyBytes(this.#prefix, 0, skip, out, at)
      at += copyBytes(this.#bytes, this.#stringStart(index), this.#stringEnd(index), out, at)
    }
    return out
  }

  /** The value at a place in this leaf. */
  value(index: number): Value {
    if (this.kind !== Kind.string) return { kind: this.kind, payload: this.#number(index) }
    const from = this.#stringStart(index)
    const to = this.#stringEnd(index)
    const payload = new Uint8Array(this.#prefix.length + to - from)
    payload.set(this.#prefix)
    payload.set(this.#bytes.subarray(from, to), this.#prefix.length)
    return { kind: this.kind, payload }
  }

  count(index: number): number {
    return this.#counts.get(index)
  }

  /** Entries of this leaf before a place in it. */
  entriesBefore(index: number): number {
    return this.#starts === undefined ? index : this.#starts[index]
  }

  /** The place of the value that has an entry of this leaf. */
  indexAt(entry: number): number {
    let low = 0
    let high = this.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.entriesBefore(middle) <= entry) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Inline ordinals of this leaf before a place in it. */
  inlineBefore(index: number): number {
    return this.#inlineStarts === undefined ? index : this.#inlineStarts[index]
  }

  /** Where a value's postings are, unless they are inline. */
  external(index: number): PostingsRef | undefined {
    return this.#externals.get(index)
  }

  get hasPrefix(): boolean {
    return this.#prefix.length > 0
  }

  get hasExternals(): boolean {
    return this.#externals.size > 0
  }

  /** How many values of this leaf lie before a cut. */
  valuesBefore(cut: Cut): number {
    if (this.kind !== cut.kind) return this.kind < cut.kind ? this.length : 0
    if (cut.value === undefined) return 0
    const target = cut.value.payload
    const least = cut.after ? 1 : 0
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(middle, target) < least) low = middle + 1
      else high = middle
    }
    return low
  }

  #compare(index: number, target: number | Uint8Array): number {
    if (typeof target === "number") {
      const number = this.#number(index)
      return number < target ? -1 : number > target ? 1 : 0
    }
    const shared = this.#prefix
    const head = compareBytes(shared, target.subarray(0, shared.length))
    if (head !== 0) return head
    const own = this.#bytes.subarray(this.#stringStart(index), this.#stringEnd(index))
    return compareBytes(own, target.subarray(shared.length))
  }

  #number(index: number): number {
    if (this.#offsets !== undefined) return this.#base + this.#offsets.get(index)
    return this.#plain === undefined ? 0 : this.#plain[index]
  }

  #stringStart(index: number): number {
    return index === 0 ? 0 : this.#stringEnd(index - 1)
  }

  #stringEnd(index: number): number {
    return this.#ends === undefined ? 0 : this.#ends.get(index)
  }
}

const EMPTY = new Uint8Array(0)
const NO_EXTERNALS: ReadonlyMap<number, PostingsRef> = new Map()

function toKind(number: number): Kind {
  const kind = Object.values(Kind).find((value) => value === number)
  if (kind === undefined) throw new RangeError(`There is no kind ${number}.`)
  return kind
}

function readExternals(page: PageReader, length: number, counts: PackedInts) {
  const externals = new Map<number, PostingsRef>()
  if (length === 0) return externals
  const [index, first, container, pages] = [0, 1, 2, 3].map(() => readPacked(page, length))
  for (let i = 0; i < length; i++) {
    externals.set(index.get(i), {
      page: first.get(i),
      container: container.get(i),
      pages: pages.get(i),
      count: counts.get(index.get(i)),
    })
  }
  return externals
}

function runningSum(counts: PackedInts, externals: ReadonlyMap<number, PostingsRef>): Uint32Array {
  const starts = new Uint32Array(counts.length + 1)
  let sum = 0
  for (let i = 0; i < counts.length; i++) {
    if (!externals.has(i)) sum += counts.get(i)
    starts[i + 1] = sum
  }
  return starts
}
