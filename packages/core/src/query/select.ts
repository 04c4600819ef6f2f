import type { Steps } from "../cache/steps.ts"
import { covers } from "../fields/field-options.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { Part } from "../parts/part.ts"
import { assemble } from "../rows/assemble.ts"
import { readFields } from "./read-fields.ts"

/**
 * Records of a part by ordinals that ascend.
 * @param select paths, each with all below it; undefined: all
 */
export function* selectRecords(
  part: Part,
  ordinals: Uint32Array,
  fields: FieldTable,
  select?: readonly string[],
): Steps<Record<string, unknown>[]> {
  const numbers = fields.paths.flatMap((path, field) =>
    select === undefined || select.some((wanted) => covers(wanted, path)) ? [field] : [],
  )
  const columns = [...(yield* readFields(part, numbers, ordinals))].map(
    ([field, values]) => [fields.path(field).split("."), values] as const,
  )
  return Array.from(ordinals, (_, i) =>
    assemble(columns.map(([path, values]) => [path, values[i]] as const)),
  )
}
