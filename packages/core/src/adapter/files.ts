import { open, readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { codeOf } from "../errors.ts"

/** The bytes of all files in a folder, for `sizeOnDisk`. */
export async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(
    names.map((name) => unlessGone(async () => (await stat(join(folder, name))).size)),
  )
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
}

/** Makes what was written to a file, by any handle of it, survive a power cut. */
export async function flushFile(path: string): Promise<void> {
  // Windows flushes no file that is open for reading only.
  const file = await open(path, process.platform === "win32" ? "r+" : "r")
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the names of new files in a folder survive a power cut. Windows has no such call. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform !== "win32") await flushFile(path)
}

/** What `read` answers, or undefined for a file that the engine has deleted meanwhile. */
export async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw error
  }
}
