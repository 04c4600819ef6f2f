import type { Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import { withScratch } from "../docset/scratch.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import { count } from "../query/count.ts"
import { better, extremeOf } from "../query/extent.ts"
import { facets, type PartMatched } from "../query/facets.ts"
import { compile, type FieldLookup } from "../query/part-filter.ts"
import { restrict } from "../query/restrict.ts"
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
  for (const view of parts) total += yield* withScratch(countIn(view, filter, lookup))
  return total
}

function* countIn(
  { part, live }: PartView,
  filter: FilterNode,
  lookup: FieldLookup,
): Steps<number> {
  return yield* count(yield* compile(filter, part, lookup), live)
}

/** The commonest values of fields among the matching records, by path. */
export function* facetsOf(
  parts: readonly PartView[],
  filter: FilterNode,
  paths: readonly string[],
  limit: number,
  lookup: FieldLookup,
): Steps<Record<string, unknown>> {
  const matched = yield* matchedOf(parts, filter, lookup)
  const lists: [string, unknown][] = []
  for (const path of paths) {
    const counts = yield* facets(matched, path, limit, lookup)
    lists.push([path, counts.map((each) => ({ ...each, value: fromValue(each.value) }))])
  }
  return Object.fromEntries(lists)
}

/** What matches in each part; the sets outlive these steps. */
export function* matchedOf(
  parts: readonly PartView[],
  filter: FilterNode,
  lookup: FieldLookup,
): Steps<PartMatched[]> {
  const matched: PartMatched[] = []
  for (const view of parts) {
    matched.push({ view, matched: yield* withScratch(matchedIn(view, filter, lookup)) })
  }
  return matched
}

/** Undefined where all live records match; the set outlives these steps. */
function* matchedIn(
  view: PartView,
  filter: FilterNode,
  lookup: FieldLookup,
): Steps<DocSet | undefined> {
  const compiled = yield* compile(filter, view.part, lookup)
  return compiled.type === "all" ? undefined : (yield* restrict(compiled, view.live.docs)).copy()
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
    const own = yield* withScratch(extremesOf(view, filter, path, lookup))
    min = better(min, own.min, false)
    max = better(max, own.max, true)
  }
  if (min === undefined || max === undefined) return undefined
  return { min: fromValue(min), max: fromValue(max) }
}

function* extremesOf(view: PartView, filter: FilterNode, path: string, lookup: FieldLookup) {
  const compiled = yield* compile(filter, view.part, lookup)
  return {
    min: yield* extremeOf(view, compiled, path, false, lookup),
    max: yield* extremeOf(view, compiled, path, true, lookup),
  }
}
