const CHUNK_BITS = 12
const CHUNK = 1 << CHUNK_BITS
const MASK = CHUNK - 1

/** Numbers by index, all 0 at first. Memory is taken where one was set, a chunk at a time. */
export class SparseU32 {
  readonly #chunks: (Uint32Array | undefined)[] = []
  #chunkCount = 0

  get isEmpty(): boolean {
    return this.#chunkCount === 0
  }

  get byteLength(): number {
    return this.#chunkCount * CHUNK * 4 + this.#chunks.length * 8
  }

  get(index: number): number {
    const chunk = this.#chunks[index >>> CHUNK_BITS]
    return chunk === undefined ? 0 : chunk[index & MASK]
  }

  set(index: number, value: number): void {
    const at = index >>> CHUNK_BITS
    let chunk = this.#chunks[at]
    if (chunk === undefined) {
      chunk = new Uint32Array(CHUNK)
      while (this.#chunks.length < at) this.#chunks.push(undefined)
      this.#chunks[at] = chunk
      this.#chunkCount++
    }
    chunk[index & MASK] = value
  }
}
