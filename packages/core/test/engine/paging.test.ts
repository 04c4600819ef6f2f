import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { UntypedFilter } from "../../src/filter/types.ts"
import {
  applyOperation,
  ids,
  Model,
  type Operation,
  operations,
  records,
  sorts,
} from "../oracle.ts"
import { configurations } from "./configurations.ts"

/** A quarter of what other properties get: these run for each configuration. */
const numRuns = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 4)

const filters = fc.constantFrom<UntypedFilter>({}, { a: { $gte: 0 } }, { tags: { $ne: "a" } })

/** The ids whose records an operation may change. */
function touched(operation: Operation, model: Model): readonly string[] {
  switch (operation.type) {
    case "put":
    case "update":
    case "delete":
      return [operation.id]
    case "putMany":
      return operation.entries.map(([id]) => id)
    case "batch":
      return operation.ops.map(({ id }) => id)
    case "deleteMany":
      return model.ids(operation.filter)
    case "clear":
      return model.ids()
    default:
      return []
  }
}

describe.each(configurations())(
  "pages of an index $name",
  ({ open, afterWrite, settle, reopen }) => {
    test("show once what is not written between them", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(ids, records), { minLength: 8, maxLength: 30, size: "max" }),
          fc.option(sorts, { nil: undefined }),
          filters,
          fc.array(operations({ maxLength: 4 }), { minLength: 2, maxLength: 10 }),
          fc.integer({ min: 1, max: 4 }),
          async (entries, sort, filter, steps, limit) => {
            const model = new Model()
            let index = await open()
            await applyOperation(index, model, { type: "putMany", entries })
            await afterWrite(index)
            index = await settle(index)
            const rewritten = new Set<string>()
            const before = model.find(filter, { sort })
            const seen: string[] = []
            let after: string | undefined
            for (let page = 0; page === 0 || after !== undefined; page++) {
              const found = await index.find(filter, { sort, limit, after })
              seen.push(...found.ids)
              after = found.cursor
              const matching = new Set(model.ids(filter))
              expect(
                found.ids.filter((id) => !matching.has(id)),
                "ids that do not match",
              ).toEqual([])
              for (const step of steps[page] ?? []) {
                for (const id of touched(step, model)) rewritten.add(id)
                index = await applyOperation(index, model, step, reopen)
                await afterWrite(index)
              }
            }
            const isUntouched = (id: string) => !rewritten.has(id)
            // Records of the start that stayed as they were, in their order; none that came later.
            expect(seen.filter(isUntouched)).toEqual(before.filter(isUntouched))
            await index.close()
          },
        ),
        { numRuns },
      )
    })

    test("and reads meet whole writes that run beside them", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(ids, records), { minLength: 4, maxLength: 12 }),
          fc.array(fc.nat(3), { maxLength: 8 }),
          async (entries, waits) => {
            let index = await open()
            const all = [...new Set(entries.map(([id]) => id))]
            // Every batch writes all records with one number, so that no answer may mix numbers.
            const batch = (n: number) =>
              all.map((id) => ({ type: "put" as const, id, record: { n } }))
            await index.batch(batch(0))
            index = await settle(index)
            const writing = (async () => {
              for (let n = 1; n <= 6; n++) {
                await index.batch(batch(n))
                await afterWrite(index)
              }
            })()
            for (const turns of waits) {
              for (let i = 0; i < turns; i++) await new Promise((go) => setImmediate(go))
              const { ids, records } = await index.find({}, { sort: { n: "asc" }, select: ["n"] })
              expect(ids.toSorted()).toEqual(all.toSorted())
              expect(new Set(records?.map(({ n }) => n)).size).toBe(1)
              expect(await index.facets({}, ["n"])).toMatchObject({ n: [{ count: all.length }] })
            }
            await writing
            expect(await index.count({ n: 6 })).toBe(all.length)
            await index.close()
          },
        ),
        { numRuns },
      )
    })
  },
)
