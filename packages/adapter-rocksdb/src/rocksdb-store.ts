import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"
import {
  folderSize,
  Opening,
  plain,
  scanInBatches,
  storeFailed,
  WriteQueue,
} from "@tierdex/core/adapter"
import { LogFiles } from "./folder.ts"
import { type Held, openDatabase } from "./open.ts"
import { checkOptions, type RocksStoreOptions } from "./options.ts"
import type { RocksDatabase, RocksWrite } from "./rocksdb.ts"

/** A RocksDB folder as the store of an index. */
export function rocksdbStore(options: RocksStoreOptions): Store {
  checkOptions(options)
  return new RocksStore(options)
}

/** Entries that a scan reads in one step. */
const SCAN_STEP = 32

class RocksStore implements Store {
  readonly name = "rocksdb"
  readonly capabilities = { durableWrites: true, syncReads: false, persistent: true }
  readonly #options: RocksStoreOptions
  readonly #opening = new Opening<Held>()
  #logs: LogFiles | undefined
  /** RocksDB takes writes that overlap in any order. */
  readonly #writes = new WriteQueue()

  constructor(options: RocksStoreOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { db } = await this.#opening.open(() => openDatabase(this.#options))
    this.#logs = new LogFiles(db.path)
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany([key])
    return value
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const db = this.#opened()
    if (keys.length === 0) return []
    try {
      const batch = db.read({ capacity: keys.length, autoDestroy: true })
      const values = keys.map((key) => batch.get(key))
      batch.tryFlush()
      return (await Promise.all(values)).map((value) => (value === null ? undefined : plain(value)))
    } catch (error) {
      throw storeFailed("Cannot read", error)
    }
  }

  /** Each batch has an iterator of its own: one kept open would hold up closing. */
  scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    return scanInBatches(options, ({ gte, lt, reverse, limit }) => {
      const capacity = Math.min(limit, SCAN_STEP)
      return this.#opened().iterator({ gte, lt }, { reverse, limit, capacity })
    })
  }

  async write(ops: readonly WriteOp[], { durable }: { readonly durable: boolean }): Promise<void> {
    const db = this.#opened()
    await this.#writes.run(async () => {
      if (ops.length > 0) await flush(db, ops.length, (batch) => fill(batch, ops))
      if (durable) await this.#flushLogs(db)
    })
  }

  /** One entry in the log, whatever the range holds; the space comes back as RocksDB merges. */
  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    const db = this.#opened()
    if (Buffer.compare(gte, lt) >= 0) return
    await this.#writes.run(() => flush(db, 1, (batch) => batch.tryDeleteRange(gte, lt)))
  }

  async sizeOnDisk(): Promise<number> {
    return await folderSize(this.#opened().path)
  }

  close(): Promise<void> {
    return this.#opening.close(async () => {
      await this.#writes.settle()
      await this.#logs?.close()
    })
  }

  #opened(): RocksDatabase {
    return this.#opening.held.db
  }

  /** `rocksdb-native` cannot ask RocksDB to flush its log, and Windows lets nobody else. */
  async #flushLogs(db: RocksDatabase): Promise<void> {
    if (process.platform === "win32") await db.flush()
    else await this.#logs?.flush()
  }
}

async function flush(
  db: RocksDatabase,
  capacity: number,
  fill: (batch: RocksWrite) => void,
): Promise<void> {
  const batch = db.write({ capacity, autoDestroy: true })
  fill(batch)
  await batch.flush().catch((error) => {
    throw causeOf(error)
  })
}

function fill(batch: RocksWrite, ops: readonly WriteOp[]): void {
  for (const op of ops) {
    if (op.type === "put") batch.tryPut(op.key, op.value)
    else batch.tryDelete(op.key)
  }
}

/** What RocksDB said: the package throws an error that says only that a batch failed. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
