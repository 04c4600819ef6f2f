import { logKey, segmentKey } from "../pages/keys.ts"
import type { Store } from "../store/store.ts"
import type { State } from "./state.ts"

/** Frees the space of what is not part of the index any more. A failure makes it refuse writes. */
export class Reclaimer {
  readonly #state: State
  readonly #store: Store
  readonly #running = new Set<Promise<void>>()

  constructor(state: State, store: Store) {
    this.#state = state
    this.#store = store
    state.onUnused = (segment) => {
      // After a failed write the manifest in the store may still name it.
      if (state.failure === undefined) this.segment(segment.number)
    }
  }

  /** Frees what a crash left behind. No segment may be made meanwhile. */
  async leftovers(segments: readonly number[]): Promise<void> {
    const { flushedSequence, nextSegment } = this.#state
    try {
      await this.#store.deleteRange({ gte: segmentKey(nextSegment), lt: segmentKey(2 ** 32 - 1) })
      for (const segment of segments) await this.#free(segment)
      await this.log(flushedSequence)
    } catch (error) {
      this.#state.fail(error)
    }
  }

  /** Begins to free a segment. */
  segment(number: number): void {
    const work = this.#free(number).catch((error: unknown) => {
      this.#state.fail(error)
    })
    this.#begin(work)
  }

  async #free(segment: number): Promise<void> {
    await this.#store.deleteRange({ gte: segmentKey(segment), lt: segmentKey(segment + 1) })
    this.#state.drops.delete(segment)
  }

  /** Frees the log up to a sequence number; a failure is the caller's to handle. */
  async log(sequence: number): Promise<void> {
    const work = this.#store.deleteRange({ gte: logKey(0, 0), lt: logKey(sequence + 1, 0) })
    this.#begin(work)
    await work
  }

  #begin(work: Promise<void>): void {
    const ended = work.catch(() => {})
    this.#running.add(ended)
    void ended.finally(() => this.#running.delete(ended))
  }

  /** Waits until all that was begun is freed, or has failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#running)
  }
}
