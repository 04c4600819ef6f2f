/** Compares two slots of the heap: negative if the first comes earlier. */
export type CompareSlots = (a: number, b: number) => number

/**
 * Keeps the first `k` of many candidates in a bounded heap with the last of them on top. What a
 * candidate is stays with the caller, who keeps its keys in slots 0 to `k`: slot `k` is where the
 * next candidate goes.
 */
export class TopK {
  readonly #k: number
  readonly #compare: CompareSlots
  readonly #heap: number[] = []
  /** The slot for the next candidate. */
  #free = 0

  constructor(k: number, compare: CompareSlots) {
    this.#k = k
    this.#compare = compare
  }

  get free(): number {
    return this.#free
  }

  get isFull(): boolean {
    return this.#heap.length === this.#k
  }

  /** The slot of the last of those that are kept. */
  get last(): number {
    return this.#heap[0]
  }

  /** Offers the candidate in the free slot. */
  offer(): void {
    const heap = this.#heap
    if (heap.length < this.#k) {
      heap.push(this.#free)
      this.#up(heap.length - 1)
      this.#free = heap.length
      return
    }
    if (this.#compare(this.#free, heap[0]) >= 0) return
    const dropped = heap[0]
    heap[0] = this.#free
    this.#free = dropped
    this.#down(0)
  }

  /** The slots that were kept, in order. */
  sorted(): number[] {
    return [...this.#heap].sort(this.#compare)
  }

  #up(start: number): void {
    const heap = this.#heap
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >>> 1
      if (this.#compare(heap[at], heap[parent]) <= 0) return
      const slot = heap[at]
      heap[at] = heap[parent]
      heap[parent] = slot
      at = parent
    }
  }

  #down(start: number): void {
    const heap = this.#heap
    for (let at = start; ; ) {
      let greatest = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#compare(heap[child], heap[greatest]) > 0) greatest = child
      }
      if (greatest === at) return
      const slot = heap[at]
      heap[at] = heap[greatest]
      heap[greatest] = slot
      at = greatest
    }
  }
}
