import type { WriteOp } from "../../src/store/store.ts"
import { WrappedStore } from "./wrapped-store.ts"

/** First bytes of keys, by what is under them. */
export const KeyType = { manifest: 1, log: 2, page: 3 } as const

interface Gate {
  readonly type: number
  readonly opened: Promise<void>
  open(): void
}

/**
 * A store that can be told to hold back the writes of one type of keys, so that a test can act
 * while they are under way. All else goes on.
 */
export class PausingStore extends WrappedStore {
  #gate: Gate | undefined
  #held = 0
  readonly #arrivals: (() => void)[] = []

  /** From now on writes that begin with such a key wait; by default, of flushes and merges. */
  pause(type: number = KeyType.page): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = { type, opened: promise, open: resolve }
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
    const gate = this.#gate
    // The manifest is the last of a write that has it.
    if (gate !== undefined && ops.at(-1)?.key[0] === gate.type) {
      this.#held++
      for (const arrived of this.#arrivals.splice(0)) arrived()
      await gate.opened
      this.#held--
    }
    await this.inner.write(ops, options)
  }
}
