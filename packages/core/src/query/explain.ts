import type { ExplainedPart, Explanation } from "../api/explanation.ts"
import type { Steps, Work } from "../cache/steps.ts"
import { withScratch } from "../docset/scratch.ts"
import type { PartView } from "../parts/part.ts"
import { count } from "./count.ts"
import { type FindRequest, find } from "./find.ts"
import { compile, estimate, type FieldLookup } from "./part-filter.ts"
import type { Trace } from "./trace.ts"

/** Runs a query and says how; `work` is the account of this run. */
export function* explain(
  views: readonly PartView[],
  request: FindRequest,
  lookup: FieldLookup,
  work: Work,
): Steps<Explanation> {
  const start = performance.now()
  const traces = new Map<PartView, { trace: Trace; order: Explanation["order"] }>()
  yield* find(views, request, lookup, {
    part: (view, trace, _matched, order) => traces.set(view, { trace, order }),
  })
  const elapsedMs = performance.now() - start
  const pagesRead = work.pagesRead
  const pagesTouched = pagesRead + work.pagesFromCache
  const parts: ExplainedPart[] = []
  let estimatedRecords = 0
  for (const view of views) {
    const { part, live } = view
    const compiled = yield* compile(request.filter, part, lookup)
    estimatedRecords += Math.round(estimate(compiled, live.size))
    const segment = part.segmentNumber
    parts.push({
      part: segment === undefined ? "memtable" : "segment",
      ...(segment === undefined ? {} : { segment }),
      records: live.size,
      matchedRecords: yield* withScratch(count(compiled, live)),
      clauses: traces.get(view)?.trace.clauses ?? [],
    })
  }
  const orders = new Set([...traces.values()].map(({ order }) => order))
  return {
    estimatedRecords,
    matchedRecords: parts.reduce((sum, part) => sum + part.matchedRecords, 0),
    order: overall(orders, request.keys.length === 0),
    parts,
    pagesTouched,
    pagesRead,
    elapsedMs,
  }
}

function overall(
  orders: ReadonlySet<Explanation["order"]>,
  isWriteOrder: boolean,
): Explanation["order"] {
  if (isWriteOrder) return "written"
  if (orders.has("walk, then top-k")) return "walk, then top-k"
  return orders.has("top-k") ? "top-k" : "walk"
}
