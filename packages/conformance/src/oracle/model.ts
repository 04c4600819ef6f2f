import type { BatchOp, Extent, FacetCount, Scalar, SortSpec } from "@tierdex/core"
import {
  type Fields,
  isFields,
  normalise,
  sameContent,
  selectFields,
  valueAt,
  valuesAt,
  withValueAt,
} from "./fields.ts"
import { matcher } from "./mingo.ts"
import { compareValues, type Direction, sortValue } from "./order.ts"

/** How `Model.find` orders and cuts its answer. */
export interface ModelFindOptions {
  readonly sort?: SortSpec<Fields> | undefined
  readonly limit?: number | undefined
  /** An id: only what comes behind it. */
  readonly after?: string | undefined
}

/**
 * The reference index: a `Map` in write order, mingo for filters, and the plainest code that can
 * be right for all else. Takes what an index with every field indexed takes, and checks nothing.
 */
export class Model {
  /** In write order: a changed record moves to the end. */
  readonly #records = new Map<string, Fields>()

  mark: string | undefined

  get size(): number {
    return this.#records.size
  }

  /** A separate model with the same content, to hold against a snapshot. */
  clone(): Model {
    const copy = new Model()
    for (const [id, record] of this.#records) copy.put(id, record)
    copy.mark = this.mark
    return copy
  }

  put(id: string, record: object): void {
    const fields = normalise(record)
    const before = this.#records.get(id)
    if (before !== undefined && sameContent(before, fields)) return
    this.#records.delete(id)
    this.#records.set(id, fields)
  }

  putMany(entries: readonly (readonly [id: string, record: object])[]): number {
    for (const [id, record] of entries) this.put(id, record)
    return entries.length
  }

  update(id: string, patch: object): boolean {
    const before = this.#records.get(id)
    if (before === undefined) return false
    const changes = Object.entries(patch)
    this.put(
      id,
      changes.reduce((record, [path, value]) => withValueAt(record, path, value), before),
    )
    return true
  }

  delete(id: string): boolean {
    return this.#records.delete(id)
  }

  deleteMany(filter: object): number {
    return this.ids(filter).filter((id) => this.delete(id)).length
  }

  clear(): void {
    this.#records.clear()
  }

  /** The steps one after the other. */
  batch(ops: readonly BatchOp<Fields>[], options: { mark?: string | undefined } = {}): void {
    for (const op of ops) {
      if (op.type === "put") this.put(op.id, op.record)
      else this.delete(op.id)
    }
    this.mark = options.mark ?? this.mark
  }

  get(id: string): Fields | undefined {
    const record = this.#records.get(id)
    return record && normalise(record)
  }

  /** What `select` leaves of a record that is there. */
  select(id: string, paths: readonly string[] | undefined): Fields {
    const record = this.get(id) ?? {}
    return paths === undefined ? record : selectFields(record, paths)
  }

  has(id: string): boolean {
    return this.#records.has(id)
  }

  find(filter: object = {}, { sort, limit, after }: ModelFindOptions = {}): string[] {
    const keys = sortKeys(sort)
    // The sort is stable, so that ties stay in write order.
    const ids = this.#matching(filter)
      .sort(([, a], [, b]) => compareRecords(a, b, keys))
      .map(([id]) => id)
    const start = after === undefined ? 0 : ids.indexOf(after) + 1
    return ids.slice(start, limit === undefined ? undefined : start + limit)
  }

  ids(filter: object = {}): string[] {
    return this.#matching(filter).map(([id]) => id)
  }

  count(filter: object = {}): number {
    return this.#matching(filter).length
  }

  getIds(field: string, value: Scalar): string[] {
    return this.ids(Object.fromEntries([[field, value]]))
  }

  facets(
    filter: object,
    fields: readonly string[],
    { limit = 10 }: { readonly limit?: number | undefined } = {},
  ): Record<string, FacetCount<Scalar>[]> {
    const records = this.#matching(filter)
    return Object.fromEntries(
      fields.map((field) => {
        const counts: { value: Scalar; count: number }[] = []
        for (const [, record] of records) {
          for (const value of distinct(valuesAt(record, field).filter(isScalar))) {
            const known = counts.find((each) => compareValues(each.value, value) === 0)
            if (known) known.count++
            else counts.push({ value, count: 1 })
          }
        }
        counts.sort((a, b) => b.count - a.count || compareValues(a.value, b.value))
        return [field, counts.slice(0, limit)]
      }),
    )
  }

  extent(field: string, filter: object = {}): Extent<Exclude<Scalar, null>> | undefined {
    const values = this.#matching(filter)
      .flatMap(([, record]) => valuesAt(record, field).filter(isScalar))
      .filter((value) => value !== null)
      .sort(compareValues)
    const [min] = values
    const max = values.at(-1)
    return min === undefined || max === undefined ? undefined : { min, max }
  }

  /**
   * The integers in a field of the matching records, ascending; undefined if something else than
   * an integer from 0 to 2^32 - 1 is there, which an index refuses.
   */
  labels(field: string, filter: object = {}): number[] | undefined {
    const labels = new Set<number>()
    for (const [, record] of this.#matching(filter)) {
      for (const value of valuesAt(record, field)) {
        if (typeof value !== "number" || value !== value >>> 0) return undefined
        labels.add(value)
      }
    }
    return [...labels].sort((a, b) => a - b)
  }

  #matching(filter: object): [id: string, record: Fields][] {
    const test = matcher(filter)
    return [...this.#records].filter(([, record]) => test(record))
  }
}

type SortKey = readonly [field: string, direction: Direction]

function sortKeys(sort: SortSpec<Fields> = []): readonly SortKey[] {
  if (Array.isArray(sort)) return sort
  return Object.entries(sort).flatMap(([field, direction]) => direction && [[field, direction]])
}

function compareRecords(a: Fields, b: Fields, keys: readonly SortKey[]): number {
  for (const [field, direction] of keys) {
    const order = compareValues(
      sortValue(valueAt(a, field), direction),
      sortValue(valueAt(b, field), direction),
    )
    if (order !== 0) return direction === "asc" ? order : -order
  }
  return 0
}

function distinct(values: readonly Scalar[]): Scalar[] {
  return values.filter((value, at) => values.findIndex((v) => compareValues(v, value) === 0) === at)
}

function isScalar(value: unknown): value is Scalar {
  return !isFields(value)
}
