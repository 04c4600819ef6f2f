import { Buffer } from "node:buffer"

/** Reads what `ByteWriter` wrote. Reading past the end throws a `RangeError`. */
export class ByteReader {
  readonly bytes: Buffer
  position: number

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.position = position
  }

  u8(): number {
    return this.bytes.readUInt8(this.position++)
  }

  i32(): number {
    this.position += 4
    return this.bytes.readInt32LE(this.position - 4)
  }

  f64(): number {
    this.position += 8
    return this.bytes.readDoubleLE(this.position - 8)
  }

  varint(): number {
    let value = 0
    let shift = 0
    for (;;) {
      const byte = this.u8()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
      shift += 7
    }
  }

  /** Passes over `length` bytes and returns where they begin. */
  skip(length: number): number {
    const from = this.position
    if (from + length > this.bytes.length) throw new RangeError("A length leads past the end.")
    this.position = from + length
    return from
  }

  raw(length: number): Uint8Array {
    const from = this.skip(length)
    return this.bytes.subarray(from, from + length)
  }

  /** A string as `ByteWriter.string` wrote it. */
  string(): string {
    const length = this.varint()
    const from = this.skip(length)
    return this.bytes.toString("utf8", from, from + length)
  }
}
