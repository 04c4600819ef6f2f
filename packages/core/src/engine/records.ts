import type { Steps } from "../cache/steps.ts"
import { covers } from "../fields/field-options.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import type { Part } from "../parts/part.ts"
import { readFields } from "../query/read-fields.ts"
import { isFull, tooMany } from "../rows/encode.ts"
import { type FieldValue, isArray } from "../rows/row.ts"
import { compareValues } from "../values/compare.ts"
import { Kind } from "../values/kind.ts"

/** A record by field number; fields that it does not have are absent. */
export type RecordFields = ReadonlyMap<number, FieldValue>

/** All fields of one record. */
export function* readRecord(
  part: Part,
  ordinal: number,
  fields: FieldTable,
): Steps<Map<number, FieldValue>> {
  const numbers = Array.from({ length: fields.size }, (_, field) => field)
  const columns = yield* readFields(part, numbers, Uint32Array.of(ordinal))
  const record = new Map<number, FieldValue>()
  for (const [field, [value]] of columns) if (!isMissing(value)) record.set(field, value)
  return record
}

export function isMissing(value: FieldValue): boolean {
  return !isArray(value) && value.kind === Kind.missing
}

export function isSameRecord(a: RecordFields, b: RecordFields): boolean {
  if (a.size !== b.size) return false
  for (const [field, value] of a) {
    const other = b.get(field)
    if (other === undefined || !isSameValue(value, other)) return false
  }
  return true
}

function isSameValue(a: FieldValue, b: FieldValue): boolean {
  if (!isArray(a)) return !isArray(b) && compareValues(a, b) === 0
  if (!isArray(b) || a.length !== b.length) return false
  return a.every((value, i) => compareValues(value, b[i]) === 0)
}

/** What `update` changes: paths, and the fields that come in the place of what was there. */
export interface RecordPatch {
  readonly paths: readonly string[]
  /** By path. */
  readonly set: ReadonlyMap<string, FieldValue>
}

/**
 * A record after a patch, whose fields now have numbers.
 * @param skipped takes the paths for which the table has no room, if they may be left out
 * @throws TIERDEX_INVALID_VALUE for one that may not
 */
export function applyPatch(
  record: RecordFields,
  { paths, set }: RecordPatch,
  fields: FieldTable,
  skipped: SkippedPaths,
): Map<number, FieldValue> {
  const setPaths = [...set.keys()]
  const patched = new Map<number, FieldValue>()
  for (const [field, value] of record) {
    const path = fields.path(field)
    const isReplaced = paths.some((changed) => covers(changed, path))
    if (!isReplaced) patched.set(field, value)
  }
  for (const [path, value] of set) {
    const node = fields.nodeAt(path)
    if (node.number < 0 && isFull(fields)) {
      if (node.onUnindexable === "error") throw tooMany(node)
      skipped.add(path)
      continue
    }
    const field = fields.number(node)
    const current = patched.get(field)
    // On the way to a changed path: an object stays, anything else gives way to one.
    const isOnTheWay = setPaths.some((other) => other !== path && covers(path, other))
    if (current !== undefined && isOnTheWay && !isArray(current) && current.kind === Kind.object) {
      continue
    }
    patched.set(field, value)
  }
  return patched
}
