/** Reads numbers from bytes as `docs/format.md` notates them. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly #view: DataView
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.at = at
  }

  #take(count: number): number {
    this.at += count
    return this.at - count
  }

  u8 = (): number => this.#view.getUint8(this.#take(1))
  u16 = (): number => this.#view.getUint16(this.#take(2), true)
  u32 = (): number => this.#view.getUint32(this.#take(4), true)
  i32 = (): number => this.#view.getInt32(this.#take(4), true)
  f64 = (): number => this.#view.getFloat64(this.#take(8), true)

  varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8()
      value += (byte % 128) * 2 ** shift
      if (byte < 128) return value
    }
  }

  take(length: number): Uint8Array {
    const from = this.#take(length)
    return this.bytes.slice(from, from + length)
  }

  text(length: number): string {
    return new TextDecoder().decode(this.take(length))
  }

  string = (): string => this.text(this.varint())

  times<T>(count: number, read: () => T): T[] {
    return Array.from({ length: count }, read)
  }

  align(to: number): void {
    while (this.at % to !== 0) {
      if (this.u8() !== 0) throw new Error(`The padding before ${this.at} is not zero.`)
    }
  }

  /** `packed[n]`; notes the widths that it met. */
  packed(count: number, widths = new Set<number>()): number[] {
    this.align(4)
    const width = this.u32()
    const base = this.u32()
    widths.add(width)
    let offsets = this.times(count, () => 0)
    if (width === 1) offsets = this.times(count, this.u8)
    if (width === 2) offsets = this.times(count, this.u16)
    if (width === 4) offsets = this.times(count, this.u32)
    if (width === 3) {
      const low = this.times(count, this.u16)
      offsets = low.map((number) => number + this.u8() * 65536)
    }
    this.align(4)
    return offsets.map((offset) => base + offset)
  }
}
