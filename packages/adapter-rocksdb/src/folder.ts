import { type FileHandle, open, readdir } from "node:fs/promises"
import { join } from "node:path"
import { flushFile, flushFolder, unlessGone } from "@tierdex/core/adapter"

const LOG = /^\d+\.log$/

/** What is there when RocksDB is killed while it makes a database. */
const UNFINISHED =
  /^(IDENTITY|LOCK|LOG|LOG\.old\.\d+|SESSION_ID|(MANIFEST|OPTIONS)-\d+|\d+\.dbtmp)$/

/**
 * Throws unless RocksDB may have the folder. RocksDB itself would make a database among the files
 * of something else, and take over one of LevelDB.
 */
export async function checkFolder(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (!names.includes("CURRENT")) {
    if (names.every((name) => UNFINISHED.test(name))) return
    throw new Error("The folder has files in it, and they are no RocksDB database.")
  }
  if (!names.includes("IDENTITY")) throw new Error("This is a folder of LevelDB.")
}

/** The logs of a RocksDB folder. */
export class LogFiles {
  readonly #folder: string
  #newest: string | undefined
  #file: FileHandle | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Makes all earlier writes durable. RocksDB hands each write to the operating system before it
   * resolves, and deletes a log only when a table, which it flushes, has its content.
   */
  async flush(): Promise<void> {
    const logs = (await readdir(this.#folder)).filter((name) => LOG.test(name)).sort(byNumber)
    const newest = logs.at(-1)
    if (newest !== this.#newest) await this.#begin(logs)
    await this.#file?.sync()
    this.#newest = newest
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }

  /** Flushes the logs that end here, and opens the newest. */
  async #begin(logs: readonly string[]): Promise<void> {
    await this.close()
    for (const log of logs.slice(0, -1)) {
      await unlessGone(() => flushFile(join(this.#folder, log)))
    }
    const newest = logs.at(-1)
    if (newest !== undefined) {
      this.#file = await unlessGone(() => open(join(this.#folder, newest), "r"))
    }
    // So that the new log has a name after a power cut.
    await flushFolder(this.#folder)
  }
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10)
}
