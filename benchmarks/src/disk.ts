import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"

/** What the files of a folder, or a file, take on the disk. Files may come and go meanwhile. */
export async function folderBytes(path: string): Promise<number> {
  const files = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => stat(join(file.parentPath, file.name)).then(bytesOf, () => 0))
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Blocks that are there: a file may be larger than what was written of it. */
function bytesOf({ blocks, size }: { readonly blocks: number; readonly size: number }): number {
  return blocks === 0 ? size : Math.min(size, blocks * 512)
}
