/** How a query was answered. For people and for tests of performance; grows with the planner. */
export interface Explanation {
  /** How many records the planner expected. */
  readonly estimatedRecords: number
  /** How many records match, or those that were visited before the limit was reached. */
  readonly matchedRecords: number
  /**
   * How the order came about: `"written"` order as it lies; `"walk"` of the sort field's tree,
   * testing each record; `"top-k"` of all matching records in a heap; `"walk, then top-k"` when a
   * walk was given up.
   */
  readonly order: "written" | "walk" | "top-k" | "walk, then top-k"
  /** The memtables and segments, from the oldest. */
  readonly parts: readonly ExplainedPart[]
  /** Pages asked for, in the cache or not. */
  readonly pagesTouched: number
  /** Pages that came from the store. */
  readonly pagesRead: number
  readonly elapsedMs: number
}

/** What was done in one part of the index. */
export interface ExplainedPart {
  readonly part: "memtable" | "segment"
  /** The segment's number; absent for a memtable. */
  readonly segment?: number
  readonly records: number
  readonly matchedRecords: number
  /** In the order in which they were evaluated. */
  readonly clauses: readonly ExplainedClause[]
}

/** One condition of the filter. */
export interface ExplainedClause {
  /** The condition in words, such as `price in [10, 20)`. */
  readonly clause: string
  /** How many records it was expected to leave. */
  readonly estimatedRecords: number
  /**
   * Where its answer came from: `"postings"` of single values; a `"range"` of the tree; the
   * `"complement"` of one; the `"column"`, record by record; `"statistics"` alone, such as counts
   * or a bloom filter; `"cached"` from the answer to an earlier query.
   */
  readonly access: "postings" | "range" | "complement" | "column" | "statistics" | "cached"
  /** `"superset"`: the answer was checked again, record by record. */
  readonly answer: "exact" | "superset"
}
