import type { WriteOptions } from "../api/metadata-index.ts"
import { amended, TierdexError, throwIfAborted } from "../errors.ts"
import type { Chain, Failure, PendingOps, WriteResult } from "./pending.ts"

/** Operations in a slice of `putMany` and `deleteMany`, and about how many bytes at most. */
export const SLICE_OPERATIONS = 2000
const SLICE_BYTES = 256 * 1024
/** Slices that may wait to be written while the next is being encoded. */
const SLICES_AHEAD = 4

/** Where slices go. */
export interface SliceTarget {
  /** Bytes of writes that are best written together, about. */
  readonly groupBytes: number
  /** Queues a slice; resolves when it is committed. */
  write(slice: PendingOps): Promise<WriteResult>
  /** Gives up a slice that is not to be. */
  discard(slice: PendingOps): void
}

/** Writes slices in order, a few ahead, and counts what was committed. */
export class SliceWriter {
  /** About how many bytes a slice is to have: it is a group of its own. */
  readonly sliceBytes: number
  readonly #target: SliceTarget
  readonly #options: WriteOptions
  readonly #counts: "operations" | "found"
  readonly #waiting: Promise<void>[] = []
  readonly #chain: Chain = { failure: undefined }
  /** The last slice that was queued, and all before it. */
  #last: Promise<void> = Promise.resolve()
  /** Of the first slice that failed, in their order. */
  #failure: Failure | undefined
  #committed = 0

  /** @param counts what is reported: all operations, or those that found a record */
  constructor(target: SliceTarget, options: WriteOptions, counts: "operations" | "found") {
    this.sliceBytes = Math.min(SLICE_BYTES, target.groupBytes)
    this.#target = target
    this.#options = options
    this.#counts = counts
  }

  /** Queues a slice; waits while too many are queued. Fails if an earlier one failed. */
  async write(slice: PendingOps): Promise<void> {
    const { signal } = this.#options
    if (signal?.aborted || this.#chain.failure !== undefined) this.#target.discard(slice)
    throwIfAborted(signal)
    if (this.#chain.failure !== undefined) throw this.#chain.failure.error
    this.#last = this.#commit(slice, this.#last)
    this.#waiting.push(this.#last)
    if (this.#waiting.length >= SLICES_AHEAD) await this.#waiting.shift()
  }

  /**
   * Writes the last slice, if there is one, waits until all are committed and returns how many
   * that were. Fails, saying the same, if a slice or the call itself failed.
   * @param failure of the call: what is queued is committed all the same
   */
  async end(last: PendingOps | undefined, failure?: Failure): Promise<number> {
    let first = failure
    try {
      if (last !== undefined) await this.write(last)
    } catch (error) {
      first ??= { error }
    }
    await Promise.all(this.#waiting)
    first = this.#failure ?? this.#chain.failure ?? first
    if (first !== undefined) throw withCommitted(first.error, this.#committed)
    return this.#committed
  }

  /** Counts slices in their order: those behind one that failed do not count. */
  async #commit(slice: PendingOps, before: Promise<void>): Promise<void> {
    const written = this.#target.write({ ...slice, chain: this.#chain })
    written.catch((error) => {
      this.#chain.failure ??= { error }
    })
    await before
    try {
      const { found } = await written
      if (this.#failure !== undefined) return
      this.#committed += this.#counts === "found" ? found : slice.count
      if (this.#chain.failure !== undefined) return
      this.#options.onProgress?.({ done: this.#committed, total: undefined, unit: "records" })
    } catch (error) {
      this.#failure ??= { error }
      this.#chain.failure ??= { error }
    }
  }
}

/** The same error, saying how much was committed before it. */
export function withCommitted(error: unknown, committed: number): unknown {
  return error instanceof TierdexError ? amended(error, error.message, { committed }) : error
}
