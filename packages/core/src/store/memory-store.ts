import { TierdexError } from "../errors.ts"
import { SortedEntries } from "./sorted-entries.ts"
import type { Entry, KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "./store.ts"

/** Entries that a scan hands out, and `deleteRange` removes, before other work gets its turn. */
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

  async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    const { reverse = false, limit = Number.POSITIVE_INFINITY } = options
    let gte = new Uint8Array(options.gte)
    let lt = new Uint8Array(options.lt)
    let left = limit
    for (;;) {
      this.#assertOpen()
      const batch = this.#entries.range(gte, lt, reverse, Math.min(left, SLICE))
      if (batch.length === 0) return
      const last = new Uint8Array(batch[batch.length - 1].key)
      yield batch.map(({ key, value }) => ({
        key: new Uint8Array(key),
        value: new Uint8Array(value),
      }))
      left -= batch.length
      if (left === 0) return
      if (reverse) lt = last
      else gte = successor(last)
      await nextTurn()
    }
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
    if (!this.#open) throw new TierdexError("TIERDEX_CLOSED", "The store is not open.")
  }
}

/** The least key above `key`. */
function successor(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
