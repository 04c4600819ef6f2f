import { AssertionError } from "node:assert"
import { inspect, isDeepStrictEqual } from "node:util"
import type {
  Extent,
  FacetCount,
  FacetsOptions,
  IndexReader,
  Scalar,
  SortSpec,
  UntypedFilter,
} from "@tierdex/core"
import { expect } from "vitest"
import type { Fields } from "./fields.ts"
import type { Model } from "./model.ts"

/** What to ask besides the filter; each part has a plain default. */
export interface Probe {
  readonly sort?: SortSpec<Fields>
  /** The limits of the pages of `find`, again and again. */
  readonly pageLimits?: readonly number[]
  readonly select?: readonly string[]
  readonly facetFields?: readonly string[]
  readonly facetLimit?: number
  readonly extentField?: string
  /** The field whose integers `matching` collects. */
  readonly labelField?: string
  /** For `getIds`. */
  readonly equal?: readonly [field: string, value: Scalar]
}

/** An index or a snapshot, without the type parameters that records of any shape have no use for. */
export interface Reader extends Omit<IndexReader<Fields>, "facets" | "extent"> {
  facets(
    filter: UntypedFilter,
    fields: readonly string[],
    options?: FacetsOptions,
  ): Promise<Readonly<Record<string, readonly FacetCount<Scalar>[]>>>
  extent(field: string, filter?: UntypedFilter): Promise<Extent<Exclude<Scalar, null>> | undefined>
}

/** An id that generators never make. */
const ABSENT = "no such id"

/**
 * Asks an index, or a snapshot of one, in every way that reading offers, and checks each answer
 * against the model's.
 */
export async function compareWithModel(
  reader: Reader,
  model: Model,
  filter: UntypedFilter,
  probe: Probe = {},
): Promise<void> {
  await compareRecords(reader, model)
  await comparePages(reader, model, filter, probe)
  await compareStreams(reader, model, filter, probe)
  await compareAggregates(reader, model, filter, probe)
  await compareSets(reader, model, filter, probe)
  await compareLabels(reader, model, filter, probe)
}

/**
 * Throws unless two values are equal to the last bit: -0 is not 0, undefined is not missing, and
 * a plain object is not one without a prototype. Unlike vitest's own, not misled by a property
 * named `constructor`.
 */
function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  const [got, wanted] = [actual, expected].map((value) => inspect(value, { depth: 9 }))
  throw new AssertionError({ actual, expected, message: `${what}: expected ${wanted}, got ${got}` })
}

/** `size`, `get` and `has`, for every id of the model and one that is absent. */
export async function compareRecords(reader: Reader, model: Model): Promise<void> {
  expectSame(reader.size, model.size, "size")
  for (const id of [...model.ids(), ABSENT]) {
    expectSame(await reader.get(id), model.get(id), `get(${id})`)
    expectSame(await reader.has(id), model.has(id), `has(${id})`)
  }
}

/** `find` without options, then page by page with every combination of sort and select. */
async function comparePages(
  reader: Reader,
  model: Model,
  filter: UntypedFilter,
  { sort, select, pageLimits = [2, 3] }: Probe,
): Promise<void> {
  const first = await reader.find(filter)
  expectSame(first.ids, model.find(filter, { limit: 100 }), "find")
  expectSame(first.records, undefined, "find without select: records")
  for (const order of optional(sort)) {
    for (const fields of optional(select)) {
      await comparePaging(reader, model, filter, { sort: order, select: fields, pageLimits })
    }
  }
}

interface Paging {
  readonly sort: SortSpec<Fields> | undefined
  readonly select: readonly string[] | undefined
  readonly pageLimits: readonly number[]
}

async function comparePaging(
  reader: Reader,
  model: Model,
  filter: UntypedFilter,
  { sort, select, pageLimits }: Paging,
): Promise<void> {
  const all = model.find(filter, { sort })
  let after: string | undefined
  let seen = 0
  for (let page = 0; page === 0 || after !== undefined; page++) {
    const limit = pageLimits[page % pageLimits.length]
    const name = `find, page ${page} of ${limit}, sort ${JSON.stringify(sort)}, select ${select}`
    const found = await reader.find(filter, { sort, select, limit, after })
    const ids = all.slice(seen, seen + limit)
    expectSame(found.ids, ids, name)
    expectSame(
      found.records,
      select && ids.map((id) => model.select(id, select)),
      `${name}: records`,
    )
    seen += ids.length
    expectSame(found.cursor !== undefined, seen < all.length, `${name}: has a cursor`)
    after = found.cursor
  }
}

/** `ids`, its batches and `entries`, in write order and sorted, with and without select. */
async function compareStreams(
  reader: Reader,
  model: Model,
  filter: UntypedFilter,
  { sort, select }: Probe,
): Promise<void> {
  for (const order of optional(sort)) {
    const name = `sort ${JSON.stringify(order)}`
    const options = { sort: order }
    const expected = model.find(filter, options)
    expectSame(await collect(reader.ids(filter, options)), expected, `ids, ${name}`)
    const batches = await collect(reader.ids(filter, options).batches())
    expectSame(batches.flat(), expected, `ids in batches, ${name}`)
    expectSame(batches.filter((batch) => batch.length === 0).length, 0, "batches without ids")
    for (const fields of optional(select)) {
      expectSame(
        await collect(reader.entries(filter, { sort: order, select: fields })),
        expected.map((id) => [id, model.select(id, fields)]),
        `entries, ${name}, select ${fields}`,
      )
    }
  }
}

/** `count`, `facets`, `extent`, and the count that `explain` reports. */
async function compareAggregates(
  reader: Reader,
  model: Model,
  filter: UntypedFilter,
  { sort, facetFields = ["a", "tags"], facetLimit: limit, extentField = "a" }: Probe,
): Promise<void> {
  const count = model.count(filter)
  expectSame(await reader.count(filter), count, "count")
  const { matchedRecords } = await reader.explain(filter, { sort, limit: count + 1 })
  expectSame(matchedRecords, count, "explain: matchedRecords")
  expectSame(
    await reader.facets(filter, facetFields, { limit }),
    model.facets(filter, facetFields, { limit }),
    `facets of ${facetFields}`,
  )
  expectSame(
    await reader.extent(extentField, filter),
    model.extent(extentField, filter),
    `extent of ${extentField}`,
  )
}

/** `getIds`, and `matching` as a set of ids. */
async function compareSets(
  reader: Reader,
  model: Model,
  filter: UntypedFilter,
  { equal: [field, value] = ["a", 1] }: Probe,
): Promise<void> {
  expectSame(await reader.getIds(field, value), model.getIds(field, value), `getIds of ${field}`)
  const expected = model.ids(filter)
  const set = await reader.matching(filter)
  expectSame(set.size, expected.length, "matching: size")
  const asked = [ABSENT, ...model.ids().reverse(), ABSENT]
  expectSame(
    await set.hasMany(asked),
    asked.map((id) => expected.includes(id)),
    "matching: hasMany",
  )
  expectSame((await collect(set)).sort(), expected.toSorted(), "matching: ids")
  await set.close()
}

/** `matching` as a set of integers, or its refusal. */
async function compareLabels(
  reader: Reader,
  model: Model,
  filter: UntypedFilter,
  { labelField = "label" }: Probe,
): Promise<void> {
  const labels = model.labels(labelField, filter)
  const matching = reader.matching(filter, { field: labelField })
  if (labels === undefined) {
    const refusal = { code: "TIERDEX_INVALID_VALUE" }
    await expect(matching, `labels of ${labelField}`).rejects.toMatchObject(refusal)
    return
  }
  const allowed = await matching
  expectSame(allowed.size, labels.length, "labels: size")
  expectSame([...allowed].sort(ascending), labels, "labels")
  for (const label of [...labels, 0, 1, 6, 2 ** 32 - 1, 2 ** 32, -1, 0.5, Number.NaN]) {
    expectSame(allowed.has(label), labels.includes(label), `labels: has(${label})`)
  }
}

function ascending(a: number, b: number): number {
  return a - b
}

/** Without it, and with it if there is one. */
function optional<V>(value: V | undefined): (V | undefined)[] {
  return value === undefined ? [undefined] : [undefined, value]
}

async function collect<V>(values: AsyncIterable<V>): Promise<V[]> {
  const collected: V[] = []
  for await (const value of values) collected.push(value)
  return collected
}
