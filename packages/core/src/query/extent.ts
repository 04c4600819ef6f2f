import { isSliceOver, type Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { PartField, PartView } from "../parts/part.ts"
import { compareValues } from "../values/compare.ts"
import { Kind, type Value } from "../values/kind.ts"
import { union, type ValueSet, wholeKind } from "../values/value-set.ts"
import { type FieldLookup, fieldOf, type PartFilter } from "./part-filter.ts"
import { restrict } from "./restrict.ts"

/** The values that count: not null, nor what stands for a missing field, `[]` or an object. */
const COUNTED: ValueSet = union([
  wholeKind(Kind.number),
  wholeKind(Kind.string),
  wholeKind(Kind.boolean),
  wholeKind(Kind.date),
])

/** The least (or greatest) value of a field among the matching records of a part. */
export function* extremeOf(
  view: PartView,
  filter: PartFilter,
  path: string,
  greatest: boolean,
  lookup: FieldLookup,
): Steps<Value | undefined> {
  const field = yield* fieldOf(view.part, lookup, path)
  const counted = yield* field.resolve(COUNTED)
  if (counted.isEmpty || filter.type === "none") return undefined
  const intervals = greatest ? [...COUNTED].reverse() : COUNTED
  const matched = filter.type === "all" ? view.live.docs : yield* restrict(filter, view.live.docs)
  if (matched.isEmpty) return undefined
  if (field.isMulti) return yield* extremeByColumn(field, counted.table, matched, greatest)
  for (const { from, to } of intervals) {
    const walk = yield* field.walk(from, to, greatest)
    for (let batch = yield* walk.next(); batch !== undefined; batch = yield* walk.next()) {
      for (let i = 0; i < batch.count; i++) {
        if (matched.has(batch.ordinals[i])) {
          return (yield* field.values(batch.vids.subarray(i, i + 1)))[0]
        }
      }
      if (isSliceOver()) yield
    }
  }
  return undefined
}

/** In arrays the elements count, not only the one that a record sorts by. */
function* extremeByColumn(
  field: PartField,
  counted: Uint8Array,
  matched: DocSet,
  greatest: boolean,
): Steps<Value | undefined> {
  let best = -1
  const counts = new Uint32Array(field.distinct)
  const buffer = new Uint32Array(4096)
  for (let next = 0; ; ) {
    const count = matched.read(next, buffer)
    if (count === 0) break
    for (let i = 0; i < count; i++) {
      const page = yield* field.column(buffer[i])
      page.tally(buffer, i, i + 1, counts)
    }
    next = buffer[count - 1] + 1
    if (isSliceOver()) yield
  }
  for (let vid = 0; vid < counts.length; vid++) {
    if (counts[vid] === 0 || counted[vid] === 0) continue
    const order = best < 0 ? 1 : field.compare(vid, best)
    if (best < 0 || (greatest ? order > 0 : order < 0)) best = vid
  }
  return best < 0 ? undefined : (yield* field.values(Uint32Array.of(best)))[0]
}

/** The better of two extremes. */
export function better(
  a: Value | undefined,
  b: Value | undefined,
  greatest: boolean,
): Value | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const order = compareValues(a, b)
  return (greatest ? order >= 0 : order <= 0) ? a : b
}
