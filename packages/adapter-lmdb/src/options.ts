import { checkIntegers, checkKnown, invalidOption } from "@tierdex/core/adapter"
import type { RootDatabase } from "lmdb"

export type LmdbStoreOptions = LmdbPathOptions | LmdbHandleOptions

export interface LmdbPathOptions {
  /** The data file. It and its folder are created if need be, and two lock files beside it. */
  readonly path: string
  /**
   * The address space to map at first, in bytes. It is no limit: the map grows with the file, by
   * itself, and a good guess saves that. On Windows the file takes this size at once.
   */
  readonly mapSizeBytes?: number
  /**
   * Leaves it to the operating system when written pages reach the disk. Writes are several times
   * faster and survive a killed process, but a power cut can take the whole file.
   */
  readonly noSync?: boolean
}

export interface LmdbHandleOptions {
  /**
   * An open database with `encoding` and `keyEncoding` `"binary"`, that holds nothing else. It stays
   * open when the store is closed. Nothing keeps other processes from opening its file.
   *
   * Open it with `overlappingSync: false` and `eventTurnBatching: false`, as the store does itself:
   * otherwise a failed commit rejects promises that nobody holds, and its `close` can hang after one.
   */
  readonly db: RootDatabase<Uint8Array, Uint8Array>
  /** Says that it was opened with `noSync`, which the store cannot see. */
  readonly noSync?: boolean
}

const NAME = "lmdbStore"
const PATH_OPTIONS: (keyof LmdbPathOptions)[] = ["path", "mapSizeBytes", "noSync"]
const HANDLE_OPTIONS: (keyof LmdbHandleOptions)[] = ["db", "noSync"]

/** Throws unless the options make sense. */
export function checkOptions(options: LmdbStoreOptions): void {
  checkKnown(NAME, options, [...PATH_OPTIONS, "db"])
  if ("db" in options) {
    checkKnown(`${NAME}({ db })`, options, HANDLE_OPTIONS)
    const { encoding, keyEncoding } = options.db as { encoding?: string; keyEncoding?: string }
    if (encoding !== "binary" || keyEncoding !== "binary") {
      throw invalidOption(NAME, "db", 'a database with encoding and keyEncoding "binary"')
    }
    return
  }
  if (typeof options.path !== "string" || options.path === "") {
    throw invalidOption(NAME, "path", "the path of a file")
  }
  checkIntegers(NAME, options, { mapSizeBytes: [2 ** 20, 2 ** 44] })
}
