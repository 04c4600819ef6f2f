import { mkdir, realpath } from "node:fs/promises"
import { resolve } from "node:path"
import { codeOf, storeFailed, storeLocked, unsupportedPlatform } from "@tierdex/core/adapter"
import { checkFolder } from "./folder.ts"
import type { LevelDatabase } from "./level.ts"
import { engineOptions, type LevelPathOptions, type LevelStoreOptions } from "./options.ts"

/**
 * Handles and folders that are open here. LevelDB refuses a folder that its process has open, but
 * in doing so gives up its lock against other processes: so it is not asked.
 */
const inUse = new Set<unknown>()

/** An open database that is a store's alone. */
export interface Held {
  readonly db: LevelDatabase
  /** Lets others have it; closes it if it was opened here. */
  readonly release: () => Promise<void>
}

/** Opens the database of a folder, which is made if need be, or takes an open one. */
export async function openDatabase(options: LevelStoreOptions): Promise<Held> {
  if ("path" in options) return await openFolder(resolve(options.path), options)
  const { db } = options
  return await hold(
    db,
    db.location,
    () => opened(db),
    async () => {},
  )
}

async function openFolder(path: string, options: LevelPathOptions): Promise<Held> {
  const { ClassicLevel } = await loadLevel()
  try {
    await mkdir(path, { recursive: true })
    // One lock, whatever links lead here.
    const folder = await realpath(path)
    const open = async () => {
      await checkFolder(folder)
      return await opened(new ClassicLevel(folder, engineOptions(options)))
    }
    return await hold(folder, path, open, (db) => db.close())
  } catch (error) {
    const advice =
      "Name a new folder, or one that a levelStore has made, and that may be written to."
    throw storeFailed(`Cannot open ${path}`, error, advice)
  }
}

async function hold(
  what: unknown,
  path: string,
  open: () => Promise<LevelDatabase>,
  close: (db: LevelDatabase) => Promise<void>,
): Promise<Held> {
  if (inUse.has(what)) throw storeLocked(path)
  inUse.add(what)
  try {
    const db = await open()
    return { db, release: () => close(db).finally(() => inUse.delete(what)) }
  } catch (error) {
    inUse.delete(what)
    throw codeOf(error) === "LEVEL_LOCKED" ? storeLocked(path) : error
  }
}

/** What LevelDB says is the cause of what `open` throws. */
async function opened(db: LevelDatabase): Promise<LevelDatabase> {
  try {
    await db.open()
    return db
  } catch (error) {
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error
  }
}

/** The package brings binaries, and throws on loading where it has none. */
async function loadLevel() {
  try {
    return await import("classic-level")
  } catch (cause) {
    throw unsupportedPlatform("LevelDB", "classic-level has no binary for it.", cause)
  }
}
