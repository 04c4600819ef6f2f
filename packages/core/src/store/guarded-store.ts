import { codeOf, TierdexError } from "../errors.ts"
import type { Entry, KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "./store.ts"

/**
 * A store whose errors are all coded: plain ones become `TIERDEX_STORE_FAILED` with a cause, those
 * of calls that closing overtakes `TIERDEX_CLOSED`. Once it is closing, the store is asked nothing.
 */
export class GuardedStore implements Store {
  readonly name: string
  readonly capabilities: StoreCapabilities
  readonly #inner: Store
  #isClosed = false

  constructor(inner: Store) {
    this.name = inner.name
    this.capabilities = inner.capabilities
    this.#inner = inner
  }

  async open(): Promise<void> {
    await this.#guard(() => this.#inner.open(), "be opened")
  }

  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    try {
      this.#assertOpen()
      const value = this.#inner.get(key)
      return value instanceof Promise ? this.#guard(() => value, "read") : value
    } catch (error) {
      throw this.#coded(error, "read")
    }
  }

  getMany(
    keys: readonly Uint8Array[],
  ): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]> {
    try {
      this.#assertOpen()
      const values = this.#inner.getMany(keys)
      return values instanceof Promise ? this.#guard(() => values, "read") : values
    } catch (error) {
      throw this.#coded(error, "read")
    }
  }

  async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    try {
      this.#assertOpen()
      yield* this.#inner.scan(options)
    } catch (error) {
      throw this.#coded(error, "read")
    }
  }

  async write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
    await this.#guard(() => this.#inner.write(ops, options), "write")
  }

  async deleteRange(range: KeyRange): Promise<void> {
    await this.#guard(() => this.#inner.deleteRange(range), "write")
  }

  async sizeOnDisk(): Promise<number> {
    return await this.#guard(() => this.#inner.sizeOnDisk(), "measure its size")
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#inner.close()
    } catch (error) {
      throw this.#failed(error, "be closed")
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closed()
  }

  async #guard<R>(call: () => Promise<R>, what: string): Promise<R> {
    try {
      this.#assertOpen()
      return await call()
    } catch (error) {
      throw this.#coded(error, what)
    }
  }

  #coded(error: unknown, what: string): unknown {
    if (this.#isClosed && codeOf(error) !== "TIERDEX_CLOSED") return closed(error)
    return this.#failed(error, what)
  }

  #failed(error: unknown, what: string): unknown {
    // By its code: an adapter may have loaded another copy of this package.
    if (codeOf(error)?.startsWith("TIERDEX_")) return error
    const message = error instanceof Error ? error.message : String(error)
    return new TierdexError(
      "TIERDEX_STORE_FAILED",
      `The ${this.name} store could not ${what}: ${message}. See to the cause and try again.`,
      { cause: error },
    )
  }
}

function closed(cause?: unknown): TierdexError {
  const message = "The index is closed. Open it again to use it."
  return new TierdexError("TIERDEX_CLOSED", message, cause === undefined ? {} : { cause })
}
