import { mkdir, open, realpath } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { storeFailed, storeLocked, unsupportedPlatform } from "@tierdex/core/adapter"
import type { RootDatabase } from "lmdb"
import { checkDataFile } from "./data-file.ts"
import type { LmdbPathOptions, LmdbStoreOptions } from "./options.ts"

export type LmdbDatabase = RootDatabase<Uint8Array, Uint8Array>

/** An open database that is a store's alone. */
export interface Held {
  readonly db: LmdbDatabase
  /** The data file, or the folder that it is in. */
  readonly path: string
  /** Lets others have it; closes it if it was opened here. */
  readonly release: () => Promise<void>
}

/** Handles that carry a store. */
const inUse = new WeakSet<LmdbDatabase>()

/** Opens a data file, which is made if need be, or takes an open database. */
export async function openDatabase(options: LmdbStoreOptions): Promise<Held> {
  return "db" in options ? takeHandle(options.db) : await openFile(options)
}

function takeHandle(db: LmdbDatabase): Held {
  // Its types leave it out.
  const path = String(Reflect.get(db, "path"))
  if (inUse.has(db)) throw storeLocked(path)
  inUse.add(db)
  return { db, path, release: async () => void inUse.delete(db) }
}

async function openFile(options: LmdbPathOptions): Promise<Held> {
  const { lockFile } = await loadLock()
  const lmdb = await loadLmdb()
  const path = resolve(options.path)
  try {
    await mkdir(dirname(path), { recursive: true })
    await (await open(path, "a+")).close()
    // One lock, whatever links lead here.
    const file = await realpath(path)
    const unlock = lockFile(`${file}.lock`)
    if (unlock === undefined) throw storeLocked(file)
    try {
      await checkDataFile(file)
      const db = lmdb.open<Uint8Array, Uint8Array>({
        path: file,
        noSubdir: true,
        encoding: "binary",
        keyEncoding: "binary",
        noSync: options.noSync ?? false,
        // Otherwise `close` waits for ever after a failed commit,
        overlappingSync: false,
        // and a failed commit rejects a promise that nobody holds.
        eventTurnBatching: false,
        ...(options.mapSizeBytes && { mapSize: options.mapSizeBytes }),
      })
      return { db, path: file, release: () => db.close().finally(unlock) }
    } catch (error) {
      unlock()
      throw error
    }
  } catch (error) {
    const advice = "Name a new file, or one that an lmdbStore has made, and that may be written to."
    throw storeFailed(`Cannot open ${path}`, error, advice)
  }
}

/** Both packages bring binaries, and throw on loading where they have none. */
async function loadLmdb() {
  try {
    return await import("lmdb")
  } catch (cause) {
    const why = "lmdb has no binary for it, or npm left out optional dependencies."
    throw unsupportedPlatform("LMDB", why, cause)
  }
}

/** A file is not opened without a lock: two writers ruin it. */
async function loadLock() {
  try {
    return await import("./lock.ts")
  } catch (cause) {
    throw unsupportedPlatform(
      "The lock of an LMDB file",
      "fs-native-extensions has no binary for it, and none for musl, so none for Alpine. " +
        "Use @tierdex/adapter-sqlite or @tierdex/adapter-level there, or an image with glibc.",
      cause,
    )
  }
}
