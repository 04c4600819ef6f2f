import { TierdexError } from "../../src/errors.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "../../src/store/store.ts"

/** Keys that one step of a `deleteRange` deletes: few, so that tests meet halves of it. */
const DELETE_SLICE = 3

/** Every key: none is longer than 64 bytes. */
const EVERYTHING: KeyRange = { gte: new Uint8Array(1), lt: new Uint8Array(65).fill(0xff) }

/** What every call on a crashed store throws. */
export class CrashError extends Error {
  constructor() {
    super("The process has died.")
    this.name = "CrashError"
  }
}

export interface CrashOptions {
  /**
   * Which operation, counted from 1, is the last: a write, or a slice of a `deleteRange`. It and
   * all later calls fail. Without it the store never crashes.
   */
  readonly crashAt?: number
  /** The last operation is carried out, though never acknowledged. Otherwise it leaves no trace. */
  readonly applied?: boolean
}

/**
 * A store whose process dies, in memory, with what a disk would remember of it.
 *
 * A durable write makes itself and all before it durable. What comes later is pending: it survives
 * a killed process, while a power cut takes all but a prefix of it, in whole writes. `afterCrash`
 * answers any of those states, as a store of its own.
 */
export class CrashingStore implements Store {
  readonly name = "crashing"
  readonly capabilities = { durableWrites: true, syncReads: true, persistent: true }
  readonly #options: CrashOptions
  readonly #durable: MemoryStore
  readonly #live = new MemoryStore()
  #pending: (readonly WriteOp[])[] = []
  #operations = 0
  #state: "new" | "open" | "crashed" | "closed" = "new"

  /** Starts with what `image`, a closed store, holds. It is taken over: do not use it further. */
  constructor(options: CrashOptions = {}, image: MemoryStore = new MemoryStore()) {
    this.#options = options
    this.#durable = image
  }

  /** How many operations were begun. */
  get operations(): number {
    return this.#operations
  }

  get crashed(): boolean {
    return this.#state === "crashed"
  }

  /** How many writes a power cut would take at worst. */
  get pending(): number {
    return this.#pending.length
  }

  /**
   * A closed store with what was durable, and the first `prefix` of the pending writes. Only once
   * this one was opened.
   */
  async afterCrash(prefix: number = this.#pending.length): Promise<MemoryStore> {
    const store = new MemoryStore()
    await store.open()
    await copyEntries(this.#durable, store)
    for (const ops of this.#pending.slice(0, prefix)) await store.write(ops)
    await store.close()
    return store
  }

  async open(): Promise<void> {
    if (this.#state === "crashed") throw new CrashError()
    await this.#live.open()
    if (this.#state === "new") {
      await this.#durable.open()
      await copyEntries(this.#durable, this.#live)
    }
    this.#state = "open"
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#assertAlive()
    return this.#live.get(key)
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    this.#assertAlive()
    return this.#live.getMany(keys)
  }

  async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    this.#assertAlive()
    for await (const batch of this.#live.scan(options)) {
      this.#assertAlive()
      yield batch
    }
  }

  async write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
    await Promise.all(this.#operate(ops, options.durable))
  }

  async deleteRange(range: KeyRange): Promise<void> {
    for (;;) {
      this.#assertAlive()
      const ops: WriteOp[] = []
      for await (const batch of this.#live.scan({ ...range, limit: DELETE_SLICE })) {
        for (const { key } of batch) ops.push({ type: "delete", key })
      }
      if (ops.length === 0) return
      await Promise.all(this.#operate(ops, false))
    }
  }

  async sizeOnDisk(): Promise<number> {
    this.#assertAlive()
    return this.#live.sizeOnDisk()
  }

  /** Closes a crashed store too, so that tests can clean up; `afterCrash` still answers. */
  async close(): Promise<void> {
    if (this.#state === "open") this.#state = "closed"
    await this.#live.close()
  }

  /** Takes effect before it returns, so that writes keep the order of their calls. */
  #operate(ops: readonly WriteOp[], durable: boolean): Promise<void>[] {
    this.#assertAlive()
    this.#operations++
    const dies = this.#operations === this.#options.crashAt
    if (!dies || this.#options.applied) this.#pending.push(ops.map(copyOf))
    if (dies) {
      this.#state = "crashed"
      throw new CrashError()
    }
    const done = [this.#live.write(ops)]
    if (durable) {
      for (const pending of this.#pending) done.push(this.#durable.write(pending))
      this.#pending = []
    }
    return done
  }

  #assertAlive(): void {
    if (this.#state === "crashed") throw new CrashError()
    if (this.#state !== "open") throw new TierdexError("TIERDEX_CLOSED", "The store is not open.")
  }
}

async function copyEntries(from: MemoryStore, to: MemoryStore): Promise<void> {
  for await (const batch of from.scan(EVERYTHING)) {
    await to.write(batch.map((entry: Entry) => ({ type: "put", ...entry })))
  }
}

function copyOf(op: WriteOp): WriteOp {
  const key = new Uint8Array(op.key)
  return op.type === "put"
    ? { type: "put", key, value: new Uint8Array(op.value) }
    : { type: "delete", key }
}
