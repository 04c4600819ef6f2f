import { mkdir, realpath } from "node:fs/promises"
import { resolve } from "node:path"
import { storeFailed, storeLocked, unsupportedPlatform } from "@tierdex/core/adapter"
import { checkFolder } from "./folder.ts"
import { engineOptions, type RocksPathOptions, type RocksStoreOptions } from "./options.ts"
import type { RocksConstructor, RocksDatabase } from "./rocksdb.ts"

/** Handles that carry a store. */
const inUse = new WeakSet<RocksDatabase>()

/** An open database that is a store's alone. */
export interface Held {
  readonly db: RocksDatabase
  /** Lets others have it; closes it if it was opened here. */
  readonly release: () => Promise<void>
}

/** Opens the database of a folder, which is made if need be, or takes an open one. */
export async function openDatabase(options: RocksStoreOptions): Promise<Held> {
  return "db" in options ? await takeHandle(options.db) : await openFolder(options)
}

async function takeHandle(db: RocksDatabase): Promise<Held> {
  if (inUse.has(db)) throw storeLocked(db.path)
  inUse.add(db)
  const release = async () => void inUse.delete(db)
  try {
    await db.ready()
    return { db, release }
  } catch (error) {
    await release()
    throw storeFailed(`Cannot use ${db.path}`, error)
  }
}

/** RocksDB itself locks the folder. */
async function openFolder(options: RocksPathOptions): Promise<Held> {
  const RocksDB = await loadRocks()
  const path = resolve(options.path)
  try {
    await mkdir(path, { recursive: true })
    // One lock, whatever links lead here.
    const folder = await realpath(path)
    await checkFolder(folder)
    const db = new RocksDB(folder, engineOptions(options))
    await db.ready()
    return { db, release: () => closeFolder(db) }
  } catch (error) {
    if (/lock hold by|while lock file|create lock file/i.test(String(error)))
      throw storeLocked(path)
    const advice =
      "Name a new folder, or one that a rocksdbStore has made, and that may be written to."
    throw storeFailed(`Cannot open ${path}`, error, advice)
  }
}

async function closeFolder(db: RocksDatabase): Promise<void> {
  // So that the next open has no log to read. If it fails, it has.
  await db.flush().catch(() => undefined)
  await db.close()
}

/** The package brings binaries, and throws on loading where it has none. */
async function loadRocks(): Promise<RocksConstructor> {
  try {
    const { default: RocksDB }: { default: RocksConstructor } = await import("rocksdb-native")
    return RocksDB
  } catch (cause) {
    throw unsupportedPlatform(
      "RocksDB",
      "rocksdb-native has no binary for it, or libatomic is missing (libatomic1 in Debian).",
      cause,
    )
  }
}
