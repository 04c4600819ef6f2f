const CHUNK_BITS = 16
const CHUNK = 1 << CHUNK_BITS
const MASK = CHUNK - 1
const FIRST_CAPACITY = 16

/** What a growable array consists of, for another thread. */
export interface GrowableImage<A> {
  readonly length: number
  readonly chunks: readonly A[]
}

/**
 * A growing array of numbers in chunks: only the first chunk is ever copied to grow. Chunks are
 * shared memory, so that another thread can read what does not change any more.
 */
abstract class Growable<A extends Uint32Array | Float64Array> {
  protected readonly chunks: A[]
  #length: number
  #capacity: number

  constructor(image: GrowableImage<A> = { length: 0, chunks: [] }) {
    this.chunks = [...image.chunks]
    this.#length = image.length
    this.#capacity = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  get image(): GrowableImage<A> {
    return { length: this.#length, chunks: this.chunks }
  }

  protected abstract allocate(length: number): A
  protected abstract readonly bytesPerElement: number

  get length(): number {
    return this.#length
  }

  get byteLength(): number {
    return this.#capacity * this.bytesPerElement
  }

  get(index: number): number {
    return this.chunks[index >>> CHUNK_BITS][index & MASK]
  }

  set(index: number, value: number): void {
    this.chunks[index >>> CHUNK_BITS][index & MASK] = value
  }

  push(value: number): void {
    const index = this.#length++
    if (index >= this.#capacity) this.#grow()
    this.chunks[index >>> CHUNK_BITS][index & MASK] = value
  }

  /** Makes it this long at least; new elements are 0. */
  extend(length: number): void {
    while (this.#capacity < length) this.#grow()
    if (length > this.#length) this.#length = length
  }

  #grow(): void {
    if (this.#capacity >= CHUNK) {
      this.chunks.push(this.allocate(CHUNK))
      this.#capacity += CHUNK
      return
    }
    const first = this.allocate(Math.max(FIRST_CAPACITY, this.#capacity * 2))
    if (this.chunks.length > 0) first.set(this.chunks[0])
    this.chunks[0] = first
    this.#capacity = first.length
  }
}

export class GrowableU32 extends Growable<Uint32Array> {
  protected readonly bytesPerElement = 4

  protected allocate(length: number): Uint32Array {
    return new Uint32Array(new SharedArrayBuffer(length * 4))
  }
}

export class GrowableF64 extends Growable<Float64Array> {
  protected readonly bytesPerElement = 8

  protected allocate(length: number): Float64Array {
    return new Float64Array(new SharedArrayBuffer(length * 8))
  }
}
