import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { flushFile, flushFolder, unlessGone } from "@tierdex/core/adapter"

const LOG = /^\d+\.log$/

/** What is there when LevelDB is killed while it makes a database. */
const UNFINISHED = /^(LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.dbtmp)$/

/**
 * Throws unless LevelDB may have the folder. LevelDB itself would make a database among the files
 * of something else, and a new one in place of one that has lost its `CURRENT` file.
 */
export async function checkFolder(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (names.includes("IDENTITY")) throw new Error("This is a folder of RocksDB.")
  if (!names.includes("CURRENT") && !names.every((name) => UNFINISHED.test(name))) {
    throw new Error("The folder has files in it, and they are no LevelDB database.")
  }
}

/** The logs of a LevelDB folder, of which LevelDB flushes only the newest. */
export class LogFiles {
  readonly #folder: string
  #newest: string | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Makes all writes durable, the last of which had `sync`. That has flushed the log which it went
   * to. Earlier writes may be in the one before: with its write buffer full LevelDB begins a new log,
   * and deletes the old one only when a table has its content, but never flushes it.
   */
  async flush(): Promise<void> {
    const logs = (await readdir(this.#folder))
      .filter((name) => LOG.test(name))
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    const newest = logs.at(-1)
    // What LevelDB calls leaves the data in the disk's own cache on macOS.
    if (process.platform === "darwin" && newest !== undefined) await this.#flush(newest)
    if (newest === this.#newest) return
    for (const log of logs.slice(0, -1)) await this.#flush(log)
    // So that the new log has a name after a power cut.
    await flushFolder(this.#folder)
    this.#newest = newest
  }

  async #flush(log: string): Promise<void> {
    await unlessGone(() => flushFile(join(this.#folder, log)))
  }
}
