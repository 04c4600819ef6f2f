import { crc32 } from "node:zlib"
import type { TierdexError } from "../errors.ts"

/**
 * A page is a stored value: a header of 8 bytes (a mark, the length), a body, and a CRC-32 over
 * the key and all before it, so that a page found under another key is damaged too.
 */
export const PAGE_HEADER_BYTES = 8
export const PAGE_TRAILER_BYTES = 4
const MARK = 0x78647431 // "1tdx", little-endian

/**
 * Sizes to aim at. LMDB keeps a value of k x 4096 - 24 bytes in k of its pages without waste.
 */
export const RUN_PAGE_BYTES = 4 * 4096 - 24
export const ROW_PAGE_BYTES = 4096 - 24

/** A writer begins small: flushing a few records takes one for each field. */
const FIRST_BYTES = 2048

/** Builds the body of a page, little-endian, growing as needed. Reused from page to page. */
export class PageWriter {
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #length = PAGE_HEADER_BYTES

  get length(): number {
    return this.#length
  }

  /** May replace the buffer, so it is called before the buffer is looked at. */
  #reserve(count: number): number {
    const at = this.#length
    if (at + count > this.#bytes.length) {
      const length = Math.max(this.#bytes.length * 2, at + count)
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(length))
      this.#view = new DataView(this.#bytes.buffer)
    }
    this.#length = at + count
    return at
  }

  u8(value: number): void {
    const at = this.#reserve(1)
    this.#view.setUint8(at, value)
  }

  u32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value, true)
  }

  f64(value: number): void {
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value, true)
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** Pads with zeros up to a multiple of 2, 4 or 8 bytes from the start of the page. */
  align(to: number): void {
    const rest = this.#length % to
    if (rest === 0) return
    const at = this.#reserve(to - rest)
    this.#bytes.fill(0, at, this.#length)
  }

  /** The finished page for a key; the writer is empty again. */
  seal(key: Uint8Array): Uint8Array {
    const end = this.#reserve(PAGE_TRAILER_BYTES)
    this.#view.setUint32(0, MARK, true)
    this.#view.setUint32(4, this.#length, true)
    this.#view.setUint32(end, crc32(this.#bytes.subarray(0, end), crc32(key)), true)
    const page = this.#bytes.slice(0, this.#length)
    this.#length = PAGE_HEADER_BYTES
    return page
  }
}

/** Reads the body of a page front to back. Views share the page's memory. */
export class PageReader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at = PAGE_HEADER_BYTES

  /**
   * Checks a page that the store returned for a key.
   * @param damaged makes the error for a reason why the page cannot be used
   */
  constructor(
    key: Uint8Array,
    stored: Uint8Array | undefined,
    damaged: (reason: string) => TierdexError,
  ) {
    if (stored === undefined) throw damaged("it is missing")
    if (stored.length < PAGE_HEADER_BYTES + PAGE_TRAILER_BYTES) throw damaged("it is too short")
    // Views over numbers need aligned memory, which a store does not promise.
    this.bytes = stored.byteOffset % 8 === 0 ? stored : Uint8Array.from(stored)
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    const end = this.bytes.length - PAGE_TRAILER_BYTES
    if (this.#view.getUint32(0, true) !== MARK || this.#view.getUint32(4, true) !== stored.length) {
      throw damaged("its header is wrong")
    }
    const sum = crc32(this.bytes.subarray(0, end), crc32(key))
    if (this.#view.getUint32(end, true) !== sum) throw damaged("its checksum is wrong")
  }

  get position(): number {
    return this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#at++)
  }

  u32(): number {
    this.#at += 4
    return this.#view.getUint32(this.#at - 4, true)
  }

  f64(): number {
    this.#at += 8
    return this.#view.getFloat64(this.#at - 8, true)
  }

  align(to: number): void {
    this.#at = Math.ceil(this.#at / to) * to
  }

  #skip(count: number): number {
    this.#at += count
    return this.bytes.byteOffset + this.#at - count
  }

  raw(length: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.#skip(length), length)
  }

  u16s(length: number): Uint16Array {
    return new Uint16Array(this.bytes.buffer, this.#skip(length * 2), length)
  }

  u32s(length: number): Uint32Array {
    return new Uint32Array(this.bytes.buffer, this.#skip(length * 4), length)
  }

  f64s(length: number): Float64Array {
    return new Float64Array(this.bytes.buffer, this.#skip(length * 8), length)
  }
}
