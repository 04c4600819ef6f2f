import type { MetadataIndex, UntypedFilter } from "@tierdex/core"
import fc from "fast-check"
import { beforeEach, describe, expect, expectTypeOf, test } from "vitest"
import { compareWithModel, type Probe, type Reader } from "../../src/oracle/compare.ts"
import type { Fields } from "../../src/oracle/fields.ts"
import { filters, ids, probes, records } from "../../src/oracle/generate.ts"
import { Model } from "../../src/oracle/model.ts"
import { ModelReader } from "../../src/oracle/model-reader.ts"

function modelOf(entries: readonly (readonly [id: string, record: Fields])[]): Model {
  const model = new Model()
  model.putMany(entries)
  return model
}

test("a right answer is accepted, whatever is asked", async () => {
  const entries = fc.array(fc.tuple(ids, records), { maxLength: 12, size: "max" })
  await fc.assert(
    fc.asyncProperty(entries, filters, probes, async (written, filter, probe) => {
      const model = modelOf(written)
      await compareWithModel(new ModelReader(model), model, filter, probe)
    }),
  )
})

test("an index is a reader by its type", () => {
  expectTypeOf<MetadataIndex<Fields>>().toExtend<Reader>()
})

describe("a wrong answer is caught", () => {
  const filter: UntypedFilter = { a: { $gte: 1 } }
  const probe: Probe = {
    sort: { b: "desc" },
    select: ["b"],
    facetFields: ["a"],
    extentField: "a",
    equal: ["a", 2],
  }
  let model: Model
  let right: ModelReader

  beforeEach(() => {
    model = modelOf([
      ["p", { a: 1, b: 0, label: 1 }],
      ["q", { a: 2, b: 1, label: 2 }],
      ["r", { a: 2, b: 2, label: 3 }],
      ["s", { a: 3, b: null, n: {} }],
      ["t", { a: 0, b: 3, label: 4 }],
    ])
    right = new ModelReader(model)
  })

  test("the right one is not", async () => {
    await compareWithModel(right, model, filter, probe)
  })

  const wrong: Record<string, (reader: ModelReader) => Partial<Reader>> = {
    "size: one too many": (reader) => ({ size: reader.size + 1 }),
    "get: an empty object is lost": (reader) => ({
      get: async (id) => (id === "s" ? { a: 3, b: null } : reader.get(id)),
    }),
    "get: null for missing": (reader) => ({
      get: async (id) => (id === "t" ? { ...(await reader.get(id)), n: null } : reader.get(id)),
    }),
    "has: always": () => ({ has: async () => true }),
    "find: the sort is ignored": (reader) => ({
      find: (asked, options) => reader.find(asked, { ...options, sort: undefined }),
    }),
    "find: the second page repeats a record": (reader) => ({
      find: async (asked, options) => {
        const page = await reader.find(asked, options)
        return options?.after ? { ...page, ids: [options.after, ...page.ids.slice(1)] } : page
      },
    }),
    "find: a cursor on the last page": (reader) => ({
      find: async (asked, options) => ({ cursor: "p", ...(await reader.find(asked, options)) }),
    }),
    "find: ends after the first page": (reader) => ({
      find: async (asked, options) => {
        const { cursor: _, ...page } = await reader.find(asked, options)
        return page
      },
    }),
    "find: select is ignored": (reader) => ({
      find: (asked, options) => reader.find(asked, { ...options, select: undefined }),
    }),
    "ids: the sort is ignored": (reader) => ({ ids: (asked) => reader.ids(asked) }),
    "ids: the filter is ignored": (reader) => ({ ids: (_, options) => reader.ids({}, options) }),
    "ids: the batches are empty": (reader) => ({
      ids: (asked, options) => ({
        [Symbol.asyncIterator]: () => reader.ids(asked, options)[Symbol.asyncIterator](),
        batches: async function* () {},
      }),
    }),
    "entries: select is ignored": (reader) => ({
      entries: (asked, options) => reader.entries(asked, { ...options, select: undefined }),
    }),
    "entries: the sort is ignored": (reader) => ({
      entries: (asked, options) => reader.entries(asked, { ...options, sort: undefined }),
    }),
    "count: one too few": (reader) => ({ count: async (asked) => (await reader.count(asked)) - 1 }),
    "explain: counts all": (reader) => ({ explain: () => reader.explain({}) }),
    "facets: by value": (reader) => ({
      facets: async (asked, fields) => {
        const { a } = await reader.facets(asked, fields)
        return { a: a.toSorted((x, y) => Number(x.value) - Number(y.value)) }
      },
    }),
    "extent: of all records": (reader) => ({ extent: (field) => reader.extent(field) }),
    "getIds: every id": (reader) => ({ getIds: async () => (await reader.find()).ids.slice() }),
  }

  test.each(Object.keys(wrong))("%s", async (name) => {
    const broken = overridden(right, wrong[name](right))
    await expect(compareWithModel(broken, model, filter, probe)).rejects.toThrow(/expected/)
  })

  test("matching: an id too many, one denied, one left out", async () => {
    const set = await right.matching(filter)
    for (const flaw of [
      { size: set.size + 1 },
      { hasMany: async (asked: readonly string[]) => asked.map(() => true) },
      { [Symbol.asyncIterator]: () => right.ids({ a: 2 })[Symbol.asyncIterator]() },
    ]) {
      const broken = overridden(right, {
        matching: async () => ({ ...set, ...flaw, has: () => true }) as never,
      })
      await expect(compareWithModel(broken, model, filter, probe)).rejects.toThrow(/matching/)
    }
  })

  test("labels: another value is passed over instead of refused", async () => {
    model.put("u", { a: 9, label: "five" })
    const broken = overridden(right, {
      matching: (async (asked: UntypedFilter, options?: { field?: string }) =>
        options?.field === undefined ? right.matching(asked) : new Set([1, 2, 3])) as never,
    })
    await compareWithModel(right, model, filter, probe)
    await expect(compareWithModel(broken, model, filter, probe)).rejects.toThrow(
      /instead of rejecting/,
    )
  })
})

/** A reader with some of its members replaced. */
function overridden(reader: ModelReader, members: Partial<Reader>): Reader {
  return new Proxy(reader, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name)
      const member: unknown = Reflect.get(target, name)
      return typeof member === "function" ? member.bind(target) : member
    },
  })
}
