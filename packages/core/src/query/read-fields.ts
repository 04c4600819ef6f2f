import { isSliceOver, type Steps } from "../cache/steps.ts"
import type { Part, PartField } from "../parts/part.ts"
import type { FieldValue } from "../rows/row.ts"
import type { Value } from "../values/kind.ts"

/** The values of a field for ordinals that ascend. */
export function* readField(field: PartField, ordinals: Uint32Array): Steps<FieldValue[]> {
  const rows = new Array<Uint32Array>(ordinals.length)
  const isArray = new Uint8Array(ordinals.length)
  const wanted = new Set<number>()
  let pageEnd = 0
  let page = ordinals.length === 0 ? undefined : yield* field.column(ordinals[0])
  for (let i = 0; i < ordinals.length; i++) {
    if (page === undefined || ordinals[i] >= pageEnd) {
      page = yield* field.column(ordinals[i])
      pageEnd = (Math.floor(ordinals[i] / field.rowsPerPage) + 1) * field.rowsPerPage
      if (isSliceOver()) yield
    }
    rows[i] = page.values(ordinals[i])
    isArray[i] = page.arrayLength(ordinals[i]) < 0 ? 0 : 1
    for (const vid of rows[i]) wanted.add(vid)
  }
  const values = yield* valuesOf(field, wanted)
  return rows.map((vids, i): FieldValue => {
    if (isArray[i] === 0) return valueAt(values, vids[0])
    return Array.from(vids, (vid) => valueAt(values, vid))
  })
}

/** The values of numbers, each looked up once. */
export function* valuesOf(
  field: PartField,
  wanted: ReadonlySet<number>,
): Steps<Map<number, Value>> {
  const vids = Uint32Array.from(wanted).sort()
  const values = yield* field.values(vids)
  const byVid = new Map<number, Value>()
  for (const [i, vid] of vids.entries()) byVid.set(vid, values[i])
  return byVid
}

function valueAt(values: ReadonlyMap<number, Value>, vid: number): Value {
  const value = values.get(vid)
  if (value === undefined) throw new RangeError(`There is no value with the number ${vid}.`)
  return value
}

/** The values of several fields for ordinals that ascend, by field number. */
export function* readFields(
  part: Part,
  fields: readonly number[],
  ordinals: Uint32Array,
): Steps<Map<number, FieldValue[]>> {
  const columns = new Map<number, FieldValue[]>()
  for (const field of fields) {
    columns.set(field, yield* readField(yield* part.field(field), ordinals))
  }
  return columns
}
