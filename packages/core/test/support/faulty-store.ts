import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "../../src/store/store.ts"
import { WrappedStore } from "./wrapped-store.ts"

/** Entries in a batch of a scan: few, so that a scan can fail between two batches. */
const SCAN_BATCH = 2

/** What a store is asked. A scan is a call at its start, and one more for each batch. */
export type StoreCall =
  | "open"
  | "get"
  | "getMany"
  | "scan"
  | "write"
  | "deleteRange"
  | "sizeOnDisk"
  | "close"

export interface FaultOptions {
  /** Which call, counted from 1, is the first to fail. */
  readonly failAt: number
  /** The kinds of calls that are counted. Default: all. */
  readonly kinds?: readonly StoreCall[]
  /** What fails: this call once, from then on all of its kind, or all calls. */
  readonly lasts: "once" | "kind" | "all"
  /** Whether a `write`, `deleteRange` or `close` that fails takes effect all the same. */
  readonly applied?: boolean
}

/** What a call that is made to fail fails with. */
export class FaultError extends Error {
  constructor() {
    super("EIO: i/o error")
    this.name = "FaultError"
  }
}

/** A store of which any one call can be made to fail. Reads that are synchronous throw. */
export class FaultyStore extends WrappedStore {
  readonly #options: FaultOptions
  /** What it was asked, in order, failed calls among them. */
  readonly calls: StoreCall[] = []
  #counted = 0
  #failed: StoreCall | undefined

  constructor(inner: Store, options: FaultOptions) {
    super(inner)
    this.#options = options
  }

  /** The call that was the first to fail, once it did. */
  get failed(): StoreCall | undefined {
    return this.#failed
  }

  get lasts(): FaultOptions["lasts"] {
    return this.#options.lasts
  }

  override async open(): Promise<void> {
    this.#call("open")
    await this.inner.open()
  }

  override get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#call("get")
    return this.inner.get(key)
  }

  override getMany(
    keys: readonly Uint8Array[],
  ): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]> {
    this.#call("getMany")
    return this.inner.getMany(keys)
  }

  override async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    this.#call("scan")
    for await (const batch of this.inner.scan(options)) {
      for (let from = 0; from < batch.length; from += SCAN_BATCH) {
        this.#call("scan")
        yield batch.slice(from, from + SCAN_BATCH)
      }
    }
  }

  override write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
    return this.#change("write", () => this.inner.write(ops, options))
  }

  override deleteRange(range: KeyRange): Promise<void> {
    return this.#change("deleteRange", () => this.inner.deleteRange(range))
  }

  override async sizeOnDisk(): Promise<number> {
    this.#call("sizeOnDisk")
    return await this.inner.sizeOnDisk()
  }

  override close(): Promise<void> {
    return this.#change("close", () => this.inner.close())
  }

  async #change(call: StoreCall, effect: () => Promise<void>): Promise<void> {
    try {
      this.#call(call)
    } catch (error) {
      if (this.#options.applied) await effect()
      throw error
    }
    await effect()
  }

  #call(call: StoreCall): void {
    this.calls.push(call)
    const { failAt, kinds } = this.#options
    const isLasting = this.#isLasting(call)
    const isCounted = kinds === undefined || kinds.includes(call)
    const isFirst = isCounted && ++this.#counted === failAt
    if (isFirst) this.#failed = call
    if (isFirst || isLasting) throw new FaultError()
  }

  /** Whether a call fails because of an earlier one that did. */
  #isLasting(call: StoreCall): boolean {
    if (this.#failed === undefined || this.lasts === "once") return false
    return this.lasts === "all" || call === this.#failed
  }
}
