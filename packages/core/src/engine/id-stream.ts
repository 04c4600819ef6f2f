import type { IdStream } from "../api/results.ts"
import { onLeave } from "./streams.ts"

/** Ids, one by one or in batches. */
export class BatchedIdStream implements IdStream {
  readonly #batches: AsyncGenerator<readonly string[]>

  constructor(batches: AsyncGenerator<readonly string[]>) {
    this.#batches = batches
  }

  batches(): AsyncIterable<readonly string[]> {
    return this.#batches
  }

  [Symbol.asyncIterator](): AsyncGenerator<string> {
    return onLeave(each(this.#batches), () => this.#batches.return(undefined))
  }
}

async function* each<I>(batches: AsyncIterable<readonly I[]>): AsyncGenerator<I> {
  for await (const batch of batches) yield* batch
}

/** Begins a stream; if that fails, the stream fails when it is read. */
export function startStream<I>(begin: () => AsyncGenerator<I>): AsyncGenerator<I> {
  try {
    return begin()
  } catch (error) {
    return failing(error)
  }
}

async function* failing(error: unknown): AsyncGenerator<never> {
  throw error
}
