import type { MemoryStore } from "../../src/store/memory-store.ts"
import type { KeyRange, WriteOp } from "../../src/store/store.ts"
import { CrashError, CrashingStore } from "../support/crashing-store.ts"
import { WrappedStore } from "../support/wrapped-store.ts"

/** A process that ends at one of the writes of all its stores together. */
export class Mortality {
  readonly #crashAt: number
  /** Whether the last write is carried out, though never acknowledged. */
  readonly applied: boolean
  operations = 0
  isDead = false

  constructor(crashAt = Number.POSITIVE_INFINITY, applied = false) {
    this.#crashAt = crashAt
    this.applied = applied
  }

  /** Counts a write; returns whether it is the last. */
  count(): boolean {
    this.check()
    this.operations++
    this.isDead = this.operations >= this.#crashAt
    return this.isDead
  }

  check(): void {
    if (this.isDead) throw new CrashError()
  }
}

/** A store of such a process. */
export class MortalStore extends WrappedStore {
  readonly #mortality: Mortality
  readonly #disk: CrashingStore

  constructor(mortality: Mortality, image?: MemoryStore) {
    const disk = new CrashingStore({}, image)
    super(disk)
    this.#disk = disk
    this.#mortality = mortality
  }

  /** Writes that a power cut may take. */
  get pending(): number {
    return this.#disk.pending
  }

  /** What is left of it, with so many of the pending writes. */
  afterCrash(prefix?: number): Promise<MemoryStore> {
    return this.#disk.afterCrash(prefix)
  }

  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    const isLast = this.#mortality.count()
    if (!isLast || this.#mortality.applied) await this.inner.write(ops, options)
    if (isLast) throw new CrashError()
  }

  override async deleteRange(range: KeyRange): Promise<void> {
    this.#mortality.check()
    await this.inner.deleteRange(range)
  }
}
