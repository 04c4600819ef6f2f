import { checkIntegers, checkKnown, invalidOption } from "@tierdex/core/adapter"
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

const NAME = "sqliteStore"
const PATH_OPTIONS: (keyof SqlitePathOptions)[] = [
  "path",
  "pageBytes",
  "cacheBytes",
  "checkpointBytes",
]

/** Throws unless the options make sense. */
export function checkOptions(options: SqliteStoreOptions): void {
  checkKnown(NAME, options, [...PATH_OPTIONS, "db"])
  if ("db" in options) {
    checkKnown(`${NAME}({ db })`, options, ["db"])
    if (!(options.db?.open && typeof options.db.pragma === "function")) {
      throw invalidOption(NAME, "db", "an open Database of better-sqlite3")
    }
    return
  }
  const { path, pageBytes = 4_096 } = options
  // better-sqlite3 would open the file without the spaces.
  if (typeof path !== "string" || path === "" || path !== path.trim()) {
    throw invalidOption(NAME, "path", "the path of a file, without spaces around it")
  }
  checkIntegers(NAME, options, {
    pageBytes: [512, 65_536],
    cacheBytes: [1_024, 2 ** 40],
    checkpointBytes: [65_536, 2 ** 40],
  })
  if ((pageBytes & (pageBytes - 1)) !== 0) {
    throw invalidOption(NAME, "pageBytes", "a power of two")
  }
}
