import { type FileHandle, open } from "node:fs/promises"
import { dirname } from "node:path"
import { flushFolder } from "@tierdex/core/adapter"

/**
 * The log of a database in WAL mode. SQLite writes each commit to it, checks it as a whole when it
 * opens the database, and flushes it before it moves its content into the database file. So flushing
 * it makes all commits durable, and unlike SQLite's own flush leaves the thread to others.
 */
export class LogFile {
  readonly #path: string
  #file: Promise<FileHandle> | undefined
  #commits = 0
  /** The last commit that is known to be durable. */
  #flushed = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Counts a commit that is in the log; answers its number. */
  add(): number {
    return ++this.#commits
  }

  /** Makes a commit durable, and those before it. Commits that wait for a flush share the next. */
  async flush(commit: number): Promise<void> {
    if (commit <= this.#flushed) return
    const last = this.#commits
    this.#file ??= openLog(this.#path)
    const file = await this.#file
    await file.sync()
    this.#flushed = last
  }

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined)
    await file?.close()
  }
}

async function openLog(path: string): Promise<FileHandle> {
  // So that the log has a name after a power cut.
  await flushFolder(dirname(path))
  return open(path, "r+")
}
