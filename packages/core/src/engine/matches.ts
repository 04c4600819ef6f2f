import type { Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import { compile, type FieldLookup } from "../query/part-filter.ts"
import { restrict } from "../query/restrict.ts"

/** The live records of a part that match. */
export function* matchesOf(
  { part, live }: PartView,
  filter: FilterNode,
  lookup: FieldLookup,
): Steps<DocSet> {
  return yield* restrict(yield* compile(filter, part, lookup), live.docs)
}
