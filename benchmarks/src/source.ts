import { setImmediate as nextTurn } from "node:timers/promises"
import { Catalogue, type CatalogueEntry } from "./catalogue.ts"

/** Records that are generated at a time. */
const CHUNK = 500

/**
 * The records to put. They are generated as they are taken, so that no more than a batch is in
 * memory, and the time that takes is kept apart.
 */
export class Source {
  readonly count: number
  generatingMs = 0
  readonly #catalogue: Catalogue
  readonly #onProgress: (done: number) => void
  #done = 0

  constructor(seed: number, count: number, onProgress: (done: number) => void = () => {}) {
    this.count = count
    this.#catalogue = new Catalogue(seed)
    this.#onProgress = onProgress
  }

  *records(): Generator<CatalogueEntry> {
    while (this.#done < this.count) yield* this.#chunk(CHUNK)
  }

  /** Generates with turns of the event loop between, for engines that take whole batches. */
  async *batches(size: number): AsyncGenerator<CatalogueEntry[]> {
    while (this.#done < this.count) {
      const batch: CatalogueEntry[] = []
      while (batch.length < size && this.#done < this.count) {
        batch.push(...this.#chunk(Math.min(CHUNK, size - batch.length)))
        await nextTurn()
      }
      yield batch
    }
  }

  #chunk(atMost: number): CatalogueEntry[] {
    const start = performance.now()
    const chunk = this.#catalogue.next(Math.min(atMost, this.count - this.#done))
    this.generatingMs += performance.now() - start
    this.#done += chunk.length
    this.#onProgress(this.#done)
    return chunk
  }
}
