import { isSliceOver, type Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { PartField, PartView } from "../parts/part.ts"
import { compareValues } from "../values/compare.ts"
import { Kind, type Value } from "../values/kind.ts"
import { PageRuns } from "./page-runs.ts"
import { type FieldLookup, fieldOf } from "./part-filter.ts"
import { TopK } from "./top-k.ts"

/** Values that are read at a time. */
const BATCH = 1024

export interface ValueCount {
  readonly value: Value
  readonly count: number
}

/** What matched in a part; undefined: all live records. */
export interface PartMatched {
  readonly view: PartView
  readonly matched: DocSet | undefined
}

/** The commonest values of a field over all parts, by falling count, then in the order of values. */
export function* facets(
  views: readonly PartMatched[],
  path: string,
  limit: number,
  lookup: FieldLookup,
): Steps<ValueCount[]> {
  const counts = yield* MergedCounts.of(views, path, lookup)
  const top = new CommonestValues(limit)
  for (let next = yield* counts.next(); next !== undefined; next = yield* counts.next()) {
    top.offer(next)
  }
  return top.sorted()
}

/** Keeps the commonest of many values: only they are in memory at once. */
export class CommonestValues {
  readonly #slots: ValueCount[] = []
  readonly #top: TopK

  constructor(limit: number) {
    const slots = this.#slots
    this.#top = new TopK(limit, (a, b) => {
      const order = slots[b].count - slots[a].count
      return order !== 0 ? order : compareValues(slots[a].value, slots[b].value)
    })
  }

  offer(count: ValueCount): void {
    this.#slots[this.#top.free] = count
    this.#top.offer()
  }

  sorted(): ValueCount[] {
    return this.#top.sorted().map((slot) => this.#slots[slot])
  }
}

/** All values of a field in their order: each part lists its own, and equal ones meet in a merge. */
export class MergedCounts {
  readonly #lists: readonly CountList[]

  private constructor(lists: readonly CountList[]) {
    this.#lists = lists
  }

  static *of(
    views: readonly PartMatched[],
    path: string,
    lookup: FieldLookup,
  ): Steps<MergedCounts> {
    const lists: CountList[] = []
    for (const { view, matched } of views) {
      const field = yield* fieldOf(view.part, lookup, path)
      const counts = yield* countValues(field, view, matched)
      const list = new CountList(field, counts)
      yield* list.next()
      lists.push(list)
    }
    return new MergedCounts(lists)
  }

  *next(): Steps<ValueCount | undefined> {
    let least: Value | undefined
    for (const { value } of this.#lists) {
      if (value !== undefined && (least === undefined || compareValues(value, least) < 0)) {
        least = value
      }
    }
    if (least === undefined) return undefined
    let count = 0
    for (const list of this.#lists) {
      if (list.value === undefined || compareValues(list.value, least) !== 0) continue
      count += list.count
      yield* list.next()
    }
    return { value: least, count }
  }
}

/**
 * For each number of the field's dictionary, how many of the matched records have it.
 * @param matched undefined: all live records
 */
function* countValues(
  field: PartField,
  { live }: PartView,
  matched: DocSet | undefined,
): Steps<Uint32Array> {
  if (matched === undefined && live.dead === 0) {
    const known = yield* field.counts()
    if (known !== undefined) return known
  }
  const counts = new Uint32Array(field.distinct)
  const runs = new PageRuns(matched ?? live.docs, field.rowsPerPage)
  while (runs.next()) {
    const { ordinals, from, to } = runs
    const page = field.columnInMemory(ordinals[from]) ?? (yield* field.column(ordinals[from]))
    page.tally(ordinals, from, to, counts)
    if (isSliceOver()) yield
  }
  return counts
}

/** Whether a value is listed. */
function isListed({ kind }: Value): boolean {
  return kind !== Kind.missing && kind !== Kind.emptyArray && kind !== Kind.object
}

/** The values of one part that occur, in order, with their counts. */
class CountList {
  value: Value | undefined
  count = 0
  readonly #field: PartField
  readonly #counts: Uint32Array
  readonly #order: Uint32Array | undefined
  #from = 0
  #batch: ValueCount[] = []
  #at = 0

  constructor(field: PartField, counts: Uint32Array) {
    this.#field = field
    this.#counts = counts
    this.#order = field.order()
  }

  get #length(): number {
    return this.#order?.length ?? this.#counts.length
  }

  *next(): Steps<void> {
    while (this.#at === this.#batch.length) {
      if (this.#from >= this.#length) {
        this.value = undefined
        return
      }
      yield* this.#load()
    }
    const { value, count } = this.#batch[this.#at++]
    this.value = value
    this.count = count
  }

  *#load(): Steps<void> {
    const to = Math.min(this.#length, this.#from + BATCH)
    const batch =
      this.#order?.subarray(this.#from, to) ??
      Uint32Array.from({ length: to - this.#from }, (_, i) => this.#from + i)
    const vids = batch.filter((vid) => this.#counts[vid] > 0)
    const values = yield* this.#field.values(vids)
    this.#from = to
    this.#at = 0
    this.#batch = values
      .map((value, i) => ({ value, count: this.#counts[vids[i]] }))
      .filter((entry) => isListed(entry.value))
    if (isSliceOver()) yield
  }
}
