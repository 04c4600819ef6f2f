import type { WriteOptions } from "../api/metadata-index.ts"
import type { LongCallOptions } from "../api/read-options.ts"
import type { IndexStats, Tier, VerifyReport } from "../api/stats.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PendingOps, PendingUpdate, WriteResult } from "./pending.ts"
import type { FrozenQuestions, Questions } from "./questions.ts"
import type { SliceTarget } from "./slices.ts"

/**
 * What the writing half of the API acts on, with arguments that are checked: one index, or many
 * shards. Calls take effect in the order in which they are made.
 */
export interface Engine extends SliceTarget {
  readonly questions: Questions
  /** Numbers the fields of the records that are written. */
  readonly fields: FieldTable
  /** Takes the paths that are left out. */
  readonly skipped: SkippedPaths
  readonly tier: Tier
  readonly mark: string | undefined
  /** @throws TIERDEX_CLOSED */
  check(): void
  write(request: PendingOps | PendingUpdate): Promise<WriteResult>
  /**
   * @param bytes of the operations of a batch
   * @throws TIERDEX_MEMORY_EXCEEDED if they are too many for one atomic write
   */
  checkBatch(bytes: number): void
  deleteMany(filter: FilterNode, options: WriteOptions): Promise<number>
  clear(): Promise<void>
  snapshot(ttlMs: number): Promise<FrozenQuestions>
  flush(): Promise<void>
  compact(options: LongCallOptions): Promise<void>
  verify(options: LongCallOptions): Promise<VerifyReport>
  stats(): IndexStats
  close(): Promise<void>
}
