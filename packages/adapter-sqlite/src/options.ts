import { invalid } from "./errors.ts"
import type { SqliteDatabase } from "./sqlite.ts"

export type SqliteStoreOptions = SqlitePathOptions | SqliteHandleOptions

export interface SqlitePathOptions {
  /** The database file. It and its folder are created if need be, and a log beside it. */
  readonly path: string
  /** Bytes of a page of a new file: a power of two from 512 to 65,536. Default 4,096. */
  readonly pageBytes?: number
  /** SQLite's cache of pages. The index has a cache of its own above, so: 4 MiB. */
  readonly cacheBytes?: number
  /**
   * Bytes of log after which SQLite moves it into the file, while the thread waits. Larger is faster
   * for bulk writes, and holds up the event loop for longer at a time. Default 8 MiB.
   */
  readonly checkpointBytes?: number
}

export interface SqliteHandleOptions {
  /**
   * A database of `better-sqlite3`. The store keeps to a table of its own in it, `tierdex_entries`,
   * and leaves all settings as they are. It stays open when the store is closed.
   */
  readonly db: SqliteDatabase
}

/** Throws unless the options make sense. */
export function checkOptions(options: SqliteStoreOptions): void {
  if ("db" in options) {
    if (!(options.db?.open && typeof options.db.pragma === "function")) {
      throw invalid("db", "an open Database of better-sqlite3")
    }
    return
  }
  const { path, pageBytes = 4_096 } = options
  // better-sqlite3 would open the file without the spaces.
  if (typeof path !== "string" || path === "" || path !== path.trim()) {
    throw invalid("path", "the path of a file, without spaces around it")
  }
  checkInteger("pageBytes", pageBytes, 512, 65_536)
  if ((pageBytes & (pageBytes - 1)) !== 0) throw invalid("pageBytes", "a power of two")
  checkInteger("cacheBytes", options.cacheBytes, 1_024, 2 ** 40)
  checkInteger("checkpointBytes", options.checkpointBytes, 65_536, 2 ** 40)
}

function checkInteger(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most))
    return
  throw invalid(name, `an integer from ${least} to ${most}`)
}
