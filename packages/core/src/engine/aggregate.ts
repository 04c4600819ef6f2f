import type { Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import { count } from "../query/count.ts"
import { better, extremeOf } from "../query/extent.ts"
import { facets, matchedOf } from "../query/facets.ts"
import { compile, type FieldLookup } from "../query/part-filter.ts"
import type { Scalar, Value } from "../values/kind.ts"
import { fromValue } from "../values/scalar.ts"

/*
 * Figures over all parts of a view: each part is asked by itself, and the answers are put together.
 */

/** How many records match. */
export function* countMatches(
  parts: readonly PartView[],
  filter: FilterNode,
  lookup: FieldLookup,
): Steps<number> {
  let total = 0
  for (const { part, live } of parts) {
    total += yield* count(yield* compile(filter, part, lookup), live)
  }
  return total
}

/** The commonest values of fields among the matching records, by path. */
export function* facetsOf(
  parts: readonly PartView[],
  filter: FilterNode,
  paths: readonly string[],
  limit: number,
  lookup: FieldLookup,
): Steps<Record<string, unknown>> {
  const matched: { view: PartView; matched: DocSet | undefined }[] = []
  for (const view of parts) {
    const compiled = yield* compile(filter, view.part, lookup)
    matched.push({ view, matched: yield* matchedOf(compiled, view) })
  }
  const lists: [string, unknown][] = []
  for (const path of paths) {
    const counts = yield* facets(matched, path, limit, lookup)
    lists.push([path, counts.map((each) => ({ ...each, value: fromValue(each.value) }))])
  }
  return Object.fromEntries(lists)
}

/** The least and the greatest value of a field among the matching records. */
export function* extentOf(
  parts: readonly PartView[],
  filter: FilterNode,
  path: string,
  lookup: FieldLookup,
): Steps<{ min: Scalar; max: Scalar } | undefined> {
  let min: Value | undefined
  let max: Value | undefined
  for (const view of parts) {
    const compiled = yield* compile(filter, view.part, lookup)
    min = better(min, yield* extremeOf(view, compiled, path, false, lookup), false)
    max = better(max, yield* extremeOf(view, compiled, path, true, lookup), true)
  }
  if (min === undefined || max === undefined) return undefined
  return { min: fromValue(min), max: fromValue(max) }
}
