import type { Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import { withScratch } from "../docset/scratch.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import { compile, type FieldLookup } from "../query/part-filter.ts"
import { restrict } from "../query/restrict.ts"

/** The live records of a part that match, as a set that outlives these steps. */
export function* matchesOf(view: PartView, filter: FilterNode, lookup: FieldLookup): Steps<DocSet> {
  return yield* withScratch(copyOfMatches(view, filter, lookup))
}

function* copyOfMatches(
  { part, live }: PartView,
  filter: FilterNode,
  lookup: FieldLookup,
): Steps<DocSet> {
  return (yield* restrict(yield* compile(filter, part, lookup), live.docs)).copy()
}
