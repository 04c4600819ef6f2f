import type { ClassicLevel } from "classic-level"
import { invalid } from "./errors.ts"

export type LevelStoreOptions = LevelPathOptions | LevelHandleOptions

export interface LevelPathOptions {
  /** The folder of the database. It is created if need be, and is LevelDB's alone. */
  readonly path: string
  /**
   * Bytes of writes that LevelDB collects in memory before it writes a table; it holds up to two
   * times as many. That much log is read when a database is opened. Default 8 MiB.
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
   * A database of `classic-level`, with any encodings, that holds nothing else. It stays open when
   * the store is closed.
   */
  // biome-ignore lint/suspicious/noExplicitAny: its own encodings are not used.
  readonly db: ClassicLevel<any, any>
}

/** Throws unless the options make sense. */
export function checkOptions(options: LevelStoreOptions): void {
  if ("db" in options) {
    if (typeof options.db?.getSync !== "function") throw invalid("db", "a ClassicLevel")
    return
  }
  if (typeof options.path !== "string" || options.path === "") {
    throw invalid("path", "the path of a folder")
  }
  for (const name of ["writeBufferBytes", "cacheBytes", "blockBytes", "maxFileBytes"] as const) {
    checkInteger(name, options[name], 1_024, 2 ** 31 - 1)
  }
  checkInteger("maxOpenFiles", options.maxOpenFiles, 64, 50_000)
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

function checkInteger(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most))
    return
  throw invalid(name, `an integer from ${least} to ${most}`)
}
