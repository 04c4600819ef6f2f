import { setTimeout } from "node:timers/promises"
import {
  copyIndex,
  type Durability,
  type MetadataIndex,
  openIndex,
  type Store,
} from "@tierdex/core"
import type { Fields } from "../oracle/fields.ts"
import { type Command, print } from "../process/command.ts"
import { MomentStore } from "./moments.ts"
import { formatProgress, type Progress } from "./progress.ts"
import { MEMORY, type Step, stepOf } from "./steps.ts"

/** Batches that may be under way at once. */
const BATCHES_AHEAD = 4
/** Every so many steps a flush is begun, or a compaction, of what may be too little for a thread. */
const FLUSH_EVERY = 31
const COMPACT_EVERY = 71

/** What a process does until it is killed. The argument is the seed of its steps. */
export const killCommands: Readonly<Record<string, Command>> = {
  killSync: async (store, seed) => {
    const writer = new KilledWriter(seed)
    await writer.write(await writer.open(store, "sync"))
  },

  killOs: async (store, seed) => {
    const writer = new KilledWriter(seed)
    await writer.write(await writer.open(store, "os"))
  },

  /** Copies the index while it writes to it. */
  killCopy: async (store, seed, copy) => {
    const writer = new KilledWriter(seed)
    const index = await writer.open(store, "os")
    await Promise.all([writer.copy(index, copy), writer.write(index)])
  },

  /** Copies the index, which is not open and stays as it is. */
  killCopyClosed: async (store, seed, copy) => {
    const writer = new KilledWriter(seed)
    await writer.copy(store, copy)
    await writer.wait()
  },
}

class KilledWriter {
  readonly #seed: number
  #progress: Progress = { phase: "opening", sent: 0, done: 0, moments: [] }
  #store: MomentStore | undefined
  #index: MetadataIndex<Fields> | undefined

  constructor(seed: number) {
    this.#seed = seed
  }

  async open(store: Store, durability: Durability): Promise<MetadataIndex<Fields>> {
    this.#report({ phase: "opening" })
    this.#store = new MomentStore(store, () => this.#look())
    const index = await openIndex<Fields>({ store: this.#store, durability, memory: MEMORY })
    this.#index = index
    const found = Number(index.mark ?? 0)
    this.#report({ phase: "writing", found, sent: found, done: found })
    return index
  }

  /** Goes on where the index ends. A step that is no batch may be there already, or half of it. */
  async write(index: MetadataIndex<Fields>): Promise<void> {
    const ahead: Promise<void>[] = []
    for (let n = Number(index.mark ?? 0) + 1; ; n++) {
      const step = stepOf(this.#seed, n)
      const isBatch = step.type === "batch"
      while (ahead.length >= (isBatch ? BATCHES_AHEAD : 1)) await ahead.shift()
      this.#report({ sent: n })
      const written = apply(index, step).then(() => {
        this.#store?.acknowledged()
        this.#report({ done: n })
      })
      if (isBatch) ahead.push(written)
      else await written
      // Beside the writes to come. An error ends the process, as any that nobody catches.
      if (n % COMPACT_EVERY === 0) void index.compact()
      else if (n % FLUSH_EVERY === 0) void index.flush()
    }
  }

  async copy(from: Store | MetadataIndex<Fields>, to: Store): Promise<void> {
    const report = () => this.#report({ phase: "copying" })
    report()
    await copyIndex(from, to, { onProgress: report })
    this.#report({ phase: "copied" })
  }

  async wait(): Promise<void> {
    for (;;) {
      await setTimeout(1)
      this.#report({})
    }
  }

  /** Says so if other things are under way than before. */
  #look(): void {
    if (this.#index === undefined || this.#store === undefined) return
    const moments = this.#store.moments(this.#index.stats())
    if (String(moments) !== String(this.#progress.moments)) this.#report({})
  }

  /** A batch is acknowledged by this, before anything else goes on. */
  #report(change: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...change }
    if (this.#index !== undefined && this.#store !== undefined) {
      const stats = this.#index.stats()
      const { flushes, merges } = stats
      const moments = this.#store.moments(stats)
      this.#progress = { ...this.#progress, flushes, merges, moments }
    }
    print(formatProgress(this.#progress))
  }
}

async function apply(index: MetadataIndex<Fields>, step: Step): Promise<void> {
  switch (step.type) {
    case "batch":
      await index.batch(step.ops, { mark: step.mark })
      return
    case "putMany":
      await index.putMany(step.entries)
      return
    case "update":
      await index.update(step.id, step.patch)
      return
    case "deleteMany":
      await index.deleteMany(step.filter)
      return
    case "clear":
      await index.clear()
      return
  }
}
