import type { Explanation } from "../api/explanation.ts"
import type { ShardedExplanation } from "../api/sharded-index.ts"

/** How all shards answered, together and each by itself. */
export function mergeExplanations(
  shards: Readonly<Record<string, Explanation>>,
  elapsedMs: number,
): ShardedExplanation {
  const all = Object.values(shards)
  const orders = new Set(all.map(({ order }) => order))
  const sum = (of: (explanation: Explanation) => number) =>
    all.reduce((total, explanation) => total + of(explanation), 0)
  return {
    estimatedRecords: sum(({ estimatedRecords }) => estimatedRecords),
    matchedRecords: sum(({ matchedRecords }) => matchedRecords),
    order: overall(orders),
    parts: all.flatMap(({ parts }) => parts),
    pagesTouched: sum(({ pagesTouched }) => pagesTouched),
    pagesRead: sum(({ pagesRead }) => pagesRead),
    elapsedMs,
    shards,
  }
}

/** The dearest way that a shard took. */
function overall(orders: ReadonlySet<Explanation["order"]>): Explanation["order"] {
  for (const order of ["walk, then top-k", "top-k", "walk"] as const) {
    if (orders.has(order)) return order
  }
  return "written"
}
