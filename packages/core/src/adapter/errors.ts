import { codeOf, TierdexError } from "../errors.ts"

export { codeOf }

/**
 * `TIERDEX_STORE_FAILED` with the engine's error as its cause: "Cannot read: <its message>". An
 * error that is coded already is handed back as it is.
 * @param what `Cannot read`
 * @param advice what to do, as a sentence
 */
export function storeFailed(what: string, cause: unknown, advice?: string): Error {
  // By its code: there may be several copies of this package.
  if (cause instanceof Error && codeOf(cause)?.startsWith("TIERDEX_")) return cause
  const why = `${what}: ${cause instanceof Error ? cause.message : cause}`
  const message = advice === undefined ? why : `${why.replace(/\.$/, "")}. ${advice}`
  return new TierdexError("TIERDEX_STORE_FAILED", message, { cause })
}

/** `TIERDEX_CLOSED`, for calls before `open` and from `close` on. */
export function storeClosed(): TierdexError {
  return new TierdexError("TIERDEX_CLOSED", "The store is not open.")
}

/** `TIERDEX_LOCKED`, for a second opener of what is at `path`. */
export function storeLocked(path: string): TierdexError {
  return new TierdexError(
    "TIERDEX_LOCKED",
    `${path} is open already, here or in another process: close it there first.`,
  )
}

/**
 * `TIERDEX_INVALID_OPTION`: "levelStore: path has to be the path of a folder."
 * @param factory the function that took the options
 */
export function invalidOption(factory: string, option: string, expected: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", `${factory}: ${option} has to be ${expected}.`)
}

/**
 * `TIERDEX_UNSUPPORTED_PLATFORM`, for an engine that does not load here.
 * @param why and what to do about it
 */
export function unsupportedPlatform(engine: string, why: string, cause?: unknown): TierdexError {
  return new TierdexError(
    "TIERDEX_UNSUPPORTED_PLATFORM",
    `${engine} does not load on ${process.platform}-${process.arch}: ${why}`,
    cause === undefined ? {} : { cause },
  )
}
