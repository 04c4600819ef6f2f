import type { KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "@tierdex/core"

/**
 * A store that notes which keys are read, those that a scan hands out included, and how many ranges
 * are deleted that held something.
 */
export class WatchedStore implements Store {
  readonly name: string
  readonly capabilities: StoreCapabilities
  /** In hex, in the order in which they were read. */
  readonly keysRead: string[] = []
  rangesFreed = 0
  readonly #inner: Store

  constructor(inner: Store) {
    this.name = inner.name
    this.capabilities = inner.capabilities
    this.#inner = inner
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  get(key: Uint8Array) {
    this.#note(key)
    return this.#inner.get(key)
  }

  getMany(keys: readonly Uint8Array[]) {
    for (const key of keys) this.#note(key)
    return this.#inner.getMany(keys)
  }

  async *scan(options: ScanOptions) {
    for await (const batch of this.#inner.scan(options)) {
      for (const { key } of batch) this.#note(key)
      yield batch
    }
  }

  write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
    return this.#inner.write(ops, options)
  }

  async deleteRange(range: KeyRange): Promise<void> {
    for await (const _ of this.#inner.scan({ ...range, limit: 1 })) this.rangesFreed++
    await this.#inner.deleteRange(range)
  }

  sizeOnDisk(): Promise<number> {
    return this.#inner.sizeOnDisk()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #note(key: Uint8Array): void {
    this.keysRead.push(Buffer.from(key).toString("hex"))
  }
}
