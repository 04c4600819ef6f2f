import type { WriteOptions } from "../api/metadata-index.ts"
import { TierdexError, throwIfAborted } from "../errors.ts"
import type { PendingOps } from "./pending.ts"
import type { Writer } from "./writer.ts"

/** Slices that may wait to be written while the next is being encoded. */
const SLICES_AHEAD = 4

/** Writes slices in order, a few ahead, and counts what was committed. */
export class SliceWriter {
  readonly #writer: Writer
  readonly #options: WriteOptions
  readonly #waiting: Promise<void>[] = []
  #failure: { readonly error: unknown } | undefined
  /** Operations that are committed. */
  committed = 0
  /** Operations among them that found a record. */
  found = 0

  constructor(writer: Writer, options: WriteOptions) {
    this.#writer = writer
    this.#options = options
  }

  /** Queues a slice; waits while too many are queued. Fails if an earlier one failed. */
  async write(slice: PendingOps): Promise<void> {
    this.#check()
    this.#waiting.push(this.#commit(slice))
    if (this.#waiting.length >= SLICES_AHEAD) await this.#waiting.shift()
    this.#check()
  }

  /** Waits until all slices are committed. */
  async end(): Promise<void> {
    await Promise.all(this.#waiting)
    if (this.#failure !== undefined) throw withCommitted(this.#failure.error, this.committed)
  }

  #check(): void {
    throwIfAborted(this.#options.signal)
    if (this.#failure !== undefined) throw withCommitted(this.#failure.error, this.committed)
  }

  async #commit(slice: PendingOps): Promise<void> {
    try {
      // A slice that follows a failed one would leave a gap.
      if (this.#failure !== undefined) return
      const { found } = await this.#writer.write(slice)
      this.committed += slice.ids.length
      this.found += found
      this.#options.onProgress?.({ done: this.committed, total: undefined, unit: "records" })
    } catch (error) {
      this.#failure ??= { error }
    }
  }
}

/** The same error, saying how many operations were committed before it. */
export function withCommitted(error: unknown, committed: number): unknown {
  if (!(error instanceof TierdexError) || error.committed !== undefined) return error
  return new TierdexError(error.code, error.message, {
    cause: error.cause ?? error,
    committed,
    ...(error.id === undefined ? {} : { id: error.id }),
    ...(error.position === undefined ? {} : { position: error.position }),
  })
}

const BATCH = 1024

/** A stream of records in batches, so that a plain iterable costs no promise for each. */
export async function* inBatches<R>(
  records: Iterable<R> | AsyncIterable<R>,
): AsyncGenerator<Iterable<R>> {
  if (Symbol.asyncIterator in records) {
    for await (const record of records) yield [record]
    return
  }
  const iterator = records[Symbol.iterator]()
  try {
    for (;;) {
      const batch: R[] = []
      let failure: { readonly error: unknown } | undefined
      try {
        for (let next = iterator.next(); !next.done; next = iterator.next()) {
          batch.push(next.value)
          if (batch.length === BATCH) break
        }
      } catch (error) {
        failure = { error }
      }
      yield batch
      if (failure !== undefined) throw failure.error
      if (batch.length < BATCH) return
    }
  } finally {
    iterator.return?.()
  }
}
