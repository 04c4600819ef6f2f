import { Buffer } from "node:buffer"
import type { FieldsOptions, OnUnindexable } from "../api/options.ts"
import { TierdexError } from "../errors.ts"
import { isPlainObject, quoted } from "../values/describe.ts"
import { MAX_FIELDS, MAX_PATH_BYTES } from "../values/limits.ts"
import { isPath } from "./path.ts"

/** The `fields` option in one canonical form, as it is kept in the manifest. */
export interface FieldRules {
  readonly include: readonly string[] | undefined
  readonly exclude: readonly string[]
  readonly onUnindexable: OnUnindexable
  readonly paths: readonly (readonly [path: string, onUnindexable: OnUnindexable])[]
}

/** @throws TIERDEX_INVALID_OPTION */
export function parseFieldsOptions(options: FieldsOptions = {}): FieldRules {
  checkObject(options, "fields", ["include", "exclude", "onUnindexable", "paths"])
  const { include, exclude, onUnindexable = "error", paths = {} } = options
  if (include !== undefined && exclude !== undefined) {
    throw invalid("fields", "takes `include` or `exclude`, not both")
  }
  checkMode(onUnindexable, "fields.onUnindexable")
  for (const [name, list] of Object.entries({ include, exclude })) {
    if (list === undefined) continue
    if (!Array.isArray(list)) throw invalid(`fields.${name}`, "must be an array of paths")
    checkCount(list.length, `fields.${name}`)
    for (const path of Array.from<unknown>(list)) checkPath(path, `fields.${name}`)
  }
  checkObject(paths, "fields.paths")
  checkCount(Object.keys(paths).length, "fields.paths")
  const rules = Object.entries(paths).map(([path, rule]): [string, OnUnindexable] => {
    checkPath(path, "fields.paths")
    const name = `fields.paths["${path}"]`
    checkObject(rule, name, ["onUnindexable"])
    const mode = rule.onUnindexable ?? onUnindexable
    checkMode(mode, `${name}.onUnindexable`)
    return [path, mode]
  })
  return {
    include: include === undefined ? undefined : [...new Set(include)].sort(),
    exclude: [...new Set(exclude)].sort(),
    onUnindexable,
    paths: rules.sort(([a], [b]) => (a < b ? -1 : 1)),
  }
}

/** Whether two paths are equal or the second lies below the first. */
export function covers(path: string, other: string): boolean {
  return other === path || other.startsWith(`${path}.`)
}

/** Whether the values at a path are indexed. */
export function isPathIndexed(rules: FieldRules, path: string): boolean {
  if (rules.include !== undefined) return rules.include.some((rule) => covers(rule, path))
  return !rules.exclude.some((rule) => covers(rule, path))
}

/** Whether some path below one may be indexed, so that objects there are worth entering. */
export function mayHoldIndexed(rules: FieldRules, path: string): boolean {
  if (isPathIndexed(rules, path)) return true
  return rules.include?.some((rule) => covers(path, rule)) ?? false
}

/** @param keys that it may have; undefined: any */
function checkObject(value: unknown, name: string, keys?: readonly string[]): void {
  if (!isPlainObject(value)) throw invalid(name, "must be a plain object")
  const unknown = Object.keys(value).find((key) => keys?.includes(key) === false)
  if (unknown !== undefined) throw invalid(name, `has no property ${unknown}`)
}

function checkMode(mode: unknown, name: string): void {
  if (mode !== "error" && mode !== "skip") throw invalid(name, 'must be "error" or "skip"')
}

/** The manifest keeps them all. */
function checkCount(count: number, name: string): void {
  if (count <= MAX_FIELDS) return
  throw invalid(name, `names ${count} paths, over the ${MAX_FIELDS} that it may name`)
}

function checkPath(path: unknown, name: string): void {
  if (!isPath(path)) throw invalid(name, `holds ${quoted(path)}, which is no path such as "a.b"`)
  const bytes = Buffer.byteLength(path)
  if (bytes <= MAX_PATH_BYTES) return
  throw invalid(
    name,
    `holds a path of ${bytes} UTF-8 bytes, over ${MAX_PATH_BYTES}, that begins with ${quoted(path)}`,
  )
}

function invalid(name: string, problem: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", `The option ${name} ${problem}.`)
}
