import { TierdexError, type TierdexErrorCode, type TierdexErrorDetails } from "../errors.ts"
import type { SegmentMeta } from "../segment/segment.ts"
import type { StoreCapabilities } from "../store/store.ts"
import type { BuildJob } from "./job.ts"
import type { PackedBytes } from "./packed-bytes.ts"

/**
 * To the thread: what to do, and answers to what it asked of the store. What it had written comes
 * back, so that its memory can be used again.
 */
export type ToThread =
  | {
      readonly type: "start"
      readonly run: number
      readonly job: BuildJob
      readonly capabilities: StoreCapabilities
    }
  | { readonly type: "abort"; readonly run: number }
  | { readonly type: "values"; readonly call: number; readonly values: PackedBytes }
  | { readonly type: "written"; readonly call: number; readonly values: PackedBytes }
  | { readonly type: "refused"; readonly call: number }

/** From the thread: calls of the store, and what became of a run. */
export type FromThread =
  | { readonly type: "ready" }
  | {
      readonly type: "read"
      readonly run: number
      readonly call: number
      readonly keys: PackedBytes
    }
  | {
      readonly type: "write"
      readonly run: number
      readonly call: number
      readonly keys: PackedBytes
      readonly values: PackedBytes
    }
  | { readonly type: "field"; readonly run: number }
  | { readonly type: "done"; readonly run: number; readonly meta: SegmentMeta }
  | { readonly type: "failed"; readonly run: number; readonly error: ErrorImage }

/** An error on its way between threads, which would lose its code. */
export interface ErrorImage {
  readonly code: TierdexErrorCode | undefined
  readonly message: string
  readonly details: TierdexErrorDetails
}

export function imageOf(error: unknown): ErrorImage {
  if (error instanceof TierdexError) {
    const { code, message, id, position, committed, place, shard, cause } = error
    const reason = cause === undefined ? {} : { cause: new Error(textOf(cause)) }
    return { code, message, details: { id, position, committed, place, shard, ...reason } }
  }
  return { code: undefined, message: textOf(error), details: {} }
}

export function errorOf({ code, message, details }: ErrorImage): Error {
  return code === undefined ? new Error(message) : new TierdexError(code, message, details)
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
