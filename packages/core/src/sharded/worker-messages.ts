import type { Durability } from "../api/options.ts"
import type { Progress } from "../api/read-options.ts"
import type { IndexStats } from "../api/stats.ts"
import type { ErrorImage } from "../build/messages.ts"
import type { FieldRules } from "../fields/field-options.ts"
import type { Answer, Request } from "./calls.ts"

/** How a worker opens its shard. */
export interface WorkerData {
  /** The module that makes the store, and the name of its export; undefined: in memory. */
  readonly store:
    | { readonly module: string; readonly factory: string; readonly options: unknown }
    | undefined
  readonly memory: number | undefined
  readonly durability: Durability
  readonly rules: FieldRules
}

export type ToWorker =
  | {
      readonly type: "request"
      readonly ask: number
      readonly epoch: number
      /** Whether progress is wanted. */
      readonly reports: boolean
      readonly request: Request
    }
  | { readonly type: "abort"; readonly ask: number }

/** What a shard tells of itself with every answer. */
export interface ShardFigures {
  readonly size: number
  /** Why it refuses writes, if it does. */
  readonly writeFailure: ErrorImage | undefined
  /** Not with every one: it is not free. */
  readonly stats: IndexStats | undefined
}

export type FromWorker =
  | { readonly type: "ready"; readonly figures: ShardFigures | undefined }
  | { readonly type: "refused"; readonly error: ErrorImage }
  | {
      readonly type: "answer"
      readonly ask: number
      readonly answer: Answer
      /** Undefined once it is closed. */
      readonly figures: ShardFigures | undefined
    }
  | {
      readonly type: "failed"
      readonly ask: number
      readonly error: ErrorImage
      /** Undefined once it is closed. */
      readonly figures: ShardFigures | undefined
    }
  | { readonly type: "progress"; readonly ask: number; readonly progress: Progress }
