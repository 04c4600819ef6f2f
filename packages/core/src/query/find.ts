import { isSliceOver, type Steps } from "../cache/steps.ts"
import { withScratch } from "../docset/scratch.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import type { Value } from "../values/kind.ts"
import { between, guessBound } from "./guess-bound.ts"
import { compile, type FieldLookup } from "./part-filter.ts"
import { type Hit, type TopResult, topOfPart } from "./part-top.ts"
import { restrict } from "./restrict.ts"
import { comparePositions, type Position, type SortKey } from "./sort-keys.ts"
import { Trace } from "./trace.ts"

/** A question about records in an order. */
export interface FindRequest {
  readonly filter: FilterNode
  /** Empty: the order in which the records were written. */
  readonly keys: readonly SortKey[]
  readonly limit: number
  readonly after: Position | undefined
}

export interface FoundPage {
  readonly hits: readonly Hit[]
  readonly hasMore: boolean
}

/** Notes what was done in each part. */
export interface FindTrace {
  part(view: PartView, trace: Trace, matched: number, order: TopResult["order"] | "written"): void
}

/** The records of one page, over all parts. */
export function* find(
  views: readonly PartView[],
  request: FindRequest,
  lookup: FieldLookup,
  trace?: FindTrace,
): Steps<FoundPage> {
  // One more than asked for tells whether there is another page.
  const wanted = request.limit + 1
  const hits =
    request.keys.length === 0
      ? yield* inWriteOrder(views, request, wanted, lookup, trace)
      : yield* inSortOrder(views, request, wanted, lookup, trace)
  return { hits: hits.slice(0, request.limit), hasMore: hits.length === wanted }
}

function* inWriteOrder(
  views: readonly PartView[],
  { filter, after }: FindRequest,
  wanted: number,
  lookup: FieldLookup,
  trace: FindTrace | undefined,
): Steps<Hit[]> {
  const hits: Hit[] = []
  for (const view of views) {
    const first = after === undefined ? 0 : yield* view.part.after(after.sequence)
    if (first >= view.part.size || hits.length === wanted) continue
    yield* withScratch(takeHits(view, filter, first, wanted, hits, lookup, trace))
  }
  return hits
}

/** Adds what matches in a part from an ordinal on, up to `wanted` hits. */
function* takeHits(
  view: PartView,
  filter: FilterNode,
  first: number,
  wanted: number,
  hits: Hit[],
  lookup: FieldLookup,
  trace: FindTrace | undefined,
): Steps<void> {
  const { part, live } = view
  const partTrace = new Trace()
  const found = yield* restrict(yield* compile(filter, part, lookup), live.docs, partTrace)
  trace?.part(view, partTrace, found.size, "written")
  const buffer = new Uint32Array(Math.min(1024, wanted - hits.length))
  let next = first
  while (hits.length < wanted) {
    const count = found.read(
      next,
      buffer.subarray(0, Math.min(buffer.length, wanted - hits.length)),
    )
    if (count === 0) break
    for (let i = 0; i < count; i++) {
      const sequence = yield* part.sequence(buffer[i])
      hits.push({ view, ordinal: buffer[i], position: { values: [], sequence } })
    }
    next = buffer[count - 1] + 1
    if (isSliceOver()) yield
  }
}

function* inSortOrder(
  views: readonly PartView[],
  request: FindRequest,
  wanted: number,
  lookup: FieldLookup,
  trace: FindTrace | undefined,
): Steps<Hit[]> {
  const guess = yield* guessFor(views, request, wanted, lookup)
  const hits = yield* topOfParts(views, request, wanted, guess, lookup, trace)
  return guess === undefined || hits.length === wanted
    ? hits
    : yield* topOfParts(views, request, wanted, undefined, lookup, trace)
}

function* guessFor(
  views: readonly PartView[],
  { filter, keys, after }: FindRequest,
  wanted: number,
  lookup: FieldLookup,
): Steps<Value | undefined> {
  if (views.length < 2) return undefined
  const lead = views.reduce((most, view) => (view.part.size > most.part.size ? view : most))
  const compiled = yield* compile(filter, lead.part, lookup)
  return yield* guessBound(views, lead, compiled, keys[0], wanted, after, lookup)
}

/** @param guess records behind this value of the first key are left out */
function* topOfParts(
  views: readonly PartView[],
  { filter, keys, after }: FindRequest,
  wanted: number,
  guess: Value | undefined,
  lookup: FieldLookup,
  trace: FindTrace | undefined,
): Steps<Hit[]> {
  let hits: Hit[] = []
  // Newest first: for what is sorted by time, all but one part can then be passed over.
  for (const view of [...views].reverse()) {
    const bound = hits.length === wanted ? hits[wanted - 1].position.values[0] : guess
    const partTrace = new Trace()
    const { part } = view
    const compiled = yield* compile(withBound(filter, keys[0], bound), part, lookup)
    if (compiled.type === "none") {
      trace?.part(view, partTrace, 0, "walk")
      continue
    }
    const request = { keys, count: wanted, after, bound }
    const top = yield* withScratch(topOfPart(view, compiled, request, lookup, partTrace))
    trace?.part(view, partTrace, top.hits.length, top.order)
    hits = [...hits, ...top.hits]
      .sort((a, b) => comparePositions(keys, a.position, b.position))
      .slice(0, wanted)
  }
  return hits
}

/** Adds that the first key does not come behind a value, where that cannot lose a record. */
function withBound(filter: FilterNode, key: SortKey, bound: Value | undefined): FilterNode {
  if (bound === undefined) return filter
  // An array sorts by its best element, so if that is within the bound, some element is.
  const set = [between(key, undefined, bound)]
  const within: FilterNode = { type: "values", path: key.path, set }
  return { type: "and", nodes: [filter, within] }
}
