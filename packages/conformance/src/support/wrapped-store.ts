import type { KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "@tierdex/core"

/** Passes every call on: what wrappers extend. */
export class WrappedStore implements Store {
  readonly name: string
  readonly capabilities: StoreCapabilities
  protected readonly inner: Store

  constructor(inner: Store) {
    this.name = inner.name
    this.capabilities = inner.capabilities
    this.inner = inner
  }

  open(): Promise<void> {
    return this.inner.open()
  }

  get(key: Uint8Array) {
    return this.inner.get(key)
  }

  getMany(keys: readonly Uint8Array[]) {
    return this.inner.getMany(keys)
  }

  scan(options: ScanOptions) {
    return this.inner.scan(options)
  }

  write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
    return this.inner.write(ops, options)
  }

  deleteRange(range: KeyRange): Promise<void> {
    return this.inner.deleteRange(range)
  }

  sizeOnDisk(): Promise<number> {
    return this.inner.sizeOnDisk()
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}
