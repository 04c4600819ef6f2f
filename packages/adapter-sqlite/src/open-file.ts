import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { TierdexError } from "@tierdex/core"
import { codeOf, failed, locked } from "./errors.ts"
import type { SqlitePathOptions } from "./options.ts"
import { TABLE } from "./schema.ts"
import type { SqliteConstructor, SqliteDatabase } from "./sqlite.ts"

/** The least version of Node-API that `better-sqlite3` loads on. On others it ends the process. */
const NODE_API = 10

/**
 * Opens or makes a database file, and locks it.
 *
 * The file is SQLite's alone to open: when a process closes any other handle of it, the operating
 * system gives up SQLite's lock.
 */
export async function openFile(path: string, options: SqlitePathOptions): Promise<SqliteDatabase> {
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
    if (codeOf(error) === "SQLITE_BUSY") throw locked(path)
    throw failed(
      `Cannot open ${path}`,
      error,
      "Name a new file, or one that a sqliteStore has made, and that may be written to.",
    )
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
  const platform = `${process.platform}-${process.arch}`
  if (!(Number(process.versions.napi) >= NODE_API)) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_PLATFORM",
      `SQLite does not load on Node ${process.versions.node}: better-sqlite3 needs Node 22.14 or later.`,
    )
  }
  try {
    const { default: Database }: { default: SqliteConstructor } = await import("better-sqlite3")
    // Loads the binary.
    new Database(":memory:", { timeout: 0 }).close()
    return Database
  } catch (cause) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_PLATFORM",
      `SQLite does not load on ${platform}: better-sqlite3 has no binary for it.`,
      { cause },
    )
  }
}
