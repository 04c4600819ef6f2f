import { TierdexError } from "../errors.ts"
import { copyBytes } from "../values/copy-bytes.ts"
import type { ValueRef } from "../values/value-ref.ts"

const CHUNK_BITS = 18
const CHUNK_BYTES = 1 << CHUNK_BITS
const MASK = CHUNK_BYTES - 1
/** Places are 32-bit numbers. */
const MAX_CHUNKS = 2 ** (32 - CHUNK_BITS)
const LENGTH_BYTES = 2

/** Where a byte string is in an arena: a 32-bit number. */
export type BytesRef = number

/**
 * Byte strings of up to 65,535 bytes, each behind its length, never moved: at most 4 GiB. Chunks
 * are shared memory, so that another thread can read them.
 */
export class ByteArena {
  readonly #chunks: Uint8Array[]
  /** A chunk that came from elsewhere is not written to. */
  #used = CHUNK_BYTES

  constructor(chunks: readonly Uint8Array[] = []) {
    this.#chunks = [...chunks]
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks
  }

  get byteLength(): number {
    return this.#chunks.length * CHUNK_BYTES
  }

  add(source: Uint8Array, from: number, to: number): BytesRef {
    const length = to - from
    if (this.#used + LENGTH_BYTES + length > CHUNK_BYTES) this.#grow()
    const start = this.#used
    const target = this.#chunks[this.#chunks.length - 1]
    const offset = start + LENGTH_BYTES
    target[start] = length
    target[start + 1] = length >>> 8
    copyBytes(source, from, to, target, offset)
    this.#used = offset + length
    return (this.#chunks.length - 1) * CHUNK_BYTES + start
  }

  #grow(): void {
    if (this.#chunks.length === MAX_CHUNKS) {
      throw new TierdexError(
        "TIERDEX_MEMORY_EXCEEDED",
        "The strings of an index in memory take at most 4 GiB. Open the index with a store.",
      )
    }
    this.#chunks.push(new Uint8Array(new SharedArrayBuffer(CHUNK_BYTES)))
    this.#used = 0
  }

  /** Lets a reference look at a string. */
  look(ref: BytesRef, into: ValueRef): void {
    const bytes = this.#chunks[ref >>> CHUNK_BITS]
    const start = ref & MASK
    const offset = start + LENGTH_BYTES
    into.setString(bytes, offset, offset + bytes[start] + bytes[start + 1] * 256)
  }

  /** A view of a string. */
  get(ref: BytesRef): Uint8Array {
    const bytes = this.#chunks[ref >>> CHUNK_BITS]
    const start = ref & MASK
    const offset = start + LENGTH_BYTES
    return bytes.subarray(offset, offset + bytes[start] + bytes[start + 1] * 256)
  }

  equals(ref: BytesRef, source: Uint8Array, from: number, to: number): boolean {
    const bytes = this.#chunks[ref >>> CHUNK_BITS]
    const start = ref & MASK
    const length = to - from
    if (bytes[start] + bytes[start + 1] * 256 !== length) return false
    const offset = start + LENGTH_BYTES
    for (let i = 0; i < length; i++) if (bytes[offset + i] !== source[from + i]) return false
    return true
  }

  /** The byte at a position, or -1 past the end. */
  byteAt(ref: BytesRef, position: number): number {
    const bytes = this.#chunks[ref >>> CHUNK_BITS]
    const start = ref & MASK
    if (position >= bytes[start] + bytes[start + 1] * 256) return -1
    return bytes[start + LENGTH_BYTES + position]
  }

  /** Compares two strings whose first `position` bytes are known to be equal. */
  compare(a: BytesRef, b: BytesRef, position: number): number {
    const p = this.#chunks[a >>> CHUNK_BITS]
    const q = this.#chunks[b >>> CHUNK_BITS]
    const x = a & MASK
    const y = b & MASK
    const lengthA = p[x] + p[x + 1] * 256
    const lengthB = q[y] + q[y + 1] * 256
    const end = Math.min(lengthA, lengthB)
    for (let i = position; i < end; i++) {
      const difference = p[x + LENGTH_BYTES + i] - q[y + LENGTH_BYTES + i]
      if (difference !== 0) return difference
    }
    return lengthA - lengthB
  }
}
