import { checkIntegers, checkKnown, invalidOption } from "@tierdex/core/adapter"
import type { LevelDatabase } from "./level.ts"

export type LevelStoreOptions = LevelPathOptions | LevelHandleOptions

export interface LevelPathOptions {
  /** The folder of the database. It is created if need be, and is LevelDB's alone. */
  readonly path: string
  /**
   * Bytes of writes that LevelDB collects in memory before it writes a table; it holds up to two
   * times as many. That much log is read when a database is opened. Default 4 MiB.
   */
  readonly writeBufferBytes?: number
  /** LevelDB's cache of blocks. The index has a cache of its own above, so: 1 MiB. */
  readonly cacheBytes?: number
  /** Bytes that a block of a table has at least, before compression. Default 4,096. */
  readonly blockBytes?: number
  /** Bytes of a table, at most. Default 8 MiB. */
  readonly maxFileBytes?: number
  /** Tables that may be open at a time. Default 1,000. */
  readonly maxOpenFiles?: number
  /** Compresses blocks with Snappy. Off by default: the pages of an index are packed already. */
  readonly compression?: boolean
}

export interface LevelHandleOptions {
  /**
   * A `ClassicLevel` of `classic-level`, with any encodings, that holds nothing else. It stays open
   * when the store is closed.
   */
  readonly db: LevelDatabase
}

const NAME = "levelStore"
const PATH_OPTIONS: (keyof LevelPathOptions)[] = [
  "path",
  "writeBufferBytes",
  "cacheBytes",
  "blockBytes",
  "maxFileBytes",
  "maxOpenFiles",
  "compression",
]
const BYTES = [1_024, 2 ** 31 - 1] as const

/** Throws unless the options make sense. */
export function checkOptions(options: LevelStoreOptions): void {
  checkKnown(NAME, options, [...PATH_OPTIONS, "db"])
  if ("db" in options) {
    checkKnown(`${NAME}({ db })`, options, ["db"])
    if (typeof options.db?.getSync !== "function") throw invalidOption(NAME, "db", "a ClassicLevel")
    return
  }
  if (typeof options.path !== "string" || options.path === "") {
    throw invalidOption(NAME, "path", "the path of a folder")
  }
  checkIntegers(NAME, options, {
    writeBufferBytes: BYTES,
    cacheBytes: BYTES,
    blockBytes: BYTES,
    maxFileBytes: BYTES,
    maxOpenFiles: [64, 50_000],
  })
}

/** The options as `classic-level` names them. */
export function engineOptions(options: LevelPathOptions) {
  return {
    writeBufferSize: options.writeBufferBytes ?? 4 << 20,
    cacheSize: options.cacheBytes ?? 1 << 20,
    blockSize: options.blockBytes ?? 4_096,
    maxFileSize: options.maxFileBytes ?? 8 << 20,
    maxOpenFiles: options.maxOpenFiles ?? 1_000,
    compression: options.compression ?? false,
  }
}
