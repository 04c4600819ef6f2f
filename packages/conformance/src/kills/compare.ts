import { isDeepStrictEqual } from "node:util"
import type { SortSpec, UntypedFilter } from "@tierdex/core"
import { expect } from "vitest"
import type { Fields, FieldsIndex, Model } from "../oracle/index.ts"

/** Of the records that `entries` has compared, every so many are looked up by their id. */
const EVERY = 40

const FILTERS: readonly UntypedFilter[] = [
  { group: 3 },
  { price: { $gte: 200, $lt: 600 }, tags: "t1" },
  { $or: [{ "maker.name": { $prefix: "maker 4" } }, { price: null }] },
  { at: { $lt: new Date(1_700_000_500_000) }, "maker.known": { $ne: true } },
]

const SORT: SortSpec<Fields> = [
  ["price", "desc"],
  ["step", "asc"],
]

/** Checks that an index holds what a model holds, to the last record, and answers as it does. */
export async function compareAll(index: FieldsIndex, model: Model): Promise<void> {
  const ids = model.ids()
  await compareEntries(index, model, ids)
  expect(index.size).toBe(ids.length)
  for (const id of [...ids.filter((_, i) => i % EVERY === 0), "none"]) {
    expect(await index.get(id)).toEqual(model.get(id))
  }
  for (const filter of FILTERS) await compareAnswers(index, model, filter)
  expect(await index.facets({}, ["group", "tags"])).toEqual(model.facets({}, ["group", "tags"]))
  expect(await index.extent("step")).toEqual(model.extent("step"))
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
}

/** All records, in the order in which they were written. */
async function compareEntries(index: FieldsIndex, model: Model, ids: string[]): Promise<void> {
  let at = 0
  for await (const [id, record] of index.entries()) {
    const expected = [ids[at], model.get(ids[at])]
    // A thousand calls of `expect` take longer than all the rest.
    if (!isDeepStrictEqual([id, record], expected)) expect([id, record]).toEqual(expected)
    at++
  }
  expect(at, "records").toBe(ids.length)
}

/** Their number, and two pages of them. */
async function compareAnswers(
  index: FieldsIndex,
  model: Model,
  filter: UntypedFilter,
): Promise<void> {
  expect(await index.count(filter)).toBe(model.count(filter))
  const expected = model.find(filter, { sort: SORT, limit: 40 })
  const first = await index.find(filter, { sort: SORT, limit: 20 })
  expect(first.ids).toEqual(expected.slice(0, 20))
  if (first.cursor === undefined) return
  const second = await index.find(filter, { sort: SORT, limit: 20, after: first.cursor })
  expect(second.ids).toEqual(expected.slice(20))
}
