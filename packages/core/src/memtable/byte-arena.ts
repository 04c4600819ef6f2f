const CHUNK_BYTES = 1 << 18

/** Where a byte string is in an arena: chunk, offset and length in one number below 2^53. */
export type BytesRef = number

const LENGTH_SPAN = 2 ** 16
const OFFSET_SPAN = 2 ** 18

/** Byte strings of up to 65,535 bytes, one after another, never moved. */
export class ByteArena {
  readonly #chunks: Uint8Array[] = []
  #used = CHUNK_BYTES

  get byteLength(): number {
    return this.#chunks.length * CHUNK_BYTES
  }

  add(source: Uint8Array, from: number, to: number): BytesRef {
    const length = to - from
    if (this.#used + length > CHUNK_BYTES) {
      this.#chunks.push(new Uint8Array(CHUNK_BYTES))
      this.#used = 0
    }
    const chunk = this.#chunks.length - 1
    const offset = this.#used
    const target = this.#chunks[chunk]
    // A loop beats `set` for the short strings that fields are made of.
    if (length < 48) for (let i = 0; i < length; i++) target[offset + i] = source[from + i]
    else target.set(source.subarray(from, to), offset)
    this.#used += length
    return (chunk * OFFSET_SPAN + offset) * LENGTH_SPAN + length
  }

  /** A view of a string. */
  get(ref: BytesRef): Uint8Array {
    const { chunk, offset, length } = locate(ref)
    return this.#chunks[chunk].subarray(offset, offset + length)
  }

  equals(ref: BytesRef, source: Uint8Array, from: number, to: number): boolean {
    const length = ref % LENGTH_SPAN
    if (length !== to - from) return false
    const place = (ref - length) / LENGTH_SPAN
    const offset = place % OFFSET_SPAN
    const bytes = this.#chunks[(place - offset) / OFFSET_SPAN]
    for (let i = 0; i < length; i++) if (bytes[offset + i] !== source[from + i]) return false
    return true
  }

  /** The byte at a position, or -1 past the end. */
  byteAt(ref: BytesRef, position: number): number {
    const length = ref % LENGTH_SPAN
    if (position >= length) return -1
    const place = (ref - length) / LENGTH_SPAN
    const offset = place % OFFSET_SPAN
    return this.#chunks[(place - offset) / OFFSET_SPAN][offset + position]
  }

  compare(a: BytesRef, b: BytesRef, position: number): number {
    const x = locate(a)
    const y = locate(b)
    const p = this.#chunks[x.chunk]
    const q = this.#chunks[y.chunk]
    const end = Math.min(x.length, y.length)
    for (let i = position; i < end; i++) {
      const difference = p[x.offset + i] - q[y.offset + i]
      if (difference !== 0) return difference
    }
    return x.length - y.length
  }
}

function locate(ref: BytesRef): { chunk: number; offset: number; length: number } {
  const length = ref % LENGTH_SPAN
  const place = (ref - length) / LENGTH_SPAN
  const offset = place % OFFSET_SPAN
  return { chunk: (place - offset) / OFFSET_SPAN, offset, length }
}
