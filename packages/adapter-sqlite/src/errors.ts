import { TierdexError } from "@tierdex/core"

/** Any other error as a coded one, with itself as the cause. */
export function failed(what: string, cause: unknown, advice?: string): TierdexError {
  if (cause instanceof TierdexError) return cause
  const why = `${what}: ${cause instanceof Error ? cause.message : cause}`
  const message = advice === undefined ? why : `${why.replace(/\.$/, "")}. ${advice}`
  return new TierdexError("TIERDEX_STORE_FAILED", message, { cause })
}

export function closed(): TierdexError {
  return new TierdexError("TIERDEX_CLOSED", "The store is not open.")
}

export function locked(what: string): TierdexError {
  return new TierdexError(
    "TIERDEX_LOCKED",
    `${what} is open already, here or in another process: close it there first.`,
  )
}

export function invalid(option: string, expected: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", `sqliteStore: ${option} has to be ${expected}.`)
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined
}
