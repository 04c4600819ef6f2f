import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import type {
  Entry,
  KeyRange,
  ScanOptions,
  Store,
  StoreCapabilities,
  TierdexError,
  WriteOp,
} from "@tierdex/core"
import { closed, codeOf, failed, locked } from "./errors.ts"
import { LogFile } from "./log-file.ts"
import { openFile } from "./open-file.ts"
import { checkOptions, type SqliteStoreOptions } from "./options.ts"
import { prepare, type Statements } from "./schema.ts"
import type { SqliteDatabase } from "./sqlite.ts"

/** An SQLite file as the store of an index. */
export function sqliteStore(options: SqliteStoreOptions): Store {
  checkOptions(options)
  return new SqliteStore(options)
}

/** Handles that carry a store. */
const inUse = new WeakSet<SqliteDatabase>()

/** Keys that one transaction of `deleteRange` deletes. */
const DELETE_SLICE = 500

/** A batch of a scan ends with the entry that reaches either. */
const SCAN_ENTRIES = 256
const SCAN_BYTES = 1 << 20

/** What there is between open and close. */
interface Opened {
  readonly db: SqliteDatabase
  readonly statements: Statements
  readonly log: LogFile
  /** Writes a batch in a transaction. */
  readonly apply: (ops: readonly WriteOp[]) => void
}

class SqliteStore implements Store {
  readonly name = "sqlite"
  readonly capabilities: StoreCapabilities
  readonly #options: SqliteStoreOptions
  #opened: Opened | undefined
  #closing: Promise<void> | undefined
  #commits = 0
  /** The last commit that is known to be durable. */
  #flushed = 0
  /** Settles with the last write. */
  #writes: Promise<void> = Promise.resolve()
  /** The first write that failed on the disk. What is in the log since then nobody knows. */
  #failure: TierdexError | undefined

  constructor(options: SqliteStoreOptions) {
    this.#options = options
    const isMine = "path" in options
    this.capabilities = {
      durableWrites: isMine || isDurable(options.db),
      syncReads: true,
      persistent: isMine || !options.db.memory,
    }
  }

  async open(): Promise<void> {
    if (this.#closing !== undefined) throw closed()
    const options = this.#options
    const path = "db" in options ? options.db.name : resolve(options.path)
    if (this.#opened !== undefined || ("db" in options && inUse.has(options.db))) throw locked(path)
    const db = "db" in options ? options.db : await openFile(path, options)
    try {
      const statements = prepare(db)
      const { immediate: apply } = db.transaction((ops: readonly WriteOp[]) => {
        for (const op of ops) {
          if (op.type === "put") statements.put.run(op.key, op.value)
          else statements.delete.run(op.key)
        }
      })
      this.#opened = { db, statements, log: new LogFile(`${db.name}-wal`), apply }
      inUse.add(db)
    } catch (error) {
      if ("path" in options) db.close()
      throw failed(`Cannot use ${path}`, error)
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const { statements } = this.#assertOpen()
    try {
      const value = statements.get.get(key)
      return value === undefined ? undefined : plain(value)
    } catch (error) {
      throw failed("Cannot read", error)
    }
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  /** Each batch is a query of its own: one left open would hold up writes. */
  async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    const { reverse = false, limit = Number.POSITIVE_INFINITY } = options
    let { gte, lt } = options
    let left = limit
    while (left > 0) {
      const batch = this.#readBatch(gte, lt, reverse, Math.min(left, SCAN_ENTRIES))
      if (batch.length === 0) return
      left -= batch.length
      const last = batch[batch.length - 1].key
      if (reverse) lt = last.slice()
      else gte = successor(last)
      yield batch
      await nextTurn()
    }
  }

  async write(ops: readonly WriteOp[], { durable }: { readonly durable: boolean }): Promise<void> {
    const { apply } = this.#assertOpen()
    this.#change(() => apply(ops))
    const commit = ++this.#commits
    const turn = this.#writes.then(() =>
      durable && this.capabilities.durableWrites ? this.#flush(commit) : nextTurn(),
    )
    this.#writes = turn.catch(() => undefined)
    await turn
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    for (;;) {
      const { statements } = this.#assertOpen()
      let changes = 0
      this.#change(() => {
        changes = statements.deleteSome.run(gte, lt, DELETE_SLICE).changes
      })
      if (changes < DELETE_SLICE) return
      await nextTurn()
    }
  }

  /** The file, which keeps the size it once had: SQLite uses freed pages again. And the log. */
  async sizeOnDisk(): Promise<number> {
    const { db } = this.#assertOpen()
    const pages = Number(db.pragma("page_count", { simple: true }))
    const pageBytes = Number(db.pragma("page_size", { simple: true }))
    const log = await stat(`${db.name}-wal`).catch(() => undefined)
    return pages * pageBytes + (log?.size ?? 0)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#writes
    if (this.#opened === undefined) return
    const { db, log } = this.#opened
    await log.close()
    inUse.delete(db)
    if ("path" in this.#options) db.close()
  }

  #assertOpen(): Opened {
    if (this.#opened === undefined || this.#closing !== undefined) throw closed()
    return this.#opened
  }

  #readBatch(gte: Uint8Array, lt: Uint8Array, reverse: boolean, limit: number): Entry[] {
    const { statements } = this.#assertOpen()
    const batch: Entry[] = []
    let bytes = 0
    try {
      const rows = (reverse ? statements.scanReverse : statements.scan).iterate(gte, lt, limit)
      for (const row of rows as Iterable<[Uint8Array, Uint8Array]>) {
        batch.push({ key: plain(row[0]), value: plain(row[1]) })
        bytes += row[1].byteLength
        if (bytes >= SCAN_BYTES) break
      }
    } catch (error) {
      throw failed("Cannot scan", error)
    }
    return batch
  }

  /** Makes a commit durable, and those before it. Commits that wait here share a flush. */
  async #flush(commit: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (commit <= this.#flushed) return
    const last = this.#commits
    try {
      await this.#opened?.log.flush()
    } catch (error) {
      this.#failure = failed("Cannot flush", error)
      throw this.#failure
    }
    this.#flushed = last
  }

  /** Runs a transaction, unless one has failed on the disk. */
  #change(run: () => void): void {
    if (this.#failure !== undefined) throw this.#failure
    try {
      run()
    } catch (error) {
      const failure = failed("Cannot write", error)
      if (String(codeOf(error)).startsWith("SQLITE_IOERR")) this.#failure = failure
      throw failure
    }
  }
}

/** Whether flushing the log of a database makes its commits durable. */
function isDurable(db: SqliteDatabase): boolean {
  const setting = (name: string) => db.pragma(name, { simple: true })
  return setting("journal_mode") === "wal" && setting("synchronous") !== 0
}

/** Otherwise a loop of awaited writes would let nothing else run. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Without the methods of `Buffer`, of which some mean other things than those of its parent. */
function plain(value: unknown): Uint8Array {
  const { buffer, byteOffset, byteLength } = value as Uint8Array
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The least key above `key`. */
function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
