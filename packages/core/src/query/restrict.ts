import { isSliceOver, type Steps } from "../cache/steps.ts"
import { DocSet } from "../docset/doc-set.ts"
import { emptyWords } from "../docset/scratch.ts"
import { wordCount } from "../docset/words.ts"
import type { PartField } from "../parts/part.ts"
import type { VidSet } from "../parts/vid-set.ts"
import { PageRuns } from "./page-runs.ts"
import type { PartFilter, ValuesFilter } from "./part-filter.ts"
import type { Trace } from "./trace.ts"

/**
 * What single steps cost relative to each other: looking a record's value up in the column, the
 * same while scanning a whole page, and taking an ordinal from a posting.
 */
const LOOKUP_COST = 30
const SCAN_COST = 1.5
const POSTING_COST = 3
/** What a clause costs, for each record of its part, if what it selects is worth keeping. */
const KEEPING_COST = 1 / 32
/** Records of a part below which nothing is kept. */
const KEEPING_SIZE = 4096

/** The members of `within` that match. */
export function* restrict(filter: PartFilter, within: DocSet, trace?: Trace): Steps<DocSet> {
  if (within.isEmpty) return within
  switch (filter.type) {
    case "all":
      return within
    case "none":
      return DocSet.none(within.universe)
    case "values":
      return yield* restrictValues(filter, within, trace)
    case "element": {
      const found = yield* restrictValues(filter.values, within, trace, "superset")
      return yield* keepRows(filter.values.field, found, (length) => length >= 0)
    }
    case "size":
      trace?.clause(`${filter.path} has ${filter.size} elements`, within.size, "column", "exact")
      return yield* keepRows(filter.field, within, (length) => length === filter.size)
    case "not":
      return within.andNot(yield* restrict(filter.filter, within, trace))
    case "or": {
      let found = DocSet.none(within.universe)
      for (const child of filter.filters) found = found.or(yield* restrict(child, within, trace))
      return found
    }
    case "and": {
      let kept = within
      for (const child of filter.positive) kept = yield* restrict(child, kept, trace)
      for (const child of filter.negative) kept = kept.andNot(yield* restrict(child, kept, trace))
      return kept
    }
  }
}

/** The size of `restrict`, for which the last set need not be made. */
export function* restrictedSize(filter: PartFilter, within: DocSet, trace?: Trace): Steps<number> {
  if (filter.type === "and" && filter.negative.length === 0) {
    const last = filter.positive.length - 1
    let kept = within
    for (let i = 0; i < last; i++) kept = yield* restrict(filter.positive[i], kept, trace)
    return yield* restrictedSize(filter.positive[last], kept, trace)
  }
  if (filter.type === "values" && !within.isEmpty) {
    const kept = keptFor(filter, trace, "exact")
    if (kept !== undefined) return within.andSize(kept)
  }
  return (yield* restrict(filter, within, trace)).size
}

function* restrictValues(
  filter: ValuesFilter,
  within: DocSet,
  trace: Trace | undefined,
  answer: "exact" | "superset" = "exact",
): Steps<DocSet> {
  const { field, vids } = filter
  const kept = keptFor(filter, trace, answer)
  if (kept !== undefined) return within.and(kept)
  const { access, cost } = cheapest(field, vids, within)
  trace?.values(filter, access, answer)
  const size = within.universe
  if (!isWorthKeeping(vids, cost, size) || field.clauses?.note(vids) !== true) {
    return yield* selectBy(access, field, vids, within)
  }
  const all = DocSet.all(size)
  const found = yield* selectBy(cheapest(field, vids, all).access, field, vids, all)
  field.clauses.keep(vids, found.copy())
  return within.and(found)
}

/** What a clause selects, if that is kept. */
function keptFor(
  filter: ValuesFilter,
  trace: Trace | undefined,
  answer: "exact" | "superset",
): DocSet | undefined {
  const kept = filter.field.clauses?.get(filter.vids)
  if (kept !== undefined) trace?.values(filter, "cached", answer)
  return kept
}

/** @param cost of answering it for the records in question, of `size` in all */
function isWorthKeeping(vids: VidSet, cost: number, size: number): boolean {
  if (size < KEEPING_SIZE || cost < size * KEEPING_COST) return false
  // What few records have of one value is stored as such, and shorter than as bits.
  return vids.size > 1 || vids.entries > size / 32
}

type Access = "column" | "postings" | "range" | "complement"

/** The way to what has one of the values that costs least for the members of a set. */
function cheapest(
  field: PartField,
  vids: VidSet,
  within: DocSet,
): { readonly access: Access; readonly cost: number } {
  const size = within.universe
  const isDense = within.size > size / 16
  const columnCost = isDense ? size * SCAN_COST : within.size * LOOKUP_COST
  const words = size / 64
  const postingsCost = vids.entries * POSTING_COST + words
  const others = field.entries - vids.entries
  const complementCost = field.isMulti ? Number.POSITIVE_INFINITY : others * POSTING_COST + words
  const cost = Math.min(columnCost, postingsCost, complementCost)
  if (cost === columnCost) return { access: "column", cost }
  if (cost === complementCost) return { access: "complement", cost }
  return { access: vids.size === 1 ? "postings" : "range", cost }
}

function* selectBy(access: Access, field: PartField, vids: VidSet, within: DocSet): Steps<DocSet> {
  if (access === "column") return yield* selectByColumn(field, vids, within)
  if (access === "complement") {
    return within.andNot(yield* field.docs(vids.complement(field.entries)))
  }
  return yield* field.docs(vids, within)
}

/** The members of a set that have one of the values, by looking at each one's. */
export function* selectByColumn(field: PartField, vids: VidSet, within: DocSet): Steps<DocSet> {
  if (within.size > within.universe / 16) {
    return within.and(yield* scanColumn(field, vids, within.universe))
  }
  const found = new Uint32Array(within.size)
  let count = 0
  const runs = new PageRuns(within, field.rowsPerPage)
  while (runs.next()) {
    const { ordinals, from, to } = runs
    const zone = field.zoneInMemory(ordinals[from]) ?? (yield* field.zone(ordinals[from]))
    if (zone !== undefined && vids.covers(zone.min, zone.max) < 0) continue
    const page = field.columnInMemory(ordinals[from]) ?? (yield* field.column(ordinals[from]))
    count = page.select(vids, ordinals, from, to, found, count)
    if (isSliceOver()) yield
  }
  return DocSet.sparse(found.slice(0, count), within.universe)
}

/** All ordinals that have one of the values, page by page. */
function* scanColumn(field: PartField, vids: VidSet, size: number): Steps<DocSet> {
  const words = emptyWords(wordCount(size))
  for (let first = 0; first < size; first += field.rowsPerPage) {
    const end = Math.min(size, first + field.rowsPerPage)
    const zone = yield* field.zone(first)
    const cover = zone === undefined ? 0 : vids.covers(zone.min, zone.max)
    if (cover >= 0) (yield* field.column(first)).scan(vids, first, end, words)
    if (isSliceOver()) yield
  }
  return DocSet.dense(words, size)
}

function* keepRows(
  field: PartField,
  within: DocSet,
  keep: (arrayLength: number) => boolean,
): Steps<DocSet> {
  const found = new Uint32Array(within.size)
  let count = 0
  const runs = new PageRuns(within, field.rowsPerPage)
  while (runs.next()) {
    const { ordinals, from, to } = runs
    const page = field.columnInMemory(ordinals[from]) ?? (yield* field.column(ordinals[from]))
    for (let i = from; i < to; i++) {
      if (keep(page.arrayLength(ordinals[i]))) found[count++] = ordinals[i]
    }
    if (isSliceOver()) yield
  }
  return DocSet.sparse(found.slice(0, count), within.universe)
}
