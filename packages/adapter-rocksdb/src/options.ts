import { checkIntegers, checkKnown, invalidOption } from "@tierdex/core/adapter"
import type { RocksDatabase } from "./rocksdb.ts"

export type RocksStoreOptions = RocksPathOptions | RocksHandleOptions

export interface RocksPathOptions {
  /** The folder of the database. It is created if need be, and is RocksDB's alone. */
  readonly path: string
  /**
   * Bytes of writes that RocksDB collects in memory before it writes a table; it holds up to
   * `maxWriteBuffers` times as many. That much log is read when a database is opened. Default 8 MiB.
   */
  readonly writeBufferBytes?: number
  /** Default 2. */
  readonly maxWriteBuffers?: number
  /** Bytes that a block of a table has at least. Default 16 KiB. */
  readonly blockBytes?: number
  /**
   * Keeps blocks in RocksDB's own cache of 32 MiB. Off by default: the index has a cache of its own
   * above, and the operating system one below.
   */
  readonly blockCache?: boolean
  /** Threads that write and merge tables. Default 2. */
  readonly maxBackgroundJobs?: number
  /** Tables that may be open at a time, -1 for all. Default -1. */
  readonly maxOpenFiles?: number
  /**
   * Keeps values of this many bytes and more in files of their own, which merging leaves alone: a
   * page is then written twice in all, and read in two steps. Off by default.
   */
  readonly minBlobBytes?: number
}

export interface RocksHandleOptions {
  /**
   * A database of `rocksdb-native` without encodings, or a column family of one, that holds nothing
   * else. It stays open when the store is closed.
   */
  readonly db: RocksDatabase
}

const NAME = "rocksdbStore"
const PATH_OPTIONS: (keyof RocksPathOptions)[] = [
  "path",
  "writeBufferBytes",
  "maxWriteBuffers",
  "blockBytes",
  "blockCache",
  "maxBackgroundJobs",
  "maxOpenFiles",
  "minBlobBytes",
]

/** Throws unless the options make sense. */
export function checkOptions(options: RocksStoreOptions): void {
  checkKnown(NAME, options, [...PATH_OPTIONS, "db"])
  if ("db" in options) {
    checkKnown(`${NAME}({ db })`, options, ["db"])
    if (typeof options.db?.iterator !== "function") throw invalidOption(NAME, "db", "a RocksDB")
    return
  }
  if (typeof options.path !== "string" || options.path === "") {
    throw invalidOption(NAME, "path", "the path of a folder")
  }
  checkIntegers(NAME, options, {
    writeBufferBytes: [2 ** 16, 2 ** 31],
    maxWriteBuffers: [2, 64],
    blockBytes: [1_024, 2 ** 26],
    maxBackgroundJobs: [1, 64],
    minBlobBytes: [0, 2 ** 31],
  })
  if (options.maxOpenFiles !== -1) checkIntegers(NAME, options, { maxOpenFiles: [64, 2 ** 20] })
}

/** The options as `rocksdb-native` names them. */
export function engineOptions(options: RocksPathOptions) {
  const { minBlobBytes } = options
  return {
    writeBufferSize: options.writeBufferBytes ?? 8 << 20,
    maxWriteBufferNumber: options.maxWriteBuffers ?? 2,
    tableBlockSize: options.blockBytes ?? 16 << 10,
    blockCache: options.blockCache ?? false,
    // Outside a cache, indexes and filters stay in memory: 40 bytes or so for each page.
    tableCacheIndexAndFilterBlocks: options.blockCache ?? false,
    maxBackgroundJobs: options.maxBackgroundJobs ?? 2,
    maxOpenFiles: options.maxOpenFiles ?? -1,
    ...(minBlobBytes !== undefined && {
      enableBlobFiles: true,
      minBlobSize: minBlobBytes,
      blobFileSize: 64 << 20,
    }),
  }
}
