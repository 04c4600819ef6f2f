import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"
import {
  type BatchRange,
  folderSize,
  Opening,
  plain,
  scanInBatches,
  storeClosed,
  storeFailed,
  successor,
  WriteQueue,
} from "@tierdex/core/adapter"
import { LogFiles } from "./folder.ts"
import { AS_BYTES, type LevelDatabase, type LevelOperation } from "./level.ts"
import { type Held, openDatabase } from "./open.ts"
import { checkOptions, type LevelStoreOptions } from "./options.ts"

/** A LevelDB folder as the store of an index. */
export function levelStore(options: LevelStoreOptions): Store {
  checkOptions(options)
  return new LevelStore(options)
}

/** Longer than keys can be. */
const NO_KEY = new Uint8Array(65)

/** Keys that one step of `deleteRange` deletes. */
const DELETE_SLICE = 1_000

/** Bytes that a deleted range takes on the disk before it is worth compacting. */
const COMPACT_BYTES = 4 << 20

class LevelStore implements Store {
  readonly name = "level"
  readonly capabilities = { durableWrites: true, syncReads: true, persistent: true }
  readonly #options: LevelStoreOptions
  readonly #opening = new Opening<Held>()
  #logs: LogFiles | undefined
  /** LevelDB takes writes that overlap in any order. */
  readonly #writes = new WriteQueue()

  constructor(options: LevelStoreOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { db } = await this.#opening.open(() => openDatabase(this.#options))
    this.#logs = new LogFiles(db.location)
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const db = this.#opened()
    try {
      return plain(db.getSync(key, AS_BYTES))
    } catch (error) {
      throw storeFailed("Cannot read", error)
    }
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  /** Each batch has an iterator of its own: one kept open would hold deleted tables back. */
  scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    return scanInBatches(options, (range) => this.#read(range))
  }

  async write(ops: readonly WriteOp[], { durable }: { readonly durable: boolean }): Promise<void> {
    const db = this.#opened()
    await this.#writes.run(() => this.#commit(db, ops, durable))
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    for (let from: Uint8Array | undefined = gte; from !== undefined; ) {
      const db = this.#opened()
      const start: Uint8Array = from
      from = await this.#writes.run(() => this.#deleteSlice(db, start, lt))
    }
    await this.#compact(gte, lt)
  }

  async sizeOnDisk(): Promise<number> {
    return await folderSize(this.#opened().location)
  }

  close(): Promise<void> {
    return this.#opening.close(() => this.#writes.settle())
  }

  #opened(): LevelDatabase {
    return this.#opening.held.db
  }

  async #read({ gte, lt, reverse, limit, bytes }: BatchRange): Promise<Entry[]> {
    const range = { gte, lt, reverse, highWaterMarkBytes: bytes }
    const iterator = this.#opened().iterator({ ...AS_BYTES, ...range })
    try {
      const entries = await iterator.nextv(limit)
      return entries.map(([key, value]) => ({ key, value }))
    } catch (error) {
      throw this.#opening.isClosing ? storeClosed() : error
    } finally {
      await iterator.close()
    }
  }

  async #commit(db: LevelDatabase, ops: readonly WriteOp[], durable: boolean): Promise<void> {
    const steps = ops.map(
      (op): LevelOperation => (op.type === "put" ? op : { type: "del", key: op.key }),
    )
    // A batch without operations would not flush anything.
    if (durable && steps.length === 0) steps.push({ type: "del", key: NO_KEY })
    await db.batch(steps, { ...AS_BYTES, sync: durable })
    if (durable) await this.#logs?.flush()
  }

  /** Deletes some keys of a range; answers where to go on, or undefined at its end. */
  async #deleteSlice(
    db: LevelDatabase,
    gte: Uint8Array,
    lt: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    const keys = await db.keys({ keyEncoding: "view", gte, lt, limit: DELETE_SLICE }).all()
    const ops = keys.map((key): WriteOp => ({ type: "delete", key }))
    await this.#commit(db, ops, false)
    return keys.length < DELETE_SLICE ? undefined : successor(keys[keys.length - 1])
  }

  /** Frees the space of a deleted range, which LevelDB would keep for long if left to itself. */
  async #compact(gte: Uint8Array, lt: Uint8Array): Promise<void> {
    const db = this.#opened()
    try {
      const bytes = await db.approximateSize(gte, lt, AS_BYTES)
      if (bytes >= COMPACT_BYTES) await db.compactRange(gte, lt, AS_BYTES)
    } catch (error) {
      throw this.#opening.isClosing ? storeClosed() : storeFailed("Cannot compact", error)
    }
  }
}
