import { mkdir, open, realpath } from "node:fs/promises"
import { dirname } from "node:path"
import { TierdexError } from "@tierdex/core"
import type { RootDatabase } from "lmdb"
import { checkDataFile } from "./data-file.ts"
import { failed, locked } from "./errors.ts"
import type { LmdbPathOptions } from "./options.ts"

export interface OpenFile {
  readonly db: RootDatabase<Uint8Array, Uint8Array>
  /** Lets others open it. */
  readonly unlock: () => void
}

/** Opens or makes a data file, and locks it. */
export async function openFile(path: string, options: LmdbPathOptions): Promise<OpenFile> {
  const { lmdb, lockFile } = await loadBinaries()
  try {
    await mkdir(dirname(path), { recursive: true })
    await (await open(path, "a+")).close()
    // One lock, whatever links lead here.
    const file = await realpath(path)
    const unlock = lockFile(`${file}.lock`)
    if (unlock === undefined) throw locked(file)
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
      return { db, unlock }
    } catch (error) {
      unlock()
      throw error
    }
  } catch (error) {
    throw failed(
      `Cannot open ${path}`,
      error,
      "Name a new file, or one that an lmdbStore has made, and that may be written to.",
    )
  }
}

/** Both packages bring binaries, and throw on loading where they have none. */
async function loadBinaries() {
  try {
    return { lmdb: await import("lmdb"), lockFile: (await import("./lock.ts")).lockFile }
  } catch (cause) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_PLATFORM",
      `LMDB does not load on ${process.platform}-${process.arch}: its package has no binary for it, or npm left out optional dependencies.`,
      { cause },
    )
  }
}
