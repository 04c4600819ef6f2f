import { storeFailed } from "./errors.ts"

/**
 * Writes that take effect in the order of their calls, one at a time. After one that fails the rest
 * fail with its error, untried: what an engine does after a failed write, and whether what it has
 * then written can be read, is known of few. The index goes on reading, and is opened again.
 */
export class WriteQueue {
  /** Settles with the last write. Never rejects. */
  #last: Promise<unknown> = Promise.resolve()
  #failure: Error | undefined

  /** Why nothing is written any more. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Runs a write when those before it are done. It may throw plain errors. */
  run<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      if (this.#failure !== undefined) throw this.#failure
      try {
        return await write()
      } catch (error) {
        throw this.fail(error)
      }
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** Takes an error for the failure of all writes to come; answers what to throw. */
  fail(error: unknown): Error {
    this.#failure ??= storeFailed("Cannot write", error)
    return this.#failure
  }

  /** Waits until all writes that were called so far are done, or have failed: before closing. */
  async settle(): Promise<void> {
    await this.#last
  }
}
