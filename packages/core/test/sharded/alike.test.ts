import fc from "fast-check"
import { expect, test } from "vitest"
import type { UntypedFilter } from "../../src/filter/types.ts"
import { openIndex } from "../../src/open.ts"
import { all } from "../api/support.ts"
import { applyOperation, type FieldsIndex, filters, Model, operations, sorts } from "../oracle.ts"
import { namesOf, ShardHomes } from "./configurations.ts"

const numRuns = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 2)

/** All answers that have an order. */
async function answersOf(index: FieldsIndex, filter: UntypedFilter, sort: object | undefined) {
  const pages: (readonly string[])[] = []
  let after: string | undefined
  do {
    const page = await index.find(filter, { sort, limit: 3, after })
    pages.push(page.ids)
    after = page.cursor
  } while (after !== undefined)
  return {
    pages,
    ids: await all(index.ids(filter, { sort })),
    unsorted: await all(index.ids(filter)),
    entries: await all(index.entries(filter, { sort })),
    set: await all(await index.matching(filter)),
    same: await index.getIds("a", 1),
    facets: await index.facets(filter, ["a", "tags"], { limit: 3 }),
    extent: await index.extent("a", filter),
    count: await index.count(filter),
    explained: (await index.explain(filter)).matchedRecords,
    size: index.size,
    mark: index.mark,
  }
}

test("shards answer as one index does, in the same order", async () => {
  const places = fc.constantFrom(
    ...(["hash", "range"] as const).flatMap((by) => [1, 3, 8].map((shards) => ({ by, shards }))),
  )
  await fc.assert(
    fc.asyncProperty(
      places,
      operations(),
      filters,
      fc.option(sorts, { nil: undefined }),
      async ({ by, shards }, steps, filter, sort) => {
        const homes = new ShardHomes(by)
        const open = () => homes.open(namesOf(shards))
        let many: FieldsIndex = await open()
        const one = await openIndex<Record<string, unknown>>()
        const model = new Model()
        const other = new Model()
        const reopen = async (index: FieldsIndex) => {
          await index.close()
          return await open()
        }
        for (const step of steps) {
          many = await applyOperation(many, model, step, reopen)
          if (step.type !== "reopen") await applyOperation(one, other, step)
        }
        expect(await answersOf(many, filter, sort)).toEqual(await answersOf(one, filter, sort))
        await many.close()
        await one.close()
      },
    ),
    { numRuns },
  )
})
