import { stat } from "node:fs/promises"
import { join } from "node:path"
import type { Entry, KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "@tierdex/core"
import { Opening, plain, scanInBatches, storeFailed, WriteQueue } from "@tierdex/core/adapter"
import { commit } from "./commit.ts"
import { type Held, openDatabase } from "./open.ts"
import { checkOptions, type LmdbStoreOptions } from "./options.ts"

/** An LMDB file as the store of an index. */
export function lmdbStore(options: LmdbStoreOptions): Store {
  checkOptions(options)
  return new LmdbStore(options)
}

/** Keys that one transaction of `deleteRange` deletes. */
const DELETE_SLICE = 1_000

class LmdbStore implements Store {
  readonly name = "lmdb"
  readonly capabilities: StoreCapabilities
  readonly #options: LmdbStoreOptions
  readonly #opening = new Opening<Held>()
  /** What waits for the transaction in progress, to share the next one and its flush. */
  readonly #waiting: (readonly WriteOp[])[] = []
  /** Asked for another transaction after one that failed, LMDB can hang: it is not. */
  readonly #writes = new WriteQueue()

  constructor(options: LmdbStoreOptions) {
    this.#options = options
    this.capabilities = { durableWrites: !options.noSync, syncReads: true, persistent: true }
  }

  async open(): Promise<void> {
    await this.#opening.open(() => openDatabase(this.#options))
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const { db } = this.#opening.held
    try {
      return plain(db.getBinary(key))
    } catch (error) {
      throw storeFailed("Cannot read", error)
    }
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  /** Each batch has a read transaction of its own: one kept open would hold freed pages back. */
  scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    return scanInBatches(options, ({ gte, lt, reverse, limit }) =>
      this.#opening.held.db.getRange(
        reverse
          ? { start: lt, end: gte, exclusiveStart: true, inclusiveEnd: true, reverse, limit }
          : { start: gte, end: lt, limit },
      ),
    )
  }

  /** Every commit is flushed, unless none is: there is nothing to do for a durable one. */
  async write(ops: readonly WriteOp[], _options?: { readonly durable: boolean }): Promise<void> {
    const { db } = this.#opening.held
    if (this.#writes.failure !== undefined) throw this.#writes.failure
    this.#waiting.push(ops)
    await this.#writes.run(async () => {
      // A write before this one may have taken it along.
      const batches = this.#waiting.splice(0)
      if (batches.length > 0) await commit(db, batches)
    })
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    for (;;) {
      const range = this.#opening.held.db.getKeys({ start: gte, end: lt, limit: DELETE_SLICE })
      const ops = Array.from(range, (key): WriteOp => ({ type: "delete", key }))
      if (ops.length > 0) await this.write(ops)
      if (ops.length < DELETE_SLICE) return
    }
  }

  /** The data file, which keeps the size it once had: LMDB uses freed pages again. */
  async sizeOnDisk(): Promise<number> {
    const { path } = this.#opening.held
    const found = await stat(path)
    return found.isDirectory() ? (await stat(join(path, "data.mdb"))).size : found.size
  }

  close(): Promise<void> {
    return this.#opening.close(() => this.#writes.settle())
  }
}
