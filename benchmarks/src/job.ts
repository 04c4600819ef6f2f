import { join } from "node:path"
import { levelStore } from "@tierdex/adapter-level"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { rocksdbStore } from "@tierdex/adapter-rocksdb"
import { sqliteStore } from "@tierdex/adapter-sqlite"
import { type Durability, type IndexOptions, MemoryStore, type Store } from "@tierdex/core"

const PERSISTENT = {
  level: levelStore,
  lmdb: lmdbStore,
  rocksdb: rocksdbStore,
  sqlite: sqliteStore,
} as const

export const STORES = ["level", "lmdb", "rocksdb", "sqlite", "memory", "none"] as const

/** `"memory"` is a store in memory, `"none"` an index without a store. */
export type StoreName = (typeof STORES)[number]

/** What is measured. */
export interface Job {
  readonly records: number
  readonly store: StoreName
  readonly memory: string
  readonly durability: Durability
  /** Of the records; questions are drawn from another one that follows from it. */
  readonly seed: number
  /** Timed questions of each shape. */
  readonly draws: number
  /** Names of the shapes to ask; empty: all. */
  readonly shapes: readonly string[]
  /** Where a store on disk keeps its files. */
  readonly folder: string
}

/** What one child process does: an index that outlives no process is built and asked by one. */
export type Phase = "ingest" | "query" | "both"

export function phasesOf(job: Job): readonly Phase[] {
  return job.store === "none" || job.store === "memory" ? ["both"] : ["ingest", "query"]
}

export function openStore(job: Job): Store | undefined {
  if (job.store === "none") return undefined
  if (job.store === "memory") return new MemoryStore()
  return PERSISTENT[job.store]({ path: join(job.folder, "catalogue.idx") })
}

export function indexOptions(job: Job, store: Store | undefined): IndexOptions {
  if (store === undefined) return {}
  return { store, memory: job.memory, durability: job.durability }
}
