import { Buffer } from "node:buffer"

/** Strings up to this many characters are encoded by a loop, which beats the call into Node. */
const SHORT_STRING = 40

const DOUBLE = new Float64Array(1)
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer)

/** A growing buffer for rows and log entries: little-endian, LEB128 for lengths and numbers. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor(capacity = 1024) {
    this.#bytes = Buffer.alloc(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** Bytes that it holds on to. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** Cuts off what was written after this length. */
  set length(length: number) {
    this.#length = length
  }

  /** What was written; a view that the next write may invalidate. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, needed))
    grown.set(this.bytes)
    this.#bytes = grown
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  i32(value: number): void {
    this.#reserve(4)
    this.#length = this.#bytes.writeInt32LE(value, this.#length)
  }

  /** Overwrites an `i32` that was written at this place. */
  patchI32(at: number, value: number): void {
    this.#bytes.writeInt32LE(value, at)
  }

  f64(value: number): void {
    this.#reserve(8)
    DOUBLE[0] = value
    const bytes = this.#bytes
    const at = this.#length
    for (let i = 0; i < 8; i++) bytes[at + i] = DOUBLE_BYTES[i]
    this.#length += 8
  }

  /** A non-negative integer below 2^32. */
  varint(value: number): void {
    this.#reserve(5)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = rest | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Its length in UTF-8 bytes, then the bytes. Returns the length. */
  string(text: string): number {
    if (this.shortAscii(text)) return text.length
    const byteLength = Buffer.byteLength(text)
    this.varint(byteLength)
    this.#reserve(byteLength)
    this.#bytes.write(text, this.#length, byteLength, "utf8")
    this.#length += byteLength
    return byteLength
  }

  /** The same if it is short and ASCII; else nothing, and returns false. */
  shortAscii(text: string): boolean {
    const { length } = text
    if (length > SHORT_STRING) return false
    this.#reserve(length + 1)
    const bytes = this.#bytes
    const at = this.#length
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      bytes[at + 1 + i] = code
    }
    bytes[at] = length
    this.#length = at + 1 + length
    return true
  }
}
