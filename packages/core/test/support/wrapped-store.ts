import type {
  Entry,
  KeyRange,
  ScanOptions,
  Store,
  StoreCapabilities,
  WriteOp,
} from "../../src/store/store.ts"

/** Passes every call on to `inner`: what wrappers extend and change. */
export class WrappedStore implements Store {
  readonly inner: Store

  constructor(inner: Store) {
    this.inner = inner
  }

  get name(): string {
    return this.inner.name
  }

  get capabilities(): StoreCapabilities {
    return this.inner.capabilities
  }

  open(): Promise<void> {
    return this.inner.open()
  }

  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.inner.get(key)
  }

  getMany(
    keys: readonly Uint8Array[],
  ): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]> {
    return this.inner.getMany(keys)
  }

  scan(options: ScanOptions): AsyncIterable<readonly Entry[]> {
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
