import { storeClosed } from "../adapter/errors.ts"
import { scanInBatches } from "../adapter/scan.ts"
import { nextTurn } from "../adapter/turns.ts"
import { TierdexError } from "../errors.ts"
import { SortedEntries } from "./sorted-entries.ts"
import type { Entry, KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "./store.ts"

/** Entries that `deleteRange` removes before other work gets its turn. */
const SLICE = 1_000

/**
 * A store in memory, for segments that need not outlive the process and for tests.
 *
 * Closing keeps the entries: the same instance can be opened again, as files can. It holds copies
 * of what is written and hands out copies.
 */
export class MemoryStore implements Store {
  readonly name = "memory"
  readonly capabilities: StoreCapabilities = {
    durableWrites: false,
    syncReads: true,
    persistent: false,
  }

  readonly #entries = new SortedEntries()
  #open = false

  async open(): Promise<void> {
    if (this.#open) {
      throw new TierdexError("TIERDEX_LOCKED", "This MemoryStore is open already: close it first.")
    }
    this.#open = true
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#assertOpen()
    const value = this.#entries.get(key)
    return value === undefined ? undefined : new Uint8Array(value)
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    const { gte, lt } = options
    const range = { ...options, gte: new Uint8Array(gte), lt: new Uint8Array(lt) }
    return scanInBatches(range, ({ gte, lt, reverse, limit }) => {
      this.#assertOpen()
      const entries = this.#entries.range(gte, lt, reverse, limit)
      return entries.map(({ key, value }) => ({
        key: new Uint8Array(key),
        value: new Uint8Array(value),
      }))
    })
  }

  async write(ops: readonly WriteOp[], _options?: { readonly durable: boolean }): Promise<void> {
    this.#assertOpen()
    // All copies before the first change: what runs out of memory here has written nothing.
    const copies = ops.map((op) => ({
      key: new Uint8Array(op.key),
      value: op.type === "put" ? new Uint8Array(op.value) : undefined,
    }))
    for (const { key, value } of copies) {
      if (value === undefined) this.#entries.delete(key)
      else this.#entries.put(key, value)
    }
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    this.#assertOpen()
    const first = new Uint8Array(gte)
    const end = new Uint8Array(lt)
    while (this.#entries.deleteSome(first, end, SLICE) === SLICE) {
      await nextTurn()
      this.#assertOpen()
    }
  }

  /** The bytes of all keys and values. */
  async sizeOnDisk(): Promise<number> {
    this.#assertOpen()
    return this.#entries.byteLength
  }

  async close(): Promise<void> {
    this.#open = false
  }

  #assertOpen(): void {
    if (!this.#open) throw storeClosed()
  }
}
