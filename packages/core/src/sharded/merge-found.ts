import type { FoundRecords } from "../engine/questions.ts"
import { comparePositions, type SortKey } from "../query/sort-keys.ts"
import type { AnswerValue } from "./calls.ts"

/** One page of the pages that shards found: its first records, each with its place. */
export function mergeFound(
  pages: readonly AnswerValue<"find">[],
  keys: readonly SortKey[],
  limit: number,
  hasRecords: boolean,
): FoundRecords {
  const all = pages.flatMap((page) =>
    page.positions.map((position, at) => ({ page, at, position })),
  )
  all.sort((a, b) => comparePositions(keys, a.position, b.position))
  const hits = all.slice(0, limit)
  const hasMore = all.length > limit || pages.some((page) => page.hasMore)
  return {
    ids: hits.map(({ page, at }) => page.ids[at]),
    records: hasRecords ? hits.map(({ page, at }) => page.records?.[at] ?? {}) : undefined,
    end: hasMore ? hits.at(-1)?.position : undefined,
  }
}
