/**
 * Why a call failed. Codes are part of the API and never change their meaning; messages are for
 * people and may.
 */
export type TierdexErrorCode =
  | "TIERDEX_INVALID_FILTER"
  | "TIERDEX_INVALID_OPTION"
  | "TIERDEX_FIELD_NOT_INDEXED"
  | "TIERDEX_FIELDS_CHANGED"
  | "TIERDEX_INVALID_VALUE"
  | "TIERDEX_INVALID_ID"
  | "TIERDEX_CLOSED"
  | "TIERDEX_LOCKED"
  | "TIERDEX_CORRUPT"
  | "TIERDEX_UNSUPPORTED_FORMAT"
  | "TIERDEX_UNSUPPORTED_PLATFORM"
  | "TIERDEX_STORE_FAILED"
  | "TIERDEX_SNAPSHOT_EXPIRED"
  | "TIERDEX_MEMORY_EXCEEDED"
  | "TIERDEX_CURSOR_INVALID"
  | "TIERDEX_SHARD_FAILED"
  | "TIERDEX_STALE_MAP"
  | "TIERDEX_TIMEOUT"
  | "TIERDEX_ABORTED"

/** What an error may carry besides its message. */
export interface TierdexErrorDetails {
  /** The error underneath, if there is one. */
  cause?: unknown
  /** `putMany`, `batch`: the id of the record that was refused. */
  id?: string | undefined
  /** `putMany`, `batch`: its position in the input, from 0. */
  position?: number | undefined
  /** `putMany`, `deleteMany`: how many records were committed before the failure. */
  committed?: number | undefined
  /** `TIERDEX_CORRUPT`: where the damage is. */
  place?: DamagedPlace | undefined
  /** The name of the shard that failed, if the index has shards. */
  shard?: string | undefined
}

/** A page of the index. */
export interface DamagedPlace {
  readonly segment: number
  /** Absent for what belongs to no field, such as ids. */
  readonly field?: string
  readonly page: number
}

/**
 * The only error that tierdex throws on purpose. Compare `code`, not the class: two copies of the
 * package in one process have two classes.
 */
export class TierdexError extends Error {
  readonly code: TierdexErrorCode
  readonly id?: string
  readonly position?: number
  readonly committed?: number
  readonly place?: DamagedPlace
  readonly shard?: string

  constructor(code: TierdexErrorCode, message: string, details: TierdexErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined)
    // An abort is recognised everywhere by this name.
    this.name = code === "TIERDEX_ABORTED" ? "AbortError" : "TierdexError"
    this.code = code
    if (details.id !== undefined) this.id = details.id
    if (details.position !== undefined) this.position = details.position
    if (details.committed !== undefined) this.committed = details.committed
    if (details.place !== undefined) this.place = details.place
    if (details.shard !== undefined) this.shard = details.shard
    Object.defineProperty(this, "code", { writable: false, configurable: false })
  }
}

/** The same error with another message, and with more of what it may carry. */
export function amended(
  error: TierdexError,
  message: string,
  details: TierdexErrorDetails,
): TierdexError {
  const { id, position, committed, place, shard, cause } = error
  const own = { id, position, committed, place, shard, cause: cause ?? error }
  return new TierdexError(error.code, message, { ...own, ...details })
}

/** Throws `TIERDEX_ABORTED`, with the signal's reason as `cause`, if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new TierdexError("TIERDEX_ABORTED", "The call was aborted by its signal.", {
      cause: signal.reason,
    })
  }
}

/** The code of an error made by any copy of this package, or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined
}
