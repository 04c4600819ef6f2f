import type { WriteOp } from "../../src/store/store.ts"
import { WrappedStore } from "./wrapped-store.ts"

/** First byte of the keys of pages. */
const PAGE = 3

/**
 * A store that can be told to hold back the writes of pages, which only flushing and merging do.
 * All else goes on, so that a test can act while maintenance is under way.
 */
export class PausingStore extends WrappedStore {
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined
  #held = 0
  readonly #arrivals: (() => void)[] = []

  /** From now on writes of pages wait. */
  pause(): void {
    if (this.#gate !== undefined) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = { opened: promise, open: resolve }
  }

  /** Lets those that wait go on, and all that come. */
  resume(): void {
    this.#gate?.open()
    this.#gate = undefined
  }

  /** Resolves when a write is being held back. */
  async held(): Promise<void> {
    if (this.#held === 0) await new Promise<void>((resolve) => this.#arrivals.push(resolve))
  }

  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    if (this.#gate !== undefined && ops.every(({ key }) => key[0] === PAGE)) {
      this.#held++
      for (const arrived of this.#arrivals.splice(0)) arrived()
      await this.#gate.opened
      this.#held--
    }
    await this.inner.write(ops, options)
  }
}
