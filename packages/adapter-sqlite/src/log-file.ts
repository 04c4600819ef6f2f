import { type FileHandle, open } from "node:fs/promises"
import { dirname } from "node:path"

/**
 * The log of a database in WAL mode. SQLite writes each commit to it, checks it as a whole when it
 * opens the database, and flushes it before it moves its content into the database file. So flushing
 * it makes all commits durable, and unlike SQLite's own flush leaves the thread to others.
 */
export class LogFile {
  readonly #path: string
  #file: Promise<FileHandle> | undefined

  constructor(path: string) {
    this.#path = path
  }

  async flush(): Promise<void> {
    this.#file ??= openLog(this.#path)
    const file = await this.#file
    await file.sync()
  }

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined)
    await file?.close()
  }
}

async function openLog(path: string): Promise<FileHandle> {
  if (process.platform !== "win32") {
    // So that the log has a name after a power cut. Windows cannot open folders.
    const folder = await open(dirname(path), "r")
    await folder.sync().finally(() => folder.close())
  }
  return open(path, "r+")
}
