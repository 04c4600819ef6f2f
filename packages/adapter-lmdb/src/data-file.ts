import { type FileHandle, open } from "node:fs/promises"

/** Of LMDB's first page, on a 64-bit machine: 24 bytes of page header, then the meta page. */
const MAGIC_AT = 24
const VERSION_AT = 28
const PAGE_SIZE_AT = 48
const HEADER_BYTES = 52

const MAGIC = 0xbeefc0de
const VERSION = 2

/**
 * Throws unless the file is empty, which is a new one, or one that LMDB can open. LMDB itself must
 * not be asked: version 3.5 of the package ends the process with a segmentation fault when a file
 * is not its own.
 */
export async function checkDataFile(path: string): Promise<void> {
  const file = await open(path, "r+")
  try {
    const { size } = await file.stat()
    if (size > 0) await checkHeader(file, size)
  } finally {
    await file.close()
  }
}

async function checkHeader(file: FileHandle, size: number): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES)
  await file.read(header, 0, HEADER_BYTES, 0)
  if (header.readUInt32LE(MAGIC_AT) !== MAGIC) throw new Error("This is not an LMDB file.")
  const version = header.readUInt16LE(VERSION_AT)
  if (version !== VERSION) {
    throw new Error(`This LMDB file has format ${version}, this package reads format ${VERSION}.`)
  }
  // Both meta pages have to be there.
  if (size < 2 * header.readUInt32LE(PAGE_SIZE_AT)) throw new Error("This LMDB file is truncated.")
}
