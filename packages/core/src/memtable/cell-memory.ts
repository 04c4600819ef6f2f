/** Cells of the largest block; the first is as small as what is asked for. */
const MAX_BLOCK_CELLS = 65_536

/**
 * Memory for cells, handed out from large blocks: pieces of 16 KiB by the thousand, which come and
 * go with memtables, would fragment the heap. Shared, so that another thread can read it.
 */
export class CellMemory {
  #block = new Uint32Array(new SharedArrayBuffer(0))
  #used = 0

  /** So many cells, all 0. */
  take(count: number): Uint32Array {
    if (this.#used + count > this.#block.length) {
      const length = Math.max(count, Math.min(MAX_BLOCK_CELLS, this.#block.length * 2))
      this.#block = new Uint32Array(new SharedArrayBuffer(length * 4))
      this.#used = 0
    }
    const from = this.#used
    this.#used += count
    return this.#block.subarray(from, this.#used)
  }
}
