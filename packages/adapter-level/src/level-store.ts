import { mkdir, realpath } from "node:fs/promises"
import { resolve } from "node:path"
import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"
import { TierdexError } from "@tierdex/core"
import type { ClassicLevel } from "classic-level"
import { closed, codeOf, failed, locked } from "./errors.ts"
import { checkFolder, folderSize, LogFiles } from "./folder.ts"
import { checkOptions, engineOptions, type LevelStoreOptions } from "./options.ts"

/** A LevelDB folder as the store of an index. */
export function levelStore(options: LevelStoreOptions): Store {
  checkOptions(options)
  return new LevelStore(options)
}

const ENCODING = { keyEncoding: "view", valueEncoding: "view" } as const

type Database = ClassicLevel<Uint8Array, Uint8Array>

/**
 * Handles and folders that are open here. LevelDB refuses a folder that its process has open, but
 * in doing so gives up its lock against other processes: so it is not asked.
 */
const inUse = new Set<unknown>()

/** Longer than keys can be. */
const NO_KEY = new Uint8Array(65)

/** Keys that one step of `deleteRange` deletes. */
const DELETE_SLICE = 1_000

/** Bytes that a deleted range takes on the disk before it is worth compacting. */
const COMPACT_BYTES = 4 << 20

/** A batch of a scan ends with the entry that reaches either. */
const SCAN_ENTRIES = 256
const SCAN_BYTES = 1 << 20

/** Ends a message about a path. */
const ADVICE = "Name a new folder, or one that a levelStore has made, and that may be written to."

class LevelStore implements Store {
  readonly name = "level"
  readonly capabilities = { durableWrites: true, syncReads: true, persistent: true }
  readonly #options: LevelStoreOptions
  #db: Database | undefined
  #logs: LogFiles | undefined
  /** What stands for it in `inUse`. */
  #held: unknown
  #closing: Promise<void> | undefined
  /** Settles with the last write. LevelDB takes writes that overlap in any order. */
  #writes: Promise<unknown> = Promise.resolve()
  /** The first failed write. What LevelDB writes after one can be unreadable later. */
  #failure: TierdexError | undefined

  constructor(options: LevelStoreOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    if (this.#closing !== undefined) throw closed()
    const options = this.#options
    if ("db" in options) {
      const { db } = options
      return this.#hold(db, db.location, () => openHandle(db))
    }
    const { ClassicLevel } = await loadLevel()
    const path = resolve(options.path)
    try {
      await mkdir(path, { recursive: true })
      // One lock, whatever links lead here.
      const folder = await realpath(path)
      await this.#hold(folder, path, async () => {
        await checkFolder(folder)
        return openHandle(new ClassicLevel(folder, engineOptions(options)))
      })
    } catch (error) {
      throw failed(`Cannot open ${path}`, error, ADVICE)
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const db = this.#opened()
    try {
      return plain(db.getSync(key, ENCODING))
    } catch (error) {
      throw failed("Cannot read", error)
    }
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  /** Each batch has an iterator of its own: one kept open would hold deleted tables back. */
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
    this.#opened()
    await this.#inTurn(() => this.#commit(ops, durable))
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    for (let from: Uint8Array | undefined = gte; from !== undefined; ) {
      this.#opened()
      const start: Uint8Array = from
      from = await this.#inTurn(() => this.#deleteSlice(start, lt))
    }
    await this.#compact(gte, lt)
  }

  async sizeOnDisk(): Promise<number> {
    return await folderSize(this.#opened().location)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#writes
    try {
      if ("path" in this.#options) await this.#db?.close()
    } finally {
      inUse.delete(this.#held)
    }
  }

  #opened(): Database {
    if (this.#db === undefined || this.#closing !== undefined) throw closed()
    return this.#db
  }

  async #hold(what: unknown, path: string, open: () => Promise<Database>): Promise<void> {
    if (inUse.has(what)) throw locked(path)
    inUse.add(what)
    try {
      this.#db = await open()
    } catch (error) {
      inUse.delete(what)
      throw codeOf(error) === "LEVEL_LOCKED" ? locked(path) : error
    }
    this.#logs = new LogFiles(this.#db.location)
    this.#held = what
  }

  async #readBatch(
    gte: Uint8Array,
    lt: Uint8Array,
    reverse: boolean,
    limit: number,
  ): Promise<Entry[]> {
    const range = { gte, lt, reverse, highWaterMarkBytes: SCAN_BYTES }
    const iterator = this.#opened().iterator({ ...ENCODING, ...range })
    try {
      const entries = await iterator.nextv(limit)
      return entries.map(([key, value]) => ({ key: plain(key), value: plain(value) }))
    } catch (error) {
      throw this.#closing === undefined ? failed("Cannot scan", error) : closed()
    } finally {
      await iterator.close()
    }
  }

  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#writes.then(write)
    this.#writes = turn.catch(() => undefined)
    return turn
  }

  async #commit(ops: readonly WriteOp[], durable: boolean): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const steps = ops.map((op) => (op.type === "put" ? op : { type: "del" as const, key: op.key }))
    // A batch without operations would not flush anything.
    if (durable && steps.length === 0) steps.push({ type: "del", key: NO_KEY })
    try {
      await this.#db?.batch(steps, { ...ENCODING, sync: durable })
      if (durable) await this.#logs?.flush()
    } catch (error) {
      this.#failure = failed("Cannot write", error)
      throw this.#failure
    }
  }

  /** Deletes some keys of a range; answers where to go on, or undefined at its end. */
  async #deleteSlice(gte: Uint8Array, lt: Uint8Array): Promise<Uint8Array | undefined> {
    const iterator = this.#db?.keys({ keyEncoding: "view", gte, lt, limit: DELETE_SLICE })
    if (iterator === undefined) throw closed()
    const keys = await iterator.all()
    await this.#commit(
      keys.map((key) => ({ type: "delete", key })),
      false,
    )
    return keys.length < DELETE_SLICE ? undefined : successor(keys[keys.length - 1])
  }

  /** Frees the space of a deleted range, which LevelDB would keep for long if left to itself. */
  async #compact(gte: Uint8Array, lt: Uint8Array): Promise<void> {
    const db = this.#opened()
    try {
      const bytes = await db.approximateSize(gte, lt, ENCODING)
      if (bytes >= COMPACT_BYTES) await db.compactRange(gte, lt, ENCODING)
    } catch (error) {
      throw this.#closing === undefined ? failed("Cannot compact", error) : closed()
    }
  }
}

/** What LevelDB says is the cause of what `open` throws. */
async function openHandle(db: Database): Promise<Database> {
  try {
    await db.open()
    return db
  } catch (error) {
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error
  }
}

/** The package brings binaries, and throws on loading where it has none. */
async function loadLevel() {
  try {
    return await import("classic-level")
  } catch (cause) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_PLATFORM",
      `LevelDB does not load on ${process.platform}-${process.arch}: classic-level has no binary for it.`,
      { cause },
    )
  }
}

/** Without the methods of `Buffer`, of which some mean other things than those of its parent. */
function plain<B extends Uint8Array | undefined>(bytes: B): Uint8Array | B {
  return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The least key above `key`. */
function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
