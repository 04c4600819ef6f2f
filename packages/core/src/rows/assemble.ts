import { Kind, type Value } from "../values/kind.ts"
import { fromValue } from "../values/scalar.ts"
import { type FieldValue, isArray } from "./row.ts"

/** Builds a record again from its fields, in any order; missing ones are left out. */
export function assemble(
  fields: Iterable<readonly [path: readonly string[], value: FieldValue]>,
): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const [path, value] of fields) {
    if (isArray(value)) set(record, path, value.map(fromValue))
    else if (value.kind !== Kind.missing) set(record, path, plain(value, record, path))
  }
  return record
}

function plain(value: Value, record: Record<string, unknown>, path: readonly string[]): unknown {
  if (value.kind === Kind.emptyArray) return []
  // Fields below may have come before the object itself.
  if (value.kind === Kind.object) return enter(record, path)
  return fromValue(value)
}

function set(record: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const parent = enter(record, path.slice(0, -1))
  define(parent, path[path.length - 1], value)
}

/** The object at a path, made if it is not there. */
function enter(record: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  let object = record
  for (const key of path) {
    const known = Object.hasOwn(object, key) ? object[key] : undefined
    if (isObject(known)) object = known
    else {
      const made: Record<string, unknown> = {}
      define(object, key, made)
      object = made
    }
  }
  return object
}

/** Like an assignment, but a key named `__proto__` is a key like any other. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value
  else {
    const settings = { value, writable: true, enumerable: true, configurable: true }
    Object.defineProperty(object, key, settings)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
