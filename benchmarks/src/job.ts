import type { Durability } from "@tierdex/core"

/** What one process does. */
export interface Job {
  /** A name of `ENGINES`, or the path of a module that has what theirs have. */
  readonly engine: string
  /** An engine in memory is filled and asked by one process: both. */
  readonly phases: readonly ("ingest" | "query")[]
  readonly records: number
  /** Of the records; questions are drawn from another one that follows from it. */
  readonly seed: number
  /** Timed questions of each shape. */
  readonly draws: number
  /** Names of the shapes to ask. */
  readonly shapes: readonly string[]
  /** Of tierdex: budget and durability. */
  readonly memory: string
  readonly durability: Durability
  /** Where the engine keeps its files. */
  readonly folder: string
}
