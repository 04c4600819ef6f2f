import { type FileHandle, mkdir, open, realpath, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { crc32 } from "node:zlib"
import {
  type KeyRange,
  MemoryStore,
  type ScanOptions,
  type Store,
  type WriteOp,
} from "@tierdex/core"
import { storeClosed, storeFailed, storeLocked } from "@tierdex/core/adapter"
import { decodeFrame, encodeFrame } from "./journal-frame.ts"

export interface JournalStoreOptions {
  /** The journal. Another file beside it carries the lock. */
  readonly path: string
}

const MAGIC = Buffer.from("tierdex journal\n")
const FRAME_HEADER_BYTES = 8

/** Keys that one step of `deleteRange` deletes. */
const SLICE = 1_000

/**
 * The plainest store in a file that keeps every promise, to be broken by mutants: entries are in
 * memory, and every write is appended to a journal, which is read when the store opens.
 */
export class JournalStore implements Store {
  readonly name: string = "journal"
  readonly capabilities = { durableWrites: true, syncReads: false, persistent: true }
  protected path: string
  protected file: FileHandle | undefined
  protected unlock: (() => void) | undefined
  protected readonly entries = new MemoryStore()
  /** The journal's length: what comes behind it is the rest of a write that failed. */
  #length = 0
  /** Settles with the last write. Never rejects. */
  #writes: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor({ path }: JournalStoreOptions) {
    this.path = path
  }

  async open(): Promise<void> {
    if (this.#isClosed) throw storeClosed()
    try {
      await mkdir(dirname(this.path), { recursive: true })
      await (await open(this.path, "a")).close()
      this.path = await this.resolvePath(this.path)
      this.unlock = this.lock(`${this.path}.lock`)
      this.file = await open(this.path, "r+")
      await this.entries.open()
      await this.replay(this.file)
    } catch (error) {
      await this.file?.close()
      this.file = undefined
      this.releaseRefused()
      throw storeFailed("The journal", error)
    }
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.assertOpen()
    return this.entries.get(key)
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.assertOpen()
    return this.entries.getMany(keys)
  }

  async *scan(options: ScanOptions) {
    for await (const batch of this.entries.scan(options)) {
      yield batch
      this.assertOpen()
    }
  }

  write(ops: readonly WriteOp[], { durable }: { readonly durable: boolean }): Promise<void> {
    try {
      this.assertOpen()
    } catch (error) {
      return Promise.reject(error)
    }
    const write = this.#writes.then(async () => {
      try {
        await this.append(ops, durable)
      } catch (error) {
        throw storeFailed("The journal", error)
      }
      await this.entries.write(ops)
    })
    this.#writes = write.catch(() => undefined)
    return write
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    for (;;) {
      this.assertOpen()
      const ops: WriteOp[] = []
      for await (const batch of this.entries.scan({ gte, lt, limit: SLICE })) {
        for (const { key } of batch) ops.push({ type: "delete", key })
      }
      if (ops.length > 0) await this.write(ops, { durable: false })
      if (ops.length < SLICE) return
    }
  }

  async sizeOnDisk(): Promise<number> {
    this.assertOpen()
    return (await stat(this.path)).size
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#writes
    await this.entries.close()
    await this.file?.close()
    this.unlock?.()
  }

  /** One file by all its names. */
  protected resolvePath(path: string): Promise<string> {
    return realpath(path)
  }

  /** Takes the operating system's lock, by way of SQLite, or throws. */
  protected lock(path: string): () => void {
    const database = new DatabaseSync(path)
    try {
      database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    } catch (error) {
      database.close()
      if (error instanceof Error && error.message.includes("locked")) throw storeLocked(path)
      throw error
    }
    return () => database.close()
  }

  /** After an open that failed. */
  protected releaseRefused(): void {
    this.unlock?.()
    this.unlock = undefined
  }

  /** Reads the journal up to the first frame that is not whole. */
  protected async replay(file: FileHandle): Promise<void> {
    const journal = await file.readFile()
    if (journal.length === 0) {
      await file.write(MAGIC, 0, MAGIC.length, 0)
      this.#length = MAGIC.length
      return
    }
    if (!journal.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error("This is no journal.")
    let at = MAGIC.length
    while (at + FRAME_HEADER_BYTES <= journal.length) {
      const end = at + FRAME_HEADER_BYTES + journal.readUInt32LE(at)
      const frame = journal.subarray(at + FRAME_HEADER_BYTES, end)
      if (end > journal.length || crc32(frame) !== journal.readUInt32LE(at + 4)) break
      await this.entries.write(decodeFrame(frame))
      at = end
    }
    this.#length = at
    await file.truncate(at)
  }

  /** A frame of these operations, or nothing of it. */
  protected async append(ops: readonly WriteOp[], durable: boolean): Promise<void> {
    const { file } = this
    if (file === undefined) throw storeClosed()
    const frame = encodeFrame(ops)
    const header = Buffer.alloc(FRAME_HEADER_BYTES)
    header.writeUInt32LE(frame.length, 0)
    header.writeUInt32LE(crc32(frame), 4)
    try {
      let at = this.#length
      for (const part of [header, frame]) {
        const { bytesWritten } = await file.write(part, 0, part.length, at)
        if (bytesWritten < part.length) throw new Error("The disk is full.")
        at += part.length
      }
      if (durable) await file.datasync()
      this.#length = at
    } catch (error) {
      await file.truncate(this.#length)
      throw error
    }
  }

  protected assertOpen(): void {
    if (this.file === undefined || this.#isClosed) throw storeClosed()
  }
}
