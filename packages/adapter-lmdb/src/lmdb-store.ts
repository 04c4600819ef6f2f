import { stat } from "node:fs/promises"
import { join, resolve } from "node:path"
import type {
  Entry,
  KeyRange,
  ScanOptions,
  Store,
  StoreCapabilities,
  TierdexError,
  WriteOp,
} from "@tierdex/core"
import type { RootDatabase } from "lmdb"
import { causeOf, closed, failed, locked } from "./errors.ts"
import { openFile } from "./open-file.ts"
import { checkOptions, type LmdbStoreOptions } from "./options.ts"

/** An LMDB file as the store of an index. */
export function lmdbStore(options: LmdbStoreOptions): Store {
  checkOptions(options)
  return new LmdbStore(options)
}

type Database = RootDatabase<Uint8Array, Uint8Array>

interface PendingWrite {
  readonly ops: readonly WriteOp[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Handles that carry a store. */
const inUse = new WeakSet<Database>()

/** Keys that one transaction of `deleteRange` deletes. */
const DELETE_SLICE = 1_000

/** A batch of a scan ends with the entry that reaches either. */
const SCAN_ENTRIES = 256
const SCAN_BYTES = 1 << 20

class LmdbStore implements Store {
  readonly name = "lmdb"
  readonly capabilities: StoreCapabilities
  readonly #options: LmdbStoreOptions
  #db: Database | undefined
  #unlock: (() => void) | undefined
  #closing: Promise<void> | undefined
  /** Writes that wait for the transaction in progress, to share the next one and its flush. */
  #queue: PendingWrite[] = []
  /** Settles with the last transaction. Never rejects. */
  #commits: Promise<void> = Promise.resolve()
  /** The first failed commit. Asked for another transaction after one, LMDB can hang. */
  #failure: TierdexError | undefined

  constructor(options: LmdbStoreOptions) {
    this.#options = options
    this.capabilities = { durableWrites: !options.noSync, syncReads: true, persistent: true }
  }

  async open(): Promise<void> {
    if (this.#closing !== undefined) throw closed()
    const options = this.#options
    if ("path" in options) {
      const { db, unlock } = await openFile(resolve(options.path), options)
      this.#unlock = unlock
      this.#db = db
      return
    }
    if (inUse.has(options.db)) throw locked(pathOf(options.db))
    inUse.add(options.db)
    this.#db = options.db
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const db = this.#opened()
    try {
      return plain(db.getBinary(key))
    } catch (error) {
      throw failed("Cannot read", error)
    }
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  /** Each batch has a read transaction of its own: one kept open would hold freed pages back. */
  async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    const { reverse = false, limit = Number.POSITIVE_INFINITY } = options
    let { gte, lt } = options
    let left = limit
    while (left > 0) {
      const batch = this.#readBatch(gte, lt, reverse, Math.min(left, SCAN_ENTRIES))
      if (batch.length === 0) return
      left -= batch.length
      const last = batch[batch.length - 1].key
      if (reverse) lt = last.slice()
      else gte = successor(last)
      yield batch
      await new Promise((go) => setImmediate(go))
    }
  }

  write(ops: readonly WriteOp[], _options: { readonly durable: boolean }): Promise<void> {
    // Every commit is flushed, unless none is: there is nothing to do for a durable one.
    this.#opened()
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#queue.push({ ops, resolve, reject })
    this.#commits = this.#commits.then(() => this.#commitQueue())
    return promise
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    for (;;) {
      const range = this.#opened().getKeys({ start: gte, end: lt, limit: DELETE_SLICE })
      const ops = Array.from(range, (key): WriteOp => ({ type: "delete", key }))
      if (ops.length > 0) await this.write(ops, { durable: false })
      if (ops.length < DELETE_SLICE) return
    }
  }

  /** The data file, which keeps the size it once had: LMDB uses freed pages again. */
  async sizeOnDisk(): Promise<number> {
    const path = pathOf(this.#opened())
    const found = await stat(path)
    return found.isDirectory() ? (await stat(join(path, "data.mdb"))).size : found.size
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#commits
    if (this.#db === undefined) return
    inUse.delete(this.#db)
    if ("db" in this.#options) return
    try {
      await this.#db.close()
    } finally {
      this.#unlock?.()
    }
  }

  #opened(): Database {
    if (this.#db === undefined || this.#closing !== undefined) throw closed()
    return this.#db
  }

  #readBatch(gte: Uint8Array, lt: Uint8Array, reverse: boolean, limit: number): Entry[] {
    const range = reverse
      ? { start: lt, end: gte, exclusiveStart: true, inclusiveEnd: true, reverse, limit }
      : { start: gte, end: lt, limit }
    const batch: Entry[] = []
    let bytes = 0
    const db = this.#opened()
    try {
      for (const { key, value } of db.getRange(range)) {
        batch.push({ key: plain(key), value: plain(value) })
        bytes += value.byteLength
        if (bytes >= SCAN_BYTES) break
      }
    } catch (error) {
      throw failed("Cannot scan", error)
    }
    return batch
  }

  async #commitQueue(): Promise<void> {
    const writes = this.#queue
    this.#queue = []
    if (writes.length === 0) return
    try {
      if (this.#failure !== undefined) throw this.#failure
      await this.#commit(writes)
      for (const { resolve } of writes) resolve()
    } catch (error) {
      this.#failure ??= failed("Cannot write", await causeOf(error))
      for (const { reject } of writes) reject(this.#failure)
    }
  }

  async #commit(writes: readonly PendingWrite[]): Promise<void> {
    const db = this.#db
    if (db === undefined) throw closed()
    await db.batch(() => {
      for (const { ops } of writes) {
        for (const op of ops) {
          if (op.type === "put") db.put(op.key, op.value)
          else db.remove(op.key)
        }
      }
    })
    await db.flushed
  }
}

/** The file of a database, or the folder that it is in. */
function pathOf(db: Database): string {
  // Its types leave it out.
  return String(Reflect.get(db, "path"))
}

/** Without the methods of `Buffer`, of which some mean other things than those of its parent. */
function plain<B extends Uint8Array | undefined>(bytes: B): Uint8Array | B {
  return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The least key above `key`. */
function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
