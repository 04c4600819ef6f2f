import { TierdexError } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { SortKey } from "../query/sort-keys.ts"

/** @throws TIERDEX_INVALID_OPTION */
export function parseLimit(limit: unknown, standard: number): number {
  if (limit === undefined) return standard
  if (typeof limit === "number" && Number.isSafeInteger(limit) && limit > 0) return limit
  throw invalid("limit", `must be a positive integer, not ${String(limit)}`)
}

/** The keys of a `sort` option, in either of its forms. @throws TIERDEX_INVALID_OPTION */
export function parseSort(sort: unknown): SortKey[] {
  if (sort === undefined) return []
  if (typeof sort !== "object" || sort === null) {
    throw invalid("sort", 'must be an object such as { price: "asc" }, or an array of pairs')
  }
  const pairs: unknown[] = Array.isArray(sort) ? sort : Object.entries(sort)
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
  return paths.map((path: unknown) => {
    if (typeof path !== "string" || path.split(".").some((part) => part === "")) {
      throw invalid(name, `holds ${JSON.stringify(path)}, which is no path such as "a" or "a.b"`)
    }
    if (fields.isIndexed(path) || name === "select") return path
    throw new TierdexError(
      "TIERDEX_FIELD_NOT_INDEXED",
      `The option ${name} names "${path}", which the fields option of this index leaves out.`,
    )
  })
}

function invalid(name: string, problem: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", `The option ${name} ${problem}.`)
}
