import { mkdir, realpath } from "node:fs/promises"
import { resolve } from "node:path"
import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"
import { TierdexError } from "@tierdex/core"
import { closed, failed, locked } from "./errors.ts"
import { checkFolder, folderSize, LogFiles } from "./folder.ts"
import {
  checkOptions,
  engineOptions,
  type RocksPathOptions,
  type RocksStoreOptions,
} from "./options.ts"
import type { RocksConstructor, RocksDatabase, RocksWrite } from "./rocksdb.ts"

/** A RocksDB folder as the store of an index. */
export function rocksdbStore(options: RocksStoreOptions): Store {
  checkOptions(options)
  return new RocksStore(options)
}

/** Handles that carry a store. */
const inUse = new WeakSet<RocksDatabase>()

/** A batch of a scan ends with the entry that reaches either. */
const SCAN_ENTRIES = 256
const SCAN_BYTES = 1 << 20
/** Entries that a scan reads in one step. */
const SCAN_STEP = 32

/** Ends a message about a path. */
const ADVICE = "Name a new folder, or one that a rocksdbStore has made, and that may be written to."

class RocksStore implements Store {
  readonly name = "rocksdb"
  readonly capabilities = { durableWrites: true, syncReads: false, persistent: true }
  readonly #options: RocksStoreOptions
  #db: RocksDatabase | undefined
  #logs: LogFiles | undefined
  #closing: Promise<void> | undefined
  /** Settles with the last write. RocksDB takes writes that overlap in any order. */
  #writes: Promise<unknown> = Promise.resolve()
  /** The first failed write. Whether a log that could not be flushed is whole nobody knows. */
  #failure: TierdexError | undefined

  constructor(options: RocksStoreOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    if (this.#closing !== undefined) throw closed()
    const options = this.#options
    const path = "db" in options ? options.db.path : resolve(options.path)
    if (this.#db !== undefined || ("db" in options && inUse.has(options.db))) throw locked(path)
    const db = "db" in options ? options.db : await openFolder(path, options)
    await db.ready()
    inUse.add(db)
    this.#db = db
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
      throw failed("Cannot read", error)
    }
  }

  /** Each batch has an iterator of its own: one kept open would hold up closing. */
  async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    const { reverse = false, limit = Number.POSITIVE_INFINITY } = options
    let { gte, lt } = options
    let left = limit
    while (left > 0) {
      const batch = await this.#readBatch(gte, lt, reverse, Math.min(left, SCAN_ENTRIES))
      if (batch.length === 0) return
      left -= batch.length
      const last = batch[batch.length - 1].key
      if (reverse) lt = last.slice()
      else gte = successor(last)
      yield batch
    }
  }

  async write(ops: readonly WriteOp[], { durable }: { readonly durable: boolean }): Promise<void> {
    const db = this.#opened()
    await this.#inTurn(async () => {
      if (ops.length > 0) await flush(db, ops.length, (batch) => fill(batch, ops))
      if (durable) await this.#flushLogs(db)
    })
  }

  /** One entry in the log, whatever the range holds; the space comes back as RocksDB merges. */
  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    const db = this.#opened()
    if (Buffer.compare(gte, lt) >= 0) return
    await this.#inTurn(() => flush(db, 1, (batch) => batch.tryDeleteRange(gte, lt)))
  }

  async sizeOnDisk(): Promise<number> {
    return await folderSize(this.#opened().path)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#writes
    if (this.#db === undefined) return
    await this.#logs?.close()
    inUse.delete(this.#db)
    if ("db" in this.#options) return
    // So that the next open has no log to read. If it fails, it has.
    await this.#db.flush().catch(() => undefined)
    await this.#db.close()
  }

  #opened(): RocksDatabase {
    if (this.#db === undefined || this.#closing !== undefined) throw closed()
    return this.#db
  }

  async #readBatch(
    gte: Uint8Array,
    lt: Uint8Array,
    reverse: boolean,
    limit: number,
  ): Promise<Entry[]> {
    const db = this.#opened()
    const batch: Entry[] = []
    let bytes = 0
    try {
      const options = { reverse, limit, capacity: Math.min(limit, SCAN_STEP) }
      for await (const { key, value } of db.iterator({ gte, lt }, options)) {
        batch.push({ key: plain(key), value: plain(value) })
        bytes += value.byteLength
        if (bytes >= SCAN_BYTES) break
      }
    } catch (error) {
      throw failed("Cannot scan", error)
    }
    return batch
  }

  async #inTurn(write: () => Promise<void>): Promise<void> {
    const turn = this.#writes.then(async () => {
      if (this.#failure !== undefined) throw this.#failure
      try {
        await write()
      } catch (error) {
        this.#failure = failed("Cannot write", causeOf(error))
        throw this.#failure
      }
    })
    this.#writes = turn.catch(() => undefined)
    await turn
  }

  /** `rocksdb-native` cannot ask RocksDB to flush its log, and Windows lets nobody else. */
  async #flushLogs(db: RocksDatabase): Promise<void> {
    if (process.platform === "win32") await db.flush()
    else await this.#logs?.flush()
  }
}

async function openFolder(path: string, options: RocksPathOptions): Promise<RocksDatabase> {
  const RocksDB = await loadRocks()
  try {
    await mkdir(path, { recursive: true })
    // One lock, whatever links lead here.
    const folder = await realpath(path)
    await checkFolder(folder)
    const db = new RocksDB(folder, engineOptions(options))
    await db.ready()
    return db
  } catch (error) {
    if (/lock hold by|while lock file|create lock file/i.test(String(error))) throw locked(path)
    throw failed(`Cannot open ${path}`, error, ADVICE)
  }
}

async function flush(
  db: RocksDatabase,
  capacity: number,
  fill: (batch: RocksWrite) => void,
): Promise<void> {
  const batch = db.write({ capacity, autoDestroy: true })
  fill(batch)
  await batch.flush()
}

function fill(batch: RocksWrite, ops: readonly WriteOp[]): void {
  for (const op of ops) {
    if (op.type === "put") batch.tryPut(op.key, op.value)
    else batch.tryDelete(op.key)
  }
}

/** The package brings binaries, and throws on loading where it has none. */
async function loadRocks(): Promise<RocksConstructor> {
  try {
    const { default: RocksDB }: { default: RocksConstructor } = await import("rocksdb-native")
    return RocksDB
  } catch (cause) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_PLATFORM",
      `RocksDB does not load on ${process.platform}-${process.arch}: rocksdb-native has no binary for it, or libatomic is missing (libatomic1 in Debian).`,
      { cause },
    )
  }
}

/** What RocksDB said: the package throws an error that says only that a batch failed. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}

/** Without the methods of `Buffer`, of which some mean other things than those of its parent. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The least key above `key`. */
function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
