import { isSliceOver, type Steps } from "../cache/steps.ts"
import { DocSet } from "../docset/doc-set.ts"
import type { PartField, PartView } from "../parts/part.ts"
import type { VidSet } from "../parts/vid-set.ts"
import type { Value } from "../values/kind.ts"
import { KIND_COUNT } from "../values/kind.ts"
import { beforeKind, type Cut } from "../values/value-set.ts"
import { between } from "./guess-bound.ts"
import { PageRuns } from "./page-runs.ts"
import { estimate, type FieldLookup, fieldOf, type PartFilter } from "./part-filter.ts"
import { valuesOf } from "./read-fields.ts"
import { restrict } from "./restrict.ts"
import { asSortValue, type Position, type SortKey, sortCut } from "./sort-keys.ts"
import { TopK } from "./top-k.ts"
import type { Trace } from "./trace.ts"

/** What is asked of one part. */
export interface TopRequest {
  readonly keys: readonly SortKey[]
  /** How many records. */
  readonly count: number
  /** Only records behind this position. */
  readonly after: Position | undefined
  /** Only records whose first key does not come behind this value. */
  readonly bound: Value | undefined
}

export interface Hit {
  readonly view: PartView
  readonly ordinal: number
  readonly position: Position
}

/** What came of it, and how. */
export interface TopResult {
  readonly hits: readonly Hit[]
  readonly order: "walk" | "top-k" | "walk, then top-k"
}

/**
 * Relative costs: an entry that a walk visits and tests, and a record that matched and enters the
 * heap.
 */
const WALK_COST = 8
const HEAP_COST = 6
/** A walk is given up after so many times the expected entries. */
const PATIENCE = 4

/** The first records of a part in an order. */
export function* topOfPart(
  view: PartView,
  filter: PartFilter,
  request: TopRequest,
  lookup: FieldLookup,
  trace: Trace | undefined,
): Steps<TopResult> {
  const { part, live } = view
  const fields: PartField[] = []
  for (const key of request.keys) fields.push(yield* fieldOf(part, lookup, key.path))
  const order = new PartOrder(view, request, fields)
  yield* order.prepare()
  const matches = Math.max(1, estimate(filter, part.size))
  const visits = (request.count * part.size) / matches
  const isWalk = visits * WALK_COST < matches * HEAP_COST + restrictCost(filter, part.size)
  if (isWalk) {
    const limit = Math.max(2048, visits * PATIENCE)
    const ordinals = yield* walk(view, filter, request, order, limit, trace)
    if (ordinals !== undefined) return { hits: yield* order.hits(ordinals), order: "walk" }
  }
  const found = yield* restrict(filter, live.docs, trace)
  const ordinals = yield* order.first(found)
  return { hits: yield* order.hits(ordinals), order: isWalk ? "walk, then top-k" : "top-k" }
}

function restrictCost(filter: PartFilter, size: number): number {
  if (filter.type !== "and") return estimate(filter, size)
  return filter.positive.length === 0 ? size : estimate(filter.positive[0], size) * 2
}

/**
 * Walks the tree of the first key and tests each record, until there are enough.
 * @returns ordinals, or undefined if it took more than `limit` entries
 */
function* walk(
  { live }: PartView,
  filter: PartFilter,
  request: TopRequest,
  order: PartOrder,
  limit: number,
  trace: Trace | undefined,
): Steps<Uint32Array | undefined> {
  const [key] = request.keys
  const [field] = order.fields
  const entries = yield* field.walk(...order.range(), key.descending)
  const found: number[] = []
  let visited = 0
  let lastVid = -1
  let isTraced = false
  for (;;) {
    const batch = yield* entries.next()
    if (batch === undefined) break
    visited += batch.count
    const ascending = batch.ordinals.slice(0, batch.count).sort()
    const candidates = DocSet.sparse(ascending, live.universe).and(live.docs)
    const matching = yield* restrict(filter, candidates, isTraced ? undefined : trace)
    isTraced = true
    if (!matching.isEmpty) {
      for (let i = 0; i < batch.count; i++) {
        const isNewGroup = batch.vids[i] !== lastVid
        // Records that tie on the first key are put in order by the others, so all are needed.
        if (found.length >= request.count && (isNewGroup || request.keys.length === 1)) {
          return yield* order.first(setOf(found, live.universe))
        }
        if (!matching.has(batch.ordinals[i])) continue
        if (order.resumes && !(yield* order.isBehind(batch.ordinals[i]))) continue
        lastVid = batch.vids[i]
        found.push(batch.ordinals[i])
      }
    }
    if (visited > limit && found.length < request.count) return undefined
    if (isSliceOver()) yield
  }
  return yield* order.first(setOf(found, live.universe))
}

function setOf(ordinals: readonly number[], universe: number): DocSet {
  return DocSet.sparse(Uint32Array.from(ordinals).sort(), universe)
}

/** The order of one part's records by the numbers of their values. */
class PartOrder {
  readonly fields: readonly PartField[]
  readonly #view: PartView
  readonly #request: TopRequest
  /** For each key, the numbers that come behind and those that equal the position's value. */
  readonly #behind: VidSet[] = []
  readonly #equal: VidSet[] = []
  /** The first ordinal behind the position's sequence. */
  #afterOrdinal = 0

  constructor(view: PartView, request: TopRequest, fields: readonly PartField[]) {
    this.#view = view
    this.#request = request
    this.fields = fields
  }

  /** Whether the answer continues behind a position. */
  get resumes(): boolean {
    return this.#request.after !== undefined
  }

  *prepare(): Steps<void> {
    const { after, keys } = this.#request
    if (after === undefined) return
    this.#afterOrdinal = yield* this.#view.part.after(after.sequence)
    for (const [i, field] of this.fields.entries()) {
      const before = sortCut(after.values[i], false)
      const behind = sortCut(after.values[i], true)
      this.#equal.push(yield* field.resolve([{ from: before, to: behind }]))
      this.#behind.push(
        yield* field.resolve([
          keys[i].descending
            ? { from: beforeKind(0), to: before }
            : { from: behind, to: beforeKind(KIND_COUNT) },
        ]),
      )
    }
  }

  /** The values of the first key that are still of interest. */
  range(): [from: Cut, to: Cut] {
    const { after, bound, keys } = this.#request
    const { from, to } = between(keys[0], after?.values[0], bound)
    return [from, to]
  }

  /** Whether a record comes behind the position. */
  *isBehind(ordinal: number): Steps<boolean> {
    for (const [i, field] of this.fields.entries()) {
      const vid = yield* this.#key(i, field, ordinal)
      if (this.#behind[i].has(vid)) return true
      if (!this.#equal[i].has(vid)) return false
    }
    return ordinal >= this.#afterOrdinal
  }

  *#key(index: number, field: PartField, ordinal: number): Steps<number> {
    const page = field.columnInMemory(ordinal) ?? (yield* field.column(ordinal))
    return field.canonical(page.sortKey(ordinal, this.#request.keys[index].descending))
  }

  /** The first members of a set in this order, as many as were asked for. */
  *first(found: DocSet): Steps<Uint32Array> {
    const { count, keys } = this.#request
    const k = Math.min(count, found.size)
    if (k === 0) return new Uint32Array(0)
    const width = keys.length
    const slots = new Uint32Array((k + 1) * width)
    const ordinals = new Uint32Array(k + 1)
    const { fields } = this
    const heap = new TopK(k, (a, b) => {
      for (let i = 0; i < width; i++) {
        const order = fields[i].compare(slots[a * width + i], slots[b * width + i])
        if (order !== 0) return keys[i].descending ? -order : order
      }
      return ordinals[a] - ordinals[b]
    })
    const runs = new PageRuns(found, fields[0].rowsPerPage)
    while (runs.next()) {
      const { ordinals: members, from, to } = runs
      const page =
        fields[0].columnInMemory(members[from]) ?? (yield* fields[0].column(members[from]))
      for (let i = from; i < to; i++) {
        const ordinal = members[i]
        const slot = heap.free
        const key = fields[0].canonical(page.sortKey(ordinal, keys[0].descending))
        if (heap.isFull) {
          const order = fields[0].compare(key, slots[heap.last * width])
          if (keys[0].descending ? order < 0 : order > 0) continue
        }
        slots[slot * width] = key
        ordinals[slot] = ordinal
        for (let j = 1; j < width; j++) {
          slots[slot * width + j] = yield* this.#key(j, fields[j], ordinal)
        }
        if (this.resumes && !(yield* this.isBehind(ordinal))) continue
        heap.offer()
      }
      if (isSliceOver()) yield
    }
    return Uint32Array.from(heap.sorted(), (slot) => ordinals[slot])
  }

  /** The records with their positions. */
  *hits(ordinals: Uint32Array): Steps<Hit[]> {
    const columns: Value[][] = []
    for (const [i, field] of this.fields.entries()) {
      const vids: number[] = []
      for (const ordinal of ordinals) vids.push(yield* this.#key(i, field, ordinal))
      const values = yield* valuesOf(field, new Set(vids))
      columns.push(
        vids.map((vid) => {
          const value = values.get(vid)
          if (value === undefined) throw new RangeError(`There is no value ${vid}.`)
          return asSortValue(value)
        }),
      )
    }
    const hits: Hit[] = []
    for (const [i, ordinal] of ordinals.entries()) {
      const values = columns.map((column) => column[i])
      const sequence = yield* this.#view.part.sequence(ordinal)
      hits.push({ view: this.#view, ordinal, position: { values, sequence } })
    }
    return hits
  }
}
