import { mkdir, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"
import { nextTurn, scanInBatches, storeClosed, storeLocked } from "@tierdex/core/adapter"

export interface NodeSqliteStoreOptions {
  /** The database file. It and its folder are created if need be. */
  readonly path: string
}

/** Adapters export a function that makes a store, not open yet. The suite calls it, and users do. */
export function nodeSqliteStore({ path }: NodeSqliteStoreOptions): Store {
  return new NodeSqliteStore(resolve(path))
}

/** Step 1: a table of keys and values. SQLite compares blobs byte by byte, as a store has to. */
const TABLE = `
CREATE TABLE IF NOT EXISTS entries (
  key BLOB NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT`
const RANGE = "FROM entries WHERE key >= ? AND key < ?"

/** Entries that are deleted at a time, before other work gets its turn. */
const DELETE_SLICE = 500

/** Of SQLite's errors, the one for a file that somebody else has locked. */
const SQLITE_BUSY = 5

class NodeSqliteStore implements Store {
  readonly name = "node-sqlite"
  /** Step 2: what it can do. Say no more than is true: the suite tries, all but the power cut. */
  readonly capabilities = { durableWrites: true, syncReads: true, persistent: true }
  readonly #path: string
  /** There from `open` to `close`. */
  #db: DatabaseSync | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Step 3: open the file, and hold a lock that goes with the process, however that ends. */
  async open(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true })
    const db = new DatabaseSync(this.#path)
    try {
      db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
      const others = db.prepare("SELECT name FROM sqlite_schema WHERE tbl_name <> 'entries'").all()
      if (others.length > 0) throw new Error(`${this.#path} is a database of something else.`)
      // A commit goes to a log and is flushed: atomic, and durable whether that was asked or not.
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON")
      db.exec(TABLE)
      this.#db = db
    } catch (error) {
      // A store that was refused holds nothing.
      db.close()
      if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) {
        throw storeLocked(this.#path)
      }
      throw error
    }
  }

  /** Step 4: reads. These return values and no promises, which is what `syncReads` says. */
  get(key: Uint8Array): Uint8Array | undefined {
    const row = this.#opened().prepare("SELECT value FROM entries WHERE key = ?").get(key)
    return row?.value as Uint8Array | undefined
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  /** Step 5: a range. `scanInBatches` asks for it piece by piece, so that no query stays open. */
  scan(options: ScanOptions): AsyncIterable<readonly Entry[]> {
    return scanInBatches(options, ({ gte, lt, reverse, limit }) => {
      const order = reverse ? "DESC" : "ASC"
      const sql = `SELECT key, value ${RANGE} ORDER BY key ${order} LIMIT ?`
      const rows: Iterable<unknown> = this.#opened().prepare(sql).iterate(gte, lt, limit)
      return rows as Iterable<Entry>
    })
  }

  /** Step 6: all or nothing. It takes effect before the first `await`, so in the order of calls. */
  async write(ops: readonly WriteOp[]): Promise<void> {
    const db = this.#opened()
    db.exec("BEGIN IMMEDIATE")
    try {
      const put = db.prepare("INSERT OR REPLACE INTO entries VALUES (?, ?)")
      const remove = db.prepare("DELETE FROM entries WHERE key = ?")
      for (const op of ops) {
        if (op.type === "put") put.run(op.key, op.value)
        else remove.run(op.key)
      }
      db.exec("COMMIT")
    } catch (error) {
      // When the disk is full, SQLite may have done so by itself.
      if (db.isTransaction) db.exec("ROLLBACK")
      throw error
    }
    await nextTurn()
  }

  /** Step 7: frees space. It need not be atomic, and so can let others run. */
  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    const sql = `DELETE FROM entries WHERE rowid IN (SELECT rowid ${RANGE} LIMIT ?)`
    while (this.#opened().prepare(sql).run(gte, lt, DELETE_SLICE).changes !== 0) await nextTurn()
  }

  async sizeOnDisk(): Promise<number> {
    this.#opened()
    const files = [this.#path, `${this.#path}-wal`].map((path) => stat(path).catch(() => undefined))
    return (await Promise.all(files)).reduce((sum, file) => sum + (file?.size ?? 0), 0)
  }

  /** Step 8: releases the file and the lock. Each write is done when `write` returns its promise. */
  async close(): Promise<void> {
    this.#db?.close()
    this.#db = undefined
  }

  #opened(): DatabaseSync {
    if (this.#db === undefined) throw storeClosed()
    return this.#db
  }
}
