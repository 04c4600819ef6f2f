import { TierdexError } from "../errors.ts"
import type { Entry, KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "./store.ts"

/** A store whose errors are all coded: plain ones become `TIERDEX_STORE_FAILED` with a cause. */
export class GuardedStore implements Store {
  readonly name: string
  readonly capabilities: StoreCapabilities
  readonly #inner: Store

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
      const values = this.#inner.getMany(keys)
      return values instanceof Promise ? this.#guard(() => values, "read") : values
    } catch (error) {
      throw this.#coded(error, "read")
    }
  }

  async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    try {
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
    await this.#guard(() => this.#inner.close(), "be closed")
  }

  async #guard<R>(call: () => Promise<R>, what: string): Promise<R> {
    try {
      return await call()
    } catch (error) {
      throw this.#coded(error, what)
    }
  }

  #coded(error: unknown, what: string): unknown {
    if (error instanceof TierdexError) return error
    const message = error instanceof Error ? error.message : String(error)
    return new TierdexError(
      "TIERDEX_STORE_FAILED",
      `The ${this.name} store could not ${what}: ${message}. See to the cause and try again.`,
      { cause: error },
    )
  }
}
