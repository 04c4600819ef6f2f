import { isFields } from "./fields.ts"

export type Direction = "asc" | "desc"

/**
 * Compares two values of a record, undefined for a missing one, in the order across types:
 * an empty array, null and missing, numbers, strings by UTF-8 bytes, objects (all alike),
 * booleans, dates. Arrays with elements have no place of their own: see `sortValue`.
 */
export function compareValues(a: unknown, b: unknown): number {
  const byType = typeRank(a) - typeRank(b)
  if (byType !== 0) return byType
  if (typeof a === "string" && typeof b === "string") {
    return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"))
  }
  const x = payload(a)
  const y = payload(b)
  return x < y ? -1 : x > y ? 1 : 0
}

/** What a field's value counts as in a sort: an array as its least or its greatest element. */
export function sortValue(value: unknown, direction: Direction): unknown {
  if (!Array.isArray(value) || value.length === 0) return value
  const elements: readonly unknown[] = value.toSorted(compareValues)
  return direction === "asc" ? elements[0] : elements.at(-1)
}

function typeRank(value: unknown): number {
  if (Array.isArray(value)) return 0
  if (value === undefined || value === null) return 1
  if (typeof value === "number") return 2
  if (typeof value === "string") return 3
  if (isFields(value)) return 4
  if (typeof value === "boolean") return 5
  if (value instanceof Date) return 6
  throw new TypeError(`There is no place in the order for ${String(value)}.`)
}

function payload(value: unknown): number {
  return typeof value === "number" || typeof value === "boolean" || value instanceof Date
    ? Number(value)
    : 0
}
