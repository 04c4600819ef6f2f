import { mkdir } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { codeOf, storeFailed, storeLocked, unsupportedPlatform } from "@tierdex/core/adapter"
import { LogFile } from "./log-file.ts"
import type { SqlitePathOptions, SqliteStoreOptions } from "./options.ts"
import { prepare, type Statements, TABLE } from "./schema.ts"
import type { SqliteConstructor, SqliteDatabase } from "./sqlite.ts"

/** The least version of Node-API that `better-sqlite3` loads on. On others it ends the process. */
const NODE_API = 10

/** An open database that is a store's alone, or a table in one. */
export interface Held {
  readonly db: SqliteDatabase
  readonly statements: Statements
  readonly log: LogFile
  /** Lets others have it; closes it if it was opened here. */
  readonly release: () => Promise<void>
}

/** Handles that carry a store. */
const inUse = new WeakSet<SqliteDatabase>()

/** Opens a file, which is made if need be, or takes an open database. */
export async function openDatabase(options: SqliteStoreOptions): Promise<Held> {
  const db = "db" in options ? options.db : await openFile(resolve(options.path), options)
  if (inUse.has(db)) throw storeLocked(db.name)
  try {
    const statements = prepare(db)
    const log = new LogFile(`${db.name}-wal`)
    inUse.add(db)
    const release = async () => {
      await log.close()
      inUse.delete(db)
      if ("path" in options) db.close()
    }
    return { db, statements, log, release }
  } catch (error) {
    if ("path" in options) db.close()
    throw storeFailed(`Cannot use ${db.name}`, error)
  }
}

/**
 * Locks the file, too. It is SQLite's alone to open: when a process closes any other handle of it,
 * the operating system gives up SQLite's lock.
 */
async function openFile(path: string, options: SqlitePathOptions): Promise<SqliteDatabase> {
  const Database = await loadSqlite()
  let db: SqliteDatabase | undefined
  try {
    await mkdir(dirname(path), { recursive: true })
    // What is locked now is refused now.
    db = new Database(path, { timeout: 0 })
    db.pragma(`page_size = ${options.pageBytes ?? 4_096}`)
    db.pragma("locking_mode = EXCLUSIVE")
    checkContent(db)
    setUp(db, options)
    return db
  } catch (error) {
    db?.close()
    if (codeOf(error) === "SQLITE_BUSY") throw storeLocked(path)
    const advice =
      "Name a new file, or one that a sqliteStore has made, and that may be written to."
    throw storeFailed(`Cannot open ${path}`, error, advice)
  }
}

/** Throws if the database belongs to something else. */
function checkContent(db: SqliteDatabase): void {
  const names = [...db.prepare("SELECT name FROM sqlite_schema").pluck().iterate()]
  if (names.length > 0 && !names.includes(TABLE))
    throw new Error("It is a database of another kind.")
}

function setUp(db: SqliteDatabase, options: SqlitePathOptions): void {
  const { cacheBytes = 4 << 20, checkpointBytes = 8 << 20 } = options
  // A file that is there keeps the size it has.
  const pageBytes = Number(db.pragma("page_size", { simple: true }))
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = NORMAL")
  db.pragma(`cache_size = -${Math.ceil(cacheBytes / 1_024)}`)
  db.pragma(`wal_autocheckpoint = ${Math.ceil(checkpointBytes / pageBytes)}`)
  db.pragma(`journal_size_limit = ${checkpointBytes}`)
  // macOS keeps what is flushed in the disk's own cache unless it is told so.
  db.pragma("fullfsync = ON")
  db.pragma("checkpoint_fullfsync = ON")
  // Takes the lock, even of a file that is not written to.
  db.exec("BEGIN EXCLUSIVE; COMMIT")
}

async function loadSqlite(): Promise<SqliteConstructor> {
  if (!(Number(process.versions.napi) >= NODE_API)) {
    const why = `better-sqlite3 needs Node 22.14 or later, and this is ${process.versions.node}.`
    throw unsupportedPlatform("SQLite", why)
  }
  try {
    const { default: Database }: { default: SqliteConstructor } = await import("better-sqlite3")
    // Loads the binary.
    new Database(":memory:", { timeout: 0 }).close()
    return Database
  } catch (cause) {
    throw unsupportedPlatform("SQLite", "better-sqlite3 has no binary for it.", cause)
  }
}
