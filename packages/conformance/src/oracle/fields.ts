import { isDeepStrictEqual } from "node:util"

/** A record, or an object inside one. */
export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}

/** The record as an index holds it: no undefined properties, 0 for -0; nothing shared. */
export function normalise(record: object): Fields {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, normaliseValue(value)]),
  )
}

function normaliseValue(value: unknown): unknown {
  if (value === 0) return 0
  if (value instanceof Date) return new Date(value)
  if (Array.isArray(value)) return value.map(normaliseValue)
  return isFields(value) ? normalise(value) : value
}

/** Whether two normalised records hold the same, in whatever order of properties. */
export function sameContent(a: Fields, b: Fields): boolean {
  return isDeepStrictEqual(a, b)
}

/** What a record holds at a path; undefined if nothing. There are no paths below an array. */
export function valueAt(record: Fields, path: string): unknown {
  let value: unknown = record
  for (const part of path.split(".")) {
    if (!isFields(value) || !Object.hasOwn(value, part)) return undefined
    value = value[part]
  }
  return value
}

/** The elements of an array at a path, else the one value there; nothing if it is missing. */
export function valuesAt(record: Fields, path: string): readonly unknown[] {
  const value = valueAt(record, path)
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

/**
 * The record with another value at a path, undefined to remove it. Objects on the way are made
 * where they are needed, in place of other values too; removing makes none.
 */
export function withValueAt(record: Fields, path: string, value: unknown): Fields {
  const dot = path.indexOf(".")
  const name = dot === -1 ? path : path.slice(0, dot)
  const kept = Object.entries(record).filter(([other]) => other !== name)
  if (dot === -1)
    return Object.fromEntries([...kept, [name, value]].filter(([, v]) => v !== undefined))
  const inner = Object.hasOwn(record, name) ? record[name] : undefined
  if (value === undefined && !isFields(inner)) return record
  const changed = withValueAt(isFields(inner) ? inner : {}, path.slice(dot + 1), value)
  return Object.fromEntries([...kept, [name, changed]])
}

/** Only the fields at these paths, nested as they were; what is missing leaves no trace. */
export function selectFields(record: Fields, paths: readonly string[]): Fields {
  // Short paths first: what lies below a selected object is in it already.
  return paths
    .toSorted((a, b) => a.length - b.length)
    .reduce<Fields>((selected, path) => {
      const value = valueAt(record, path)
      return value === undefined ? selected : withValueAt(selected, path, value)
    }, {})
}
