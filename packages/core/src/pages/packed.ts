import type { PageReader, PageWriter } from "./page.ts"

/**
 * Unsigned 32-bit integers with a common base and a fixed width of 0 to 4 bytes: "frame of
 * reference". Width 3 keeps the low 16 bits and the high 8 bits apart, so that every width is
 * read through typed arrays.
 */
export class PackedInts {
  readonly length: number
  readonly base: number
  /** Bytes for each number: 0 (all equal to the base), 1, 2, 3 or 4. */
  readonly width: number
  /** Numbers less the base: all of it, or for width 3 the low 16 bits. */
  readonly low: Uint8Array | Uint16Array | Uint32Array
  /** For width 3 the high 8 bits, else empty. */
  readonly high: Uint8Array

  constructor(
    length: number,
    base: number,
    width: number,
    low: Uint8Array | Uint16Array | Uint32Array,
    high: Uint8Array,
  ) {
    this.length = length
    this.base = base
    this.width = width
    this.low = low
    this.high = high
  }

  get(index: number): number {
    if (this.width === 0) return this.base
    const value = this.base + this.low[index]
    return this.width === 3 ? value + this.high[index] * 65536 : value
  }

  /** Writes the numbers from `from` up to `to`, each plus `add`, into `out` at `at`. */
  copy(from: number, to: number, out: Uint32Array, at: number, add: number): void {
    const base = this.base + add
    const { low, high } = this
    const shift = at - from
    if (this.width === 0) out.fill(base, at, at + to - from)
    else if (this.width === 3) {
      for (let i = from; i < to; i++) out[i + shift] = base + low[i] + high[i] * 65536
    } else {
      for (let i = from; i < to; i++) out[i + shift] = base + low[i]
    }
  }

  /** Sets the bits that the numbers from `from` up to `to` tell, which lie within `words`. */
  setBits(from: number, to: number, words: Uint32Array): void {
    const { base, low, high } = this
    if (this.width === 3) {
      for (let i = from; i < to; i++) {
        const bit = base + low[i] + (high[i] << 16)
        words[bit >>> 5] |= 1 << (bit & 31)
      }
    } else if (this.width > 0) {
      for (let i = from; i < to; i++) {
        const bit = base + low[i]
        words[bit >>> 5] |= 1 << (bit & 31)
      }
    } else if (to > from) words[base >>> 5] |= 1 << (base & 31)
  }

  /** `setBits` of those numbers whose bit is set in `mask`, too. */
  setBitsOf(mask: Uint32Array, from: number, to: number, words: Uint32Array): void {
    const { base, low, high } = this
    if (this.width === 3) {
      for (let i = from; i < to; i++) {
        const bit = base + low[i] + (high[i] << 16)
        const word = bit >>> 5
        words[word] |= mask[word] & (1 << (bit & 31))
      }
    } else if (this.width > 0) {
      for (let i = from; i < to; i++) {
        const bit = base + low[i]
        const word = bit >>> 5
        words[word] |= mask[word] & (1 << (bit & 31))
      }
    } else if (to > from) words[base >>> 5] |= mask[base >>> 5] & (1 << (base & 31))
  }

  toArray(): Uint32Array {
    const out = new Uint32Array(this.length)
    this.copy(0, this.length, out, 0, 0)
    return out
  }
}

const NO_BYTES = new Uint8Array(0)

/** Bytes for numbers from 0 to `span`. */
export function widthOf(span: number): number {
  return span === 0 ? 0 : span < 0x100 ? 1 : span < 0x10000 ? 2 : span < 0x1000000 ? 3 : 4
}

/** Bytes that `writePacked` takes at most for these numbers. */
export function packedBytes(length: number, width: number): number {
  return 8 + Math.ceil((length * width) / 4) * 4 + 4
}

/** Layout: u8 width, 3 bytes 0, u32 base, the low plane, the high plane, padding to 4. */
export function writePacked(page: PageWriter, values: Uint32Array, from: number, to: number): void {
  let min = 0xffffffff
  let max = 0
  for (let i = from; i < to; i++) {
    const value = values[i]
    if (value < min) min = value
    if (value > max) max = value
  }
  if (from === to) min = 0
  const width = from === to ? 0 : widthOf(max - min)
  page.align(4)
  page.u32(width)
  page.u32(min)
  if (width === 0) return
  const length = to - from
  const low =
    width === 1
      ? new Uint8Array(length)
      : width === 4
        ? new Uint32Array(length)
        : new Uint16Array(length)
  for (let i = 0; i < length; i++) low[i] = values[from + i] - min
  page.raw(new Uint8Array(low.buffer))
  if (width === 3) {
    const high = new Uint8Array(length)
    for (let i = 0; i < length; i++) high[i] = (values[from + i] - min) >>> 16
    page.raw(high)
  }
  page.align(4)
}

/** Reads what `writePacked` wrote; the length is known from elsewhere in the page. */
export function readPacked(page: PageReader, length: number): PackedInts {
  page.align(4)
  const width = page.u32()
  const base = page.u32()
  if (width === 0) return new PackedInts(length, base, 0, NO_BYTES, NO_BYTES)
  const low = width === 1 ? page.raw(length) : width === 4 ? page.u32s(length) : page.u16s(length)
  const high = width === 3 ? page.raw(length) : NO_BYTES
  page.align(4)
  return new PackedInts(length, base, width, low, high)
}
