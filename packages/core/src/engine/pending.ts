import type { FieldClaim } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import type { IdKey } from "../parts/id-key.ts"
import type { RecordPatch } from "./records.ts"

export interface Failure {
  readonly error: unknown
}

/** Writes of one call, of which none is committed once one before it failed. */
export interface Chain {
  failure: Failure | undefined
}

/** Puts and deletes that were encoded when they were asked for; they take effect together. */
export interface PendingOps {
  readonly type: "ops"
  /** Operations as in the log. */
  readonly bytes: Uint8Array
  /** How many of the bytes are puts. */
  readonly putBytes: number
  /** How many operations there are. */
  readonly count: number
  /** For deletes of certain versions: the write sequence of each. */
  readonly expected?: readonly number[]
  /** The write sequence that each operation is to have, or a greater one; default: the next. */
  readonly sequences?: Float64Array
  readonly mark: string | undefined
  /** If it brings fields, or has some that other writes bring; whoever ends it releases it. */
  readonly claim: FieldClaim | undefined
  readonly chain?: Chain
}

export interface PendingUpdate {
  readonly type: "update"
  readonly key: IdKey
  readonly patch: RecordPatch
  /** Takes the paths that are left out. */
  readonly skipped: SkippedPaths
  /** The write sequence that it is to have, or a greater one; default: the next. */
  readonly sequence?: number
}

/** Something the writer does between writes, alone. */
export interface PendingTask {
  readonly type: "task"
  run(): Promise<void>
}

/** How many of a write's operations found a record to replace, change or delete. */
export interface WriteResult {
  readonly found: number
}

export type Pending = PendingOps | PendingUpdate | PendingTask

/** A queued request with the promise that its caller waits for. */
export interface Queued {
  readonly request: Pending
  resolve(result: WriteResult): void
  reject(error: unknown): void
}
