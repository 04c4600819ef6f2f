import { TierdexError } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import { isPath } from "../fields/path.ts"
import { checkKnown } from "../known-options.ts"
import type { SortKey } from "../query/sort-keys.ts"
import { describe, isPlainObject, quoted } from "../values/describe.ts"

/**
 * Checks that the options of a call are an object with none but its own, and those of them that
 * several calls have.
 * @param call its name, for messages
 * @param names of its options
 * @throws TIERDEX_INVALID_OPTION
 */
export function checkOptions(
  options: object,
  call: string,
  names: readonly string[] = ["signal"],
): void {
  checkKnown(call, options, names)
  const signal: unknown = Reflect.get(options, "signal")
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid("signal", `must be the signal of an AbortController, not ${describe(signal)}`)
  }
  const onProgress: unknown = Reflect.get(options, "onProgress")
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalid("onProgress", `must be a function, not ${describe(onProgress)}`)
  }
}

/** @throws TIERDEX_INVALID_OPTION */
export function parseLimit(limit: unknown, standard: number): number {
  if (limit === undefined) return standard
  if (typeof limit === "number" && Number.isSafeInteger(limit) && limit > 0) return limit
  throw invalid("limit", `must be a positive integer, not ${quoted(limit)}`)
}

/** The keys of a `sort` option, in either of its forms. @throws TIERDEX_INVALID_OPTION */
export function parseSort(sort: unknown): SortKey[] {
  if (sort === undefined) return []
  if (!Array.isArray(sort) && !isPlainObject(sort)) {
    throw invalid("sort", 'must be an object such as { price: "asc" }, or an array of pairs')
  }
  const pairs: unknown[] = Array.isArray(sort) ? Array.from<unknown>(sort) : Object.entries(sort)
  const keys = pairs.map((pair): SortKey => {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw invalid("sort", 'takes pairs such as ["price", "asc"]')
    }
    const [path, direction]: unknown[] = pair
    if (typeof path !== "string") throw invalid("sort", "names a field that is no string")
    if (direction !== "asc" && direction !== "desc") {
      throw invalid(`sort["${path}"]`, 'must be "asc" or "desc"')
    }
    return { path, descending: direction === "desc" }
  })
  const repeated = keys.find((key, i) => keys.findIndex(({ path }) => path === key.path) !== i)
  if (repeated !== undefined) throw invalid("sort", `names "${repeated.path}" twice`)
  return keys
}

/**
 * @param name the option that the paths come from
 * @throws TIERDEX_INVALID_OPTION, TIERDEX_FIELD_NOT_INDEXED
 */
export function parsePaths(paths: unknown, name: string, fields: FieldTable): string[] {
  if (!Array.isArray(paths)) throw invalid(name, "must be an array of paths")
  return Array.from<unknown>(paths).map((path) => {
    if (!isPath(path)) throw invalid(name, `holds ${quoted(path)}, which is no path such as "a.b"`)
    // What is selected comes with all below, of which some may be included.
    if (name === "select" ? fields.mayHoldIndexed(path) : fields.isIndexed(path)) return path
    throw new TierdexError(
      "TIERDEX_FIELD_NOT_INDEXED",
      `${name} names "${path}", which the fields option of this index leaves out.`,
    )
  })
}

function invalid(name: string, problem: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", `The option ${name} ${problem}.`)
}
