import { Buffer } from "node:buffer"
import { TierdexError } from "../errors.ts"
import { describe } from "../values/describe.ts"

const MAX_MARK_BYTES = 1024

/*
 * What is passed to writing calls, checked once as they begin. Ids, records and patches are checked
 * as they are encoded.
 */

/**
 * Whether the source of `putMany` is an async one.
 * @throws TIERDEX_INVALID_OPTION if it cannot be iterated at all
 */
export function isAsync<E>(source: Iterable<E> | AsyncIterable<E>): source is AsyncIterable<E> {
  if (hasMethod(source, Symbol.asyncIterator)) return true
  if (hasMethod(source, Symbol.iterator)) return false
  throw invalid(
    `putMany takes an iterable of pairs such as ["id", { field: 1 }], not ${describe(source)}.`,
  )
}

/** Whether it is an object with a method; every string is iterable, and none is meant. */
function hasMethod(value: unknown, name: symbol): boolean {
  return (
    typeof value === "object" && value !== null && typeof Reflect.get(value, name) === "function"
  )
}

/** @throws TIERDEX_INVALID_OPTION */
export function checkPair(pair: unknown, position: number): void {
  if (Array.isArray(pair)) return
  throw invalid(
    `Item ${position} of putMany is ${describe(pair)}; it must be an array of an id and a record.`,
    position,
  )
}

/** @throws TIERDEX_INVALID_OPTION */
export function checkOperations(ops: unknown): void {
  if (Array.isArray(ops)) return
  throw invalid(
    `A batch is an array of operations such as { type: "delete", id }, not ${describe(ops)}.`,
  )
}

/** @throws TIERDEX_INVALID_OPTION */
export function checkOperation(op: unknown, position: number): void {
  if (typeof op !== "object" || op === null) {
    throw invalid(
      `Operation ${position} of the batch is ${describe(op)}; it must be an object such as ` +
        '{ type: "delete", id }.',
      position,
    )
  }
  const type: unknown = Reflect.get(op, "type")
  if (type === "put" || type === "delete") return
  throw invalid(
    `Operation ${position} of the batch has an unknown type; it must be "put" or "delete".`,
    position,
  )
}

/** @throws TIERDEX_INVALID_OPTION if they are not an array */
export function checkIds(ids: unknown): void {
  if (Array.isArray(ids)) return
  throw invalid(`hasMany takes an array of ids, not ${describe(ids)}.`)
}

/** @throws TIERDEX_INVALID_OPTION */
export function checkMark(mark: unknown): void {
  if (typeof mark === "string" && mark.isWellFormed() && Buffer.byteLength(mark) <= MAX_MARK_BYTES)
    return
  throw invalid(
    `The option mark must be a well-formed string of at most ${MAX_MARK_BYTES} UTF-8 bytes.`,
  )
}

/** @throws TIERDEX_INVALID_OPTION */
export function checkTtl(ttlMs: unknown): void {
  if (typeof ttlMs === "number" && ttlMs > 0 && ttlMs < 2 ** 31) return
  throw invalid("The option ttlMs must be a positive number of milliseconds below 2^31.")
}

function invalid(message: string, position?: number): TierdexError {
  const details = position === undefined ? {} : { position }
  return new TierdexError("TIERDEX_INVALID_OPTION", message, details)
}
