import { AssertionError } from "node:assert"
import { inspect, isDeepStrictEqual } from "node:util"
import type { SortSpec } from "../../src/api/read-options.ts"
import type { UntypedFilter } from "../../src/filter/types.ts"
import type { Scalar } from "../../src/values/kind.ts"
import type { Fields, Reader } from "../oracle.ts"

/** A filter, and the same said in TypeScript. */
export interface Question<R> {
  readonly filter: UntypedFilter
  readonly matches: (row: R) => boolean
}

/** What a row sorts by: an array as its least or greatest element, `[]` as itself. */
export type SortValue = Scalar | undefined | readonly never[]

/** A sort, and the same as a list of values with 1 for ascending and -1 for descending. */
export interface Order<R> {
  readonly sort: SortSpec<Fields>
  readonly keys: readonly (readonly [value: (row: R) => SortValue, sign: 1 | -1])[]
}

/** A field, and the values that `facets` and `extent` find in a row. */
export interface Column<R> {
  readonly path: string
  readonly values: (row: R) => readonly Scalar[]
}

/** Rows in write order, questioned by going through all of them: fast enough for many rows. */
export class Table<R extends Fields> {
  readonly #rows = new Map<string, R>()

  get size(): number {
    return this.#rows.size
  }

  get rows(): ReadonlyMap<string, R> {
    return this.#rows
  }

  /** A row written again moves to the end: it is to differ from the one before. */
  put(id: string, row: R): void {
    this.#rows.delete(id)
    this.#rows.set(id, row)
  }

  delete(id: string): void {
    this.#rows.delete(id)
  }

  clone(): Table<R> {
    const copy = new Table<R>()
    for (const [id, row] of this.#rows) copy.put(id, row)
    return copy
  }

  matching(matches: (row: R) => boolean): [id: string, row: R][] {
    return [...this.#rows].filter(([, row]) => matches(row))
  }
}

/** Asks for the matching records in every way that keeps write order or has none. */
export async function compareQuestion<R extends Fields>(
  reader: Reader,
  table: Table<R>,
  { filter, matches }: Question<R>,
  columns: readonly Column<R>[],
): Promise<void> {
  const what = inspect(filter, { depth: 9, breakLength: Infinity, maxStringLength: 40 })
  const found = table.matching(matches)
  const ids = found.map(([id]) => id)
  expectSame(await reader.count(filter), ids.length, `count ${what}`)
  const { matchedRecords } = await reader.explain(filter, { limit: ids.length + 1 })
  expectSame(matchedRecords, ids.length, `explain ${what}`)
  expectIds((await collect(reader.ids(filter).batches())).flat(), ids, `ids ${what}`)
  await comparePages(reader, ids, filter, undefined)
  await using set = await reader.matching(filter)
  expectSame(set.size, ids.length, `matching ${what}`)
  expectIds(await collect(set), ids, `matching ${what}`)
  const asked = [...table.rows.keys()].filter((_, at) => at % 97 === 0)
  const members = new Set(ids)
  expectSame(
    await set.hasMany(asked),
    asked.map((id) => members.has(id)),
    `matching.hasMany ${what}`,
  )
  const rows = found.map(([, row]) => row)
  for (const column of columns) {
    const { path } = column
    expectSame(
      await reader.facets(filter, [path], { limit: 20 }),
      Object.fromEntries([[path, facetsOf(rows, column)]]),
      `facets of ${path}, ${what}`,
    )
    const expected = extentOf(rows, column)
    expectSame(await reader.extent(path, filter), expected, `extent of ${path}, ${what}`)
  }
}

/** Asks for the matching records in an order: the first pages small, the others large. */
export async function compareOrder<R extends Fields>(
  reader: Reader,
  table: Table<R>,
  { filter, matches }: Question<R>,
  { sort, keys }: Order<R>,
): Promise<void> {
  const ids = sorted(table.matching(matches), keys)
  await comparePages(reader, ids, filter, sort)
  expectIds(
    (await collect(reader.ids(filter, { sort }).batches())).flat(),
    ids,
    `ids ${inspect(filter)} by ${inspect(sort)}`,
  )
}

/** Every record of a table by its id and as it is streamed, with its fields. */
export async function compareRows(reader: Reader, table: Table<Fields>): Promise<void> {
  expectSame(reader.size, table.size, "size")
  let rows = 0
  for await (const [id, fields] of reader.entries()) {
    if (!isDeepStrictEqual(fields, table.rows.get(id))) {
      expectSame(fields, table.rows.get(id), `entries: ${id}`)
    }
    rows++
  }
  expectSame(rows, table.size, "entries")
  for (const [id, row] of [...table.rows].filter((_, at) => at % 37 === 0)) {
    expectSame(await reader.get(id), row, `get(${id})`)
    expectSame(await reader.has(id), true, `has(${id})`)
  }
}

async function comparePages(
  reader: Reader,
  ids: readonly string[],
  filter: UntypedFilter,
  sort: SortSpec<Fields> | undefined,
): Promise<void> {
  let after: string | undefined
  let seen = 0
  for (let page = 0; page === 0 || after !== undefined; page++) {
    const limit = page < 3 ? 20 : 5000
    const found = await reader.find(filter, { sort, limit, after })
    const name = `find ${inspect(filter)} by ${inspect(sort)}, page ${page}`
    expectIds(found.ids, ids.slice(seen, seen + limit), name)
    seen += found.ids.length
    expectSame(found.cursor !== undefined, seen < ids.length, `${name}: has a cursor`)
    after = found.cursor
  }
}

function sorted<R>(rows: readonly (readonly [id: string, row: R])[], keys: Order<R>["keys"]) {
  const keyed = rows.map(([id, row]) => [id, keys.map(([value]) => value(row))] as const)
  // Stable, so that ties stay in write order.
  keyed.sort(([, a], [, b]) => {
    for (const [i, [, sign]] of keys.entries()) {
      const order = compareSortValues(a[i], b[i])
      if (order !== 0) return sign * order
    }
    return 0
  })
  return keyed.map(([id]) => id)
}

/** In the order across types; strings are to be ASCII. */
export function compareSortValues(a: SortValue, b: SortValue): number {
  const byType = rank(a) - rank(b)
  if (byType !== 0) return byType
  const x = plain(a)
  const y = plain(b)
  return x < y ? -1 : x > y ? 1 : 0
}

function rank(value: SortValue): number {
  if (value === undefined || value === null) return 1
  if (typeof value === "number") return 2
  if (typeof value === "string") return 3
  if (typeof value === "boolean") return 5
  return value instanceof Date ? 6 : 0
}

function plain(value: SortValue): string | number {
  if (typeof value === "string") return value
  return typeof value === "object" && !(value instanceof Date) ? 0 : Number(value ?? 0)
}

function facetsOf<R>(rows: readonly R[], { values }: Column<R>) {
  const counts = new Map<unknown, { value: Scalar; count: number }>()
  for (const row of rows) {
    for (const key of new Set(values(row).map(keyOf))) {
      const known = counts.get(key)
      if (known !== undefined) known.count++
      else
        counts.set(key, {
          value: values(row).find((each) => keyOf(each) === key) ?? null,
          count: 1,
        })
    }
  }
  return [...counts.values()]
    .sort((a, b) => b.count - a.count || compareSortValues(a.value, b.value))
    .slice(0, 20)
}

/** Equal dates are not equal to JavaScript. */
function keyOf(value: Scalar): unknown {
  return value instanceof Date ? `date ${value.getTime()}` : value
}

function extentOf<R>(rows: readonly R[], { values }: Column<R>) {
  let extent: { min: Scalar; max: Scalar } | undefined
  for (const row of rows) {
    for (const value of values(row)) {
      if (value === null) continue
      extent ??= { min: value, max: value }
      if (compareSortValues(value, extent.min) < 0) extent.min = value
      if (compareSortValues(value, extent.max) > 0) extent.max = value
    }
  }
  return extent
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Names the first difference: whole lists of ids would bury it. */
function expectIds(actual: readonly string[], expected: readonly string[], what: string): void {
  const length = Math.max(actual.length, expected.length)
  for (let at = 0; at < length; at++) {
    if (actual[at] === expected[at]) continue
    throw new AssertionError({
      message:
        `${what}: expected ${expected[at]} at ${at} of ${expected.length}, ` +
        `got ${actual[at]} at ${at} of ${actual.length}`,
    })
  }
}

function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  const [got, wanted] = [actual, expected].map((value) => inspect(value, { maxStringLength: 80 }))
  throw new AssertionError({ message: `${what}: expected ${wanted}, got ${got}` })
}
