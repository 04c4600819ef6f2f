import { createRequire } from "node:module"
import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"

/** What is used of `@nxtedition/rocksdb`, some of it under names that it keeps to itself. */
interface RocksLevel {
  open(): Promise<void>
  close(): Promise<void>
  _getManySync(keys: readonly Uint8Array[], options: object): (Uint8Array | undefined)[]
  _clear(range: KeyRange): Promise<void>
  batch(): {
    _put(key: Uint8Array, value: Uint8Array, options: object): void
    _del(key: Uint8Array, options: object): void
    _writeSync(options: { readonly sync: boolean }): void
    _closeSync(): void
  }
  iterator(options: object): {
    _nextvSync(size: number, options: object): { rows: Uint8Array[]; finished: boolean }
    close(): Promise<void>
  }
}

/**
 * A store on the other package that binds RocksDB, as far as measuring needs one. Its writes, and
 * their flushes, hold up the thread: it has no others.
 */
export class NxteditionStore implements Store {
  readonly name = "nxtedition"
  readonly capabilities = { durableWrites: true, syncReads: true, persistent: true }
  readonly #db: RocksLevel

  constructor(path: string) {
    const { RocksLevel } = createRequire(import.meta.url)("@nxtedition/rocksdb")
    this.#db = new RocksLevel(path, {
      keyEncoding: "buffer",
      valueEncoding: "buffer",
      compression: false,
      walCompression: false,
      // It makes write buffers of a quarter of this.
      memtableMemoryBudget: 32 << 20,
      compaction: "level",
      blockSize: 16 << 10,
      cacheSize: 0,
    })
  }

  open(): Promise<void> {
    return this.#db.open()
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#db._getManySync([key], {})[0]
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return this.#db._getManySync(keys, {})
  }

  async *scan({ gte, lt, reverse = false, limit = -1 }: ScanOptions): AsyncGenerator<Entry[]> {
    const iterator = this.#db.iterator({ gte, lt, reverse, limit, highWaterMarkBytes: 1 << 20 })
    try {
      for (let isLast = false; !isLast; ) {
        const { rows, finished } = iterator._nextvSync(256, {})
        isLast = finished
        const batch: Entry[] = []
        for (let i = 0; i < rows.length; i += 2) batch.push({ key: rows[i], value: rows[i + 1] })
        if (batch.length > 0) yield batch
        await nextTurn()
      }
    } finally {
      await iterator.close()
    }
  }

  async write(ops: readonly WriteOp[], { durable }: { readonly durable: boolean }): Promise<void> {
    const batch = this.#db.batch()
    for (const op of ops) {
      if (op.type === "put") batch._put(op.key, op.value, {})
      else batch._del(op.key, {})
    }
    batch._writeSync({ sync: durable })
    batch._closeSync()
    await nextTurn()
  }

  async deleteRange(range: KeyRange): Promise<void> {
    await this.#db._clear(range)
  }

  async sizeOnDisk(): Promise<number> {
    return 0
  }

  close(): Promise<void> {
    return this.#db.close()
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
