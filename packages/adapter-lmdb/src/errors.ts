import { TierdexError } from "@tierdex/core"

/** Any other error as a coded one, with itself as the cause. */
export function failed(what: string, cause: unknown): TierdexError {
  if (cause instanceof TierdexError) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TierdexError("TIERDEX_STORE_FAILED", `${what}: ${why}`, { cause })
}

export function closed(): TierdexError {
  return new TierdexError("TIERDEX_CLOSED", "The store is not open.")
}

export function invalid(option: string, expected: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", `lmdbStore: ${option} has to be ${expected}.`)
}

/** What made a commit fail: LMDB tells it apart from the rejection, and later. */
export async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && "commitError" in error)) return error
  try {
    return (await error.commitError) ?? error
  } catch (cause) {
    return cause
  }
}
