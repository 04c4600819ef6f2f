import { stat } from "node:fs/promises"
import type { Entry, KeyRange, ScanOptions, Store, StoreCapabilities, WriteOp } from "@tierdex/core"
import {
  codeOf,
  nextTurn,
  Opening,
  plain,
  scanInBatches,
  storeFailed,
  WriteQueue,
} from "@tierdex/core/adapter"
import { type Held, openDatabase } from "./open.ts"
import { checkOptions, type SqliteStoreOptions } from "./options.ts"
import type { SqliteDatabase } from "./sqlite.ts"

/** An SQLite file as the store of an index. */
export function sqliteStore(options: SqliteStoreOptions): Store {
  checkOptions(options)
  return new SqliteStore(options)
}

/** Keys that one transaction of `deleteRange` deletes. */
const DELETE_SLICE = 500

class SqliteStore implements Store {
  readonly name = "sqlite"
  readonly capabilities: StoreCapabilities
  readonly #options: SqliteStoreOptions
  readonly #opening = new Opening<Held>()
  /** Flushes of what is written already: after one that failed, what is in the log nobody knows. */
  readonly #flushes = new WriteQueue()

  constructor(options: SqliteStoreOptions) {
    this.#options = options
    const isMine = "path" in options
    this.capabilities = {
      durableWrites: isMine || isDurable(options.db),
      syncReads: true,
      persistent: isMine || !options.db.memory,
    }
  }

  async open(): Promise<void> {
    await this.#opening.open(() => openDatabase(this.#options))
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const { statements } = this.#opening.held
    try {
      return plain(statements.get.get(key) as Uint8Array | undefined)
    } catch (error) {
      throw storeFailed("Cannot read", error)
    }
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  /** Each batch is a query of its own: one left open would hold up writes. */
  scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    return scanInBatches(options, ({ gte, lt, reverse, limit }) => {
      const { scan, scanReverse } = this.#opening.held.statements
      return (reverse ? scanReverse : scan).iterate(gte, lt, limit) as Iterable<Entry>
    })
  }

  async write(ops: readonly WriteOp[], { durable }: { readonly durable: boolean }): Promise<void> {
    const { statements, log } = this.#opening.held
    this.#change(() => statements.write(ops))
    const commit = log.add()
    const flushes = durable && this.capabilities.durableWrites
    await this.#flushes.run(() => (flushes ? log.flush(commit) : nextTurn()))
  }

  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    for (;;) {
      const { statements } = this.#opening.held
      const { changes } = this.#change(() => statements.deleteSome.run(gte, lt, DELETE_SLICE))
      if (changes < DELETE_SLICE) return
      await nextTurn()
    }
  }

  /** The file, which keeps the size it once had: SQLite uses freed pages again. And the log. */
  async sizeOnDisk(): Promise<number> {
    const { db } = this.#opening.held
    const pages = Number(db.pragma("page_count", { simple: true }))
    const pageBytes = Number(db.pragma("page_size", { simple: true }))
    const log = await stat(`${db.name}-wal`).catch(() => undefined)
    return pages * pageBytes + (log?.size ?? 0)
  }

  close(): Promise<void> {
    return this.#opening.close(() => this.#flushes.settle())
  }

  /** Runs a transaction, unless one has failed on the disk. */
  #change<T>(run: () => T): T {
    if (this.#flushes.failure !== undefined) throw this.#flushes.failure
    try {
      return run()
    } catch (error) {
      if (codeOf(error)?.startsWith("SQLITE_IOERR")) throw this.#flushes.fail(error)
      throw storeFailed("Cannot write", error)
    }
  }
}

/** Whether flushing the log of a database makes its commits durable. */
function isDurable(db: SqliteDatabase): boolean {
  const setting = (name: string) => db.pragma(name, { simple: true })
  return setting("journal_mode") === "wal" && setting("synchronous") !== 0
}
