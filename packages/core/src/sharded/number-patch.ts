import type { RecordPatch } from "../engine/records.ts"
import type { TierdexError } from "../errors.ts"
import type { FieldClaim, FieldTable } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import { isFull, tooMany } from "../rows/encode.ts"

/** A patch for which all fields have numbers, or why it cannot be. */
export interface NumberedPatch {
  /** Changes nothing if it is refused. */
  readonly patch: RecordPatch
  /** Holds if there is such a record. */
  readonly refusal: TierdexError | undefined
}

/**
 * Numbers the fields that a patch brings, so that an index has no more of them over all its shards
 * than it may. What there is no room for is left out, or refused.
 * @param claim is raised to those that are new
 */
export function numberPatch(
  patch: RecordPatch,
  fields: FieldTable,
  claim: FieldClaim,
  skipped: SkippedPaths,
): NumberedPatch {
  const set = new Map(patch.set)
  for (const path of patch.set.keys()) {
    const node = fields.nodeAt(path)
    if (node.number >= 0 || !isFull(fields)) {
      claim.end = Math.max(claim.end, fields.number(node) + 1)
    } else if (node.onUnindexable === "error") {
      return { patch: { paths: [], set: new Map() }, refusal: tooMany(node) }
    } else {
      skipped.add(path)
      set.delete(path)
    }
  }
  return { patch: { paths: patch.paths, set }, refusal: undefined }
}
