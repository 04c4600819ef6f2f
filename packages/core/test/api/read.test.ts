import { describe, expect, test } from "vitest"
import type { SortSpec } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Scalar } from "../../src/values/kind.ts"
import type { Fields } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { all, type FieldsIndex, type Home, homes, refusal, sampleIndex } from "./support.ts"

/** 1,000 records over segments and memtable: n counts up, price repeats, tags overlap. */
async function numbers(home: Home): Promise<FieldsIndex> {
  const index = await home.open()
  const rows = Array.from({ length: 1000 }, (_, n): [string, Fields] => [
    `r${n}`,
    { n, price: n % 10, tags: [`t${n % 4}`, `t${n % 3}`], maker: { name: `m${n % 5}`, since: n } },
  ])
  await index.putMany(rows.slice(0, 400))
  await index.flush()
  await index.putMany(rows.slice(400, 800))
  await index.flush()
  await index.putMany(rows.slice(800))
  return index
}

const idsOf = (count: number, idAt: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => `r${idAt(i)}`)

describe.each(homes)("find, $name", (home) => {
  test("returns 100 ids if nothing else is said, and a cursor if there is more", async () => {
    const index = await numbers(home)
    const first = await index.find()
    expect(first.ids).toEqual(idsOf(100, (i) => i))
    expect(first.cursor).toBeTypeOf("string")
    expect("records" in first).toBe(false)
    const exact = await index.find({ n: { $lt: 100 } })
    expect(exact.ids).toHaveLength(100)
    expect("cursor" in exact).toBe(false)
    expect(await index.find({ n: -1 })).toEqual({ ids: [] })
    await index.close()
  })

  test.each<[string, SortSpec<Fields>, string[]]>([
    ["an object", { price: "desc", n: "asc" }, ["r9", "r19", "r29"]],
    ["an object of one key", { n: "desc" }, ["r999", "r998", "r997"]],
    [
      "pairs",
      [
        ["price", "asc"],
        ["n", "desc"],
      ],
      ["r990", "r980", "r970"],
    ],
    ["a nested path", { "maker.since": "desc" }, ["r999", "r998", "r997"]],
    ["no keys", {}, ["r0", "r1", "r2"]],
    ["no pairs", [], ["r0", "r1", "r2"]],
    ["a field that no record has: ties in write order", { none: "desc" }, ["r0", "r1", "r2"]],
  ])("sorts by %s", async (_name, sort, ids) => {
    const index = await numbers(home)
    expect((await index.find({}, { sort, limit: 3 })).ids).toEqual(ids)
    expect((await all(index.ids({}, { sort }))).slice(0, 3)).toEqual(ids)
    const entries = await all(index.entries({}, { sort, select: ["n"] }))
    expect(entries.slice(0, 3)).toEqual(ids.map((id) => [id, { n: Number(id.slice(1)) }]))
    await index.close()
  })

  test("sorts by fields that look like integers in the order of pairs", async () => {
    const index = await home.open()
    await index.putMany([
      ["a", { 2: 1, 10: 2 }],
      ["b", { 2: 2, 10: 1 }],
    ])
    const sort = [
      ["10", "asc"],
      ["2", "asc"],
    ] as const
    expect((await index.find({}, { sort })).ids).toEqual(["b", "a"])
    await index.close()
  })

  test("selects fields, nested or with all below", async () => {
    const index = await numbers(home)
    const record = async (select: string[]) =>
      (await index.find({ n: 7 }, { select })).records?.map((fields) => fields)
    expect(await record(["n", "maker.name"])).toEqual([{ n: 7, maker: { name: "m2" } }])
    expect(await record(["maker"])).toEqual([{ maker: { name: "m2", since: 7 } }])
    expect(await record(["tags", "none", "tags"])).toEqual([{ tags: ["t3", "t1"] }])
    expect(await record([])).toEqual([{}])
    await index.close()
  })
})

describe.each(homes)("a cursor, $name", (home) => {
  const sort: SortSpec<Fields> = { price: "desc" }
  const filter = { "maker.name": { $ne: "m1" } }

  test.each([undefined, sort])("leads through all pages, sorted by %o", async (sort) => {
    const index = await numbers(home)
    const ids: string[] = []
    let after: string | undefined
    do {
      const page = await index.find(filter, { limit: 73, ...(sort && { sort }), after })
      ids.push(...page.ids)
      after = page.cursor
    } while (after !== undefined)
    expect(ids).toEqual(await all(index.ids(filter, { ...(sort && { sort }) })))
    expect(new Set(ids).size).toBe(800)
    await index.close()
  })

  test("is refused for another filter, sort or index", async () => {
    const index = await numbers(home)
    const { cursor: after } = await index.find(filter, { sort })
    const other = await home.open()
    const calls = [
      () => index.find({}, { sort, after }),
      () => index.find({ "maker.name": { $ne: "m2" } }, { sort, after }),
      () => index.find(filter, { after }),
      () => index.find(filter, { sort: { price: "asc" }, after }),
      () => index.find(filter, { sort: { price: "desc", n: "asc" }, after }),
      () => index.find(filter, { sort: { n: "desc" }, after }),
      () => other.find(filter, { sort, after }),
      () => index.find(filter, { sort, after: after?.slice(0, -4) }),
      () => index.find(filter, { sort, after: after?.slice(0, 12) }),
      () =>
        index.find(filter, {
          sort,
          after: `${after?.startsWith("A") ? "B" : "A"}${after?.slice(1)}`,
        }),
    ]
    for (const call of calls) {
      expect((await refusal("TIERDEX_CURSOR_INVALID", call)).message).toContain("cursor")
    }
    // A limit and a selection are free to change.
    const next = await index.find(filter, { sort, after, limit: 5, select: ["price"] })
    expect(next.ids).toHaveLength(5)
    await index.close()
    await other.close()
  })

  test("tells a number from a string and a date in the filter", async () => {
    const index = await home.open()
    await index.putMany([
      ["a", { v: 5 }],
      ["b", { v: [5, "5", new Date(5)] }],
    ])
    const { cursor: after } = await index.find({ v: 5 }, { limit: 1 })
    expect((await index.find({ v: 5 }, { after })).ids).toEqual(["b"])
    for (const v of ["5", new Date(5), true]) {
      await refusal("TIERDEX_CURSOR_INVALID", () => index.find({ v }, { after }))
    }
    await index.close()
  })

  test("goes on where it was after writes, flush and merge, and in a snapshot", async () => {
    const index = await numbers(home)
    const expected = (await all(index.ids(filter, { sort }))).slice(100)
    const { cursor: after } = await index.find(filter, { sort })
    const rest = async () => (await index.find(filter, { sort, after, limit: 1000 })).ids
    expect(await rest()).toEqual(expected)
    await index.put("first", { price: 100 })
    await index.delete("r9")
    await index.flush()
    expect(await rest()).toEqual(expected)
    await index.compact()
    expect(await rest()).toEqual(expected)
    const snapshot = await index.snapshot()
    expect((await snapshot.find(filter, { sort, after, limit: 1000 })).ids).toEqual(expected)
    await index.close()
  })
})

test("a cursor survives closing and opening", async () => {
  const store = new MemoryStore()
  const home: Home = { name: "", open: () => openIndex<Fields>({ store }) }
  const index = await numbers(home)
  const options = { sort: { price: "asc" }, limit: 150 } as const
  const { cursor: after } = await index.find({}, options)
  const expected = await index.find({}, { ...options, after })
  await index.close()
  const again = await openIndex<Fields>({ store })
  expect(await again.find({}, { ...options, after })).toEqual(expected)
  await again.close()
})

describe.each(homes)("streams, $name", (home) => {
  test("batches hold the same ids in arrays", async () => {
    const index = await numbers(home)
    const batches = await all(index.ids({ price: { $gt: 2 } }).batches())
    expect(batches.length).toBeGreaterThan(1)
    for (const batch of batches) expect(batch.length).toBeGreaterThan(0)
    expect(batches.flat()).toEqual(await all(index.ids({ price: { $gt: 2 } })))
    expect(batches.flat()).toHaveLength(700)
    await index.close()
  })

  test("keep the moment in which they were asked for", async () => {
    const index = await numbers(home)
    const filter = { price: 1 }
    const ids = index.ids(filter)
    const entries = index.entries(filter, { sort: { n: "asc" } })
    filter.price = 2
    await index.deleteMany({ n: { $gte: 10 } })
    await index.compact()
    await index.put("late", { price: 1 })
    expect(await all(ids)).toEqual(idsOf(100, (i) => i * 10 + 1))
    expect((await all(entries)).map(([id]) => id)).toEqual(idsOf(100, (i) => i * 10 + 1))
    expect(await all(index.ids({ price: 1 }))).toEqual(["r1", "late"])
    await index.close()
  })

  test("can be left early", async () => {
    const index = await numbers(home)
    const seen: string[] = []
    for await (const id of index.ids()) if (seen.push(id) === 3) break
    for await (const batch of index.ids({}, { sort: { n: "desc" } }).batches()) {
      seen.push(batch[0])
      break
    }
    for await (const [id] of index.entries()) {
      seen.push(id)
      break
    }
    expect(seen).toEqual(["r0", "r1", "r2", "r999", "r0"])
    // What a stream held would keep its segments from being freed.
    await index.clear()
    await index.flush()
    expect(index.stats().segments).toEqual([])
    await index.close()
  })

  test("entries are whole records, or what is selected of them", async () => {
    const index = await sampleIndex(home)
    const records = [
      ["a", { category: "books", price: 5, tags: ["new", "red"], maker: { name: "x" } }],
      ["c", { category: "toys", price: null }],
      ["d", { category: "toys", price: 1 }],
    ]
    expect(await all(index.entries())).toEqual(records)
    expect(await all(index.entries({ category: "toys" }, { sort: { price: "desc" } }))).toEqual([
      records[2],
      records[1],
    ])
    expect(await all(index.entries({ price: 5 }, { select: ["maker.name"] }))).toEqual([
      ["a", { maker: { name: "x" } }],
    ])
    await index.close()
  })
})

describe.each(homes)("figures of a field, $name", (home) => {
  const date = new Date("2026-01-01")

  async function mixed() {
    const index = await home.open()
    await index.putMany([
      ["a", { v: 5, tags: ["x", "x", "y"], at: date }],
      ["b", { v: "5", tags: "x" }],
      ["c", { v: null, tags: [] }],
      ["d", { v: { deep: true } }],
    ])
    await index.flush()
    await index.putMany([
      ["e", { v: 5, tags: ["y", null] }],
      ["f", { v: [-1, "z"], at: new Date(0) }],
    ])
    return index
  }

  test("facets count records, by count and then by value", async () => {
    const index = await mixed()
    expect(await index.facets({}, ["v", "tags", "none", "v.deep"])).toEqual({
      v: [
        { value: 5, count: 2 },
        { value: null, count: 1 },
        { value: -1, count: 1 },
        { value: "5", count: 1 },
        { value: "z", count: 1 },
      ],
      tags: [
        { value: "x", count: 2 },
        { value: "y", count: 2 },
        { value: null, count: 1 },
      ],
      none: [],
      "v.deep": [{ value: true, count: 1 }],
    })
    expect(await index.facets({ v: 5 }, ["tags"], { limit: 1 })).toEqual({
      tags: [{ value: "y", count: 2 }],
    })
    expect(await index.facets({}, [])).toEqual({})
    await index.close()
  })

  test("facets list ten values if nothing else is said", async () => {
    const index = await home.open()
    await index.putMany(Array.from({ length: 30 }, (_, n) => [`r${n}`, { n }]))
    const ten = Array.from({ length: 10 }, (_, value) => ({ value, count: 1 }))
    expect(await index.facets({}, ["n"])).toEqual({ n: ten })
    await index.close()
  })

  test("extent is of numbers, strings, booleans and dates", async () => {
    const index = await mixed()
    expect(await index.extent("v")).toEqual({ min: -1, max: "z" })
    expect(await index.extent("v", { tags: "x" })).toEqual({ min: 5, max: "5" })
    expect(await index.extent("at")).toEqual({ min: new Date(0), max: date })
    expect(await index.extent("v", { v: null })).toBeUndefined()
    expect(await index.extent("none")).toBeUndefined()
    await index.close()
  })
})

describe.each(homes)("matching, $name", (home) => {
  test("is a set of the ids of one moment", async () => {
    const index = await numbers(home)
    const set = await index.matching({ price: 3 })
    await index.deleteMany({ n: { $lt: 500 } })
    await index.put("new", { price: 3 })
    await index.compact()
    expect(set.size).toBe(100)
    expect(await set.hasMany(["r3", "r4", "new", "none", "r993", "r3"])).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ])
    expect(await set.hasMany([])).toEqual([])
    expect(await all(set)).toEqual(idsOf(100, (i) => i * 10 + 3))
    expect(await all(set)).toHaveLength(100)
    await set.close()
    await set.close()
    await refusal("TIERDEX_CLOSED", () => set.hasMany(["r3"]))
    await refusal("TIERDEX_CLOSED", () => all(set))
    const everything = await index.matching()
    expect(everything.size).toBe(501)
    await everything[Symbol.asyncDispose]()
    await index.close()
  })

  test("of a field is an allow-list of integers", async () => {
    const index = await home.open()
    await index.putMany([
      ["a", { label: 42, ok: true }],
      ["b", { label: [7, 4_294_967_295], ok: true }],
      ["c", { label: 8, ok: false }],
      ["d", { ok: true }],
    ])
    const allow = await index.matching({ ok: true }, { field: "label" })
    await index.clear()
    expect(allow.size).toBe(3)
    expect([...allow].sort((a, b) => a - b)).toEqual([7, 42, 4_294_967_295])
    expect(
      [42, 7, 4_294_967_295, 8, -1, 42.5, 2 ** 32 + 42, Number.NaN].map(allow.has, allow),
    ).toEqual([true, true, true, false, false, false, false, false])
    await index.close()
  })

  test.each([-1, 1.5, 2 ** 32, "5", null, true])("refuses a label of %o", async (label) => {
    const index = await home.open()
    await index.putMany([
      ["a", { label: 1, bad: false }],
      ["b", { label, bad: true }],
    ])
    const error = await refusal("TIERDEX_INVALID_VALUE", () =>
      index.matching({}, { field: "label" }),
    )
    expect(error.message).toContain('"label"')
    expect([...(await index.matching({ bad: false }, { field: "label" }))]).toEqual([1])
    await index.close()
  })
})

describe.each(homes)("the rest of reading, $name", (home) => {
  test("getIds returns every id, however many", async () => {
    const index = await numbers(home)
    expect(await index.getIds("price", 3)).toEqual(idsOf(100, (i) => i * 10 + 3))
    expect(await index.getIds("tags", "t0")).toEqual(await all(index.ids({ tags: "t0" })))
    expect(await index.getIds("none", null)).toHaveLength(1000)
    expect(await index.getIds("maker.name", "none")).toEqual([])
    await index.close()
  })

  test("explain says how find works", async () => {
    const index = await numbers(home)
    const explained = await index.explain(
      { price: 3, n: { $gte: 500 } },
      { sort: { n: "desc" }, limit: 5 },
    )
    expect(explained.matchedRecords).toBe(50)
    expect(explained.parts.reduce((sum, part) => sum + part.records, 0)).toBe(1000)
    expect(explained.parts.flatMap((part) => part.clauses).length).toBeGreaterThan(0)
    expect(explained.elapsedMs).toBeGreaterThanOrEqual(0)
    expect((await index.explain()).order).toBe("written")
    await index.close()
  })

  test("ids are any text", async () => {
    const index = await home.open()
    const ids = ["0", "10", "2", "__proto__", " ", "\u0000", "é", "e\u0301", "日本", "\uffff", "😀"]
    await index.putMany(ids.map((id, n) => [id, { n }]))
    await index.flush()
    await index.put("later", {})
    expect(await all(index.ids({ n: { $gte: 0 } }))).toEqual(ids)
    expect((await index.find({}, { sort: { n: "desc" } })).ids).toEqual([
      ...ids.toReversed(),
      "later",
    ])
    for (const [n, id] of ids.entries()) {
      expect(await index.has(id)).toBe(true)
      expect(await index.get(id)).toEqual({ n })
      expect(await index.getIds("n", n)).toEqual([id])
    }
    const set = await index.matching({ n: { $exists: true } })
    expect(await set.hasMany([...ids, "later", "E\u0301"])).toEqual([
      ...ids.map(() => true),
      false,
      false,
    ])
    await set.close()
    await index.close()
  })

  test("names of fields that JavaScript knows are names like any other", async () => {
    const index = await home.open()
    const record: Fields = JSON.parse(
      '{"__proto__": {"polluted": 1}, "constructor": "c", "toString": 5, "0": "zero", "a": {"__proto__": 7, "length": 2}}',
    )
    await index.put("r", record)
    await index.put("other", {})
    await index.flush()
    expect(JSON.stringify(await index.get("r"))).toBe(JSON.stringify(record))
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
    const filters: [string, Scalar][] = [
      ["__proto__.polluted", 1],
      ["constructor", "c"],
      ["toString", 5],
      ["0", "zero"],
      ["a.__proto__", 7],
      ["a.length", 2],
    ]
    for (const [path, value] of filters) {
      expect(await all(index.ids({ [path]: value }))).toEqual(["r"])
      expect(await index.getIds(path, value)).toEqual(["r"])
      const facets = await index.facets({}, [path])
      expect(Object.entries(facets)).toEqual([[path, [{ value, count: 1 }]]])
      expect(await index.extent(path)).toEqual({ min: value, max: value })
    }
    expect(await index.count({ hasOwnProperty: null, valueOf: { $exists: false } })).toBe(2)
    expect(await index.update("r", JSON.parse('{"__proto__.polluted": 2, "a.__proto__": 8}'))).toBe(
      true,
    )
    expect(await index.getIds("__proto__.polluted", 2)).toEqual(["r"])
    expect(await index.getIds("a.__proto__", 8)).toEqual(["r"])
    await index.close()
  })
})

describe("a signal", () => {
  const reason = new Error("enough")

  async function slowIndex() {
    const index = await openIndex<Fields>({
      store: new AsyncStore(new MemoryStore(), seededDelay(1)),
    })
    await index.putMany(
      Array.from({ length: 4000 }, (_, n) => [`r${n}`, { n, text: `text ${n}`, group: n % 3 }]),
    )
    await index.flush()
    return index
  }

  const reads: readonly [string, (index: FieldsIndex, signal: AbortSignal) => unknown][] = [
    ["find", (index, signal) => index.find({ n: { $gt: 5 } }, { sort: { text: "asc" }, signal })],
    ["ids", (index, signal) => all(index.ids({ n: { $gt: 5 } }, { signal }))],
    ["sorted ids", (index, signal) => all(index.ids({}, { sort: { text: "asc" }, signal }))],
    ["entries", (index, signal) => all(index.entries({ n: { $gt: 5 } }, { signal }))],
    ["count", (index, signal) => index.count({ n: { $gt: 5 }, group: 1 }, { signal })],
    ["facets", (index, signal) => index.facets({ n: { $gt: 5 } }, ["text"], { signal })],
    ["extent", (index, signal) => index.extent("text", { group: 1 }, { signal })],
    ["matching", (index, signal) => index.matching({ group: 1, n: { $gt: 5 } }, { signal })],
    ["matching", (index, signal) => index.matching({ group: 1 }, { field: "n", signal })],
    ["getIds", (index, signal) => index.getIds("group", 1, { signal })],
    ["explain", (index, signal) => index.explain({ group: 1, n: { $gt: 5 } }, { signal })],
    ["verify", (index, signal) => index.verify({ signal })],
  ]

  test.each(reads)("ends %s before it begins", async (_name, read) => {
    const index = await openIndex<Fields>()
    const error = await refusal("TIERDEX_ABORTED", () => read(index, AbortSignal.abort(reason)))
    expect(error.name).toBe("AbortError")
    expect(error.cause).toBe(reason)
    await index.close()
  })

  test.each(reads)("ends %s while it waits for pages", async (_name, read) => {
    const index = await slowIndex()
    const controller = new AbortController()
    setImmediate(() => controller.abort(reason))
    const error = await refusal("TIERDEX_ABORTED", () => read(index, controller.signal))
    expect(error.name).toBe("AbortError")
    expect(error.cause).toBe(reason)
    // The index goes on, and nothing is held.
    await index.put("r1", { n: -1 })
    await index.compact()
    expect(index.size).toBe(4000)
    expect(index.stats().segments).toHaveLength(1)
    await index.close()
  })
})

describe("what was read", () => {
  const store = { name: "", open: () => openIndex<Fields>({ store: new MemoryStore() }) }

  /** Lets go in some way of a view that holds the segments. */
  const ways: [name: string, (index: FieldsIndex) => Promise<unknown>][] = [
    [
      "a stream that is left",
      async (index) => {
        for await (const _ of index.ids()) break
        for await (const _ of index.ids().batches()) break
        for await (const _ of index.entries({}, { sort: { n: "asc" } })) break
      },
    ],
    [
      "a stream that is left by an error",
      async (index) => {
        const error = new Error("left")
        const reading = (async () => {
          for await (const _ of index.entries()) throw error
        })()
        await expect(reading).rejects.toBe(error)
      },
    ],
    ["a stream that is read to its end", async (index) => all(index.ids({ price: 1 }))],
    [
      "a stream that is aborted",
      async (index) => {
        const controller = new AbortController()
        const reading = (async () => {
          for await (const _ of index.ids({}, { signal: controller.signal })) controller.abort()
        })()
        await refusal("TIERDEX_ABORTED", () => reading)
      },
    ],
    [
      "a stream with a bad filter",
      async (index) => refusal("TIERDEX_INVALID_FILTER", () => all(index.ids({ $or: [] }))),
    ],
    [
      "a set",
      async (index) => {
        const set = await index.matching({ price: 1 })
        for await (const _ of set) break
        await set.close()
      },
    ],
    ["a snapshot", async (index) => (await index.snapshot()).close()],
    [
      "a snapshot whose stream ends after it",
      async (index) => {
        const snapshot = await index.snapshot()
        const stream = snapshot.ids()[Symbol.asyncIterator]()
        await stream.next()
        await snapshot.close()
        await refusal("TIERDEX_CLOSED", () => all({ [Symbol.asyncIterator]: () => stream }))
      },
    ],
    [
      "a call that fails",
      async (index) =>
        refusal("TIERDEX_INVALID_VALUE", () => index.matching({}, { field: "maker.name" })),
    ],
  ]

  test.each(ways)("is freed after %s", async (_name, read) => {
    const index = await numbers(store)
    await read(index)
    await index.clear()
    // Space is freed beside other work.
    await expect
      .poll(async () => {
        await index.flush()
        return index.stats().bytesOnDisk
      })
      .toBeLessThan(2000)
    await index.close()
  })

  test("is kept for a view that is open", async () => {
    const index = await numbers(store)
    const snapshot = await index.snapshot()
    await index.clear()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await index.flush()
    expect(index.stats().bytesOnDisk).toBeGreaterThan(5000)
    expect(await snapshot.count({ price: 1 })).toBe(100)
    await index.close()
  })
})
