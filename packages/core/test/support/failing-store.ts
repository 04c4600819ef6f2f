import type { Store, WriteOp } from "../../src/store/store.ts"
import { WrappedStore } from "./wrapped-store.ts"

export interface FailOptions {
  /** Which write, counted from 1, is the first to fail. */
  readonly failAt: number
  /** Later writes succeed again. Otherwise all of them fail. */
  readonly once?: boolean
  /** What it fails with; by default what a full disk gives. */
  readonly error?: Error
}

/** A store whose writes fail, leaving nothing behind, while reads go on. */
export class FailingStore extends WrappedStore {
  readonly #options: FailOptions
  #writes = 0

  constructor(inner: Store, options: FailOptions) {
    super(inner)
    this.#options = options
  }

  /** How many writes were called, failed ones among them. */
  get writes(): number {
    return this.#writes
  }

  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    this.#writes++
    const { failAt, once = false, error = diskFull() } = this.#options
    if (once ? this.#writes === failAt : this.#writes >= failAt) throw error
    await this.inner.write(ops, options)
  }
}

function diskFull(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    errno: -28,
    syscall: "write",
  })
}
