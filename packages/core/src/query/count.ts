import type { Steps } from "../cache/steps.ts"
import type { LiveView } from "../parts/live-set.ts"
import type { PartFilter, ValuesFilter } from "./part-filter.ts"
import { restrict, restrictedSize, selectByColumn } from "./restrict.ts"
import type { Trace } from "./trace.ts"

/** How many live records of a part match; from counts in the trees where they are exact. */
export function* count(filter: PartFilter, live: LiveView, trace?: Trace): Steps<number> {
  switch (filter.type) {
    case "all":
      return live.size
    case "none":
      return 0
    case "not":
      return live.size - (yield* count(filter.filter, live, trace))
    case "values":
      return yield* countValues(filter, live, trace)
    case "and": {
      const { positive, negative } = filter
      if (negative.length === 0) break
      // |P and not N| = |P| - |P and N|: both sides are often cheaper than the difference.
      const without: PartFilter =
        positive.length === 0
          ? { type: "all" }
          : positive.length === 1
            ? positive[0]
            : { type: "and", positive, negative: [] }
      const excluded: PartFilter =
        negative.length === 1 ? negative[0] : { type: "or", filters: negative }
      const all = yield* count(without, live, trace)
      if (all === 0) return 0
      return all - (yield* countBoth(without, excluded, live, trace))
    }
  }
  return yield* restrictedSize(filter, live.docs, trace)
}

function* countBoth(
  a: PartFilter,
  b: PartFilter,
  live: LiveView,
  trace: Trace | undefined,
): Steps<number> {
  if (a.type === "all") return yield* count(b, live, trace)
  const first = b.type === "values" && a.type === "values" && b.vids.entries < a.vids.entries
  const [lead, other] = first ? [b, a] : [a, b]
  return yield* restrictedSize(other, yield* restrict(lead, live.docs, trace), trace)
}

function* countValues(
  filter: ValuesFilter,
  live: LiveView,
  trace: Trace | undefined,
): Steps<number> {
  const { field, vids } = filter
  // Several values of one record would be counted more than once.
  if (!vids.isExact || (field.isMulti && vids.size > 1)) {
    return yield* restrictedSize(filter, live.docs, trace)
  }
  trace?.values(filter, "statistics", "exact")
  if (live.dead === 0) return vids.entries
  if (live.dead > vids.entries) return (yield* field.docs(vids)).andSize(live.docs)
  const dead = live.docs.complement()
  return vids.entries - (yield* selectByColumn(field, vids, dead)).size
}
