import { describe, expect, test } from "vitest"
import type { FindOptions } from "../../src/api.ts"
import type { TierdexErrorCode } from "../../src/errors.ts"
import type { Filter } from "../../src/filter/types.ts"
import type { Fields } from "../oracle.ts"
import { all, expectUnharmed, homes, refusal, sampleIndex } from "./support.ts"

class Money {
  readonly amount = 1
}

const cycle: Fields = { name: "x" }
cycle.self = cycle
const deepCycle: Fields = { a: { b: {} } }
Object.assign(deepCycle, { a: { b: { back: deepCycle } } })

function nested(depth: number): Fields {
  return depth === 0 ? {} : { n: nested(depth - 1) }
}

/** Objects in objects, by keys of the same length. */
function deepPath(depth: number, keyLength: number): Fields {
  const key = "d".repeat(keyLength)
  return { [key]: depth === 1 ? 1 : deepPath(depth - 1, keyLength) }
}

/** The record, where the message says that it is at fault, and what it says of it. */
const badRecords: [name: string, record: unknown, place: string, words: string][] = [
  ["NaN", { price: Number.NaN }, '"price"', "NaN"],
  ["NaN below", { maker: { year: Number.NaN } }, '"maker.year"', "NaN"],
  ["NaN in an array", { tags: [1, Number.NaN] }, '"tags"', "NaN"],
  ["a function", { price: () => 1 }, '"price"', "a function"],
  ["a symbol", { price: Symbol("p") }, '"price"', "a symbol"],
  ["a BigInt", { price: 5n }, '"price"', "a bigint"],
  ["a class instance", { maker: { price: new Money() } }, '"maker.price"', "an instance of Money"],
  ["a Map", { price: new Map() }, '"price"', "an instance of Map"],
  ["a boxed string", { name: Object("x") }, '"name"', "an instance of String"],
  ["bytes", { embedding: new Float32Array(3) }, '"embedding"', "an instance of Float32Array"],
  ["an invalid date", { at: new Date("x") }, '"at"', "an invalid date"],
  ["a cycle", cycle, '"self"', "a cycle"],
  ["a longer cycle", deepCycle, '"a.b.back"', "a cycle"],
  ["too deep nesting", nested(200), '"n.n.n', "nested too deeply"],
  ["an array of objects", { makers: [{ a: 1 }] }, '"makers"', "an array that holds an object"],
  ["an array of arrays", { points: [[1, 2]] }, '"points"', "an array that holds an array"],
  ["undefined in an array", { tags: ["a", undefined] }, '"tags"', "an array that holds undefined"],
  ["a lone surrogate", { name: "a\ud800" }, '"name"', "lone surrogate"],
  ["a lone surrogate in an array", { names: ["a", "\udc00b"] }, '"names"', "lone surrogate"],
  ["an over-long string", { text: "x".repeat(32_769) }, '"text"', "32768 UTF-8 bytes"],
  ["an over-long string in UTF-8", { text: "€".repeat(10_923) }, '"text"', "32768 UTF-8 bytes"],
  ["an over-long array", { vector: new Array(1025).fill(0) }, '"vector"', "1025 elements"],
  ["a key with a dot", { maker: { "a.b": 1 } }, '"a.b" in "maker"', "Rename it"],
  ["a key with a dollar", { $set: 1 }, '"$set"', "Rename it"],
  ["an empty key", { maker: { "": 1 } }, '"" in "maker"', "Rename it"],
  ["a key with a lone surrogate", { "a\ud800": 1 }, '"a\\ud800"', "Rename it"],
  ["an over-long key", { ["k".repeat(513)]: 1 }, '"kkkk', "513 UTF-8 bytes, over 512"],
  ["a path over-long in UTF-8", { ab: { ["é".repeat(255)]: 1 } }, '"éééé', "513 UTF-8 bytes"],
  ["a path over-long in all", deepPath(5, 102), "ddd.ddd", "514 UTF-8 bytes"],
  ["no record", undefined, "A record", "undefined"],
  ["null", null, "A record", "null"],
  ["an array", [1], "A record", "an array"],
  ["a string", "x", "A record", "a string"],
  ["an instance", new Money(), "A record", "an instance of Money"],
  ["a date", new Date(0), "A record", "an instance of Date"],
]

const badIds: [name: string, id: unknown, words: string][] = [
  ["an empty id", "", '""'],
  ["an over-long id", "x".repeat(513), "512 UTF-8 bytes"],
  ["an over-long id in UTF-8", "é".repeat(257), "512 UTF-8 bytes"],
  ["a lone surrogate", "a\ud800", "well-formed"],
  ["a number", 5, "a number"],
  ["undefined", undefined, "undefined"],
  ["an object", { id: 1 }, "an object"],
  ["a symbol", Symbol("id"), "a symbol"],
]

const asRecord = (record: unknown) => record as Fields
const asId = (id: unknown) => id as string
const asFilter = (filter: unknown) => filter as Filter<Fields>

describe.each(homes)("$name, what is written", (home) => {
  test.each(badRecords)("refuses %s", async (_name, value, place, words) => {
    const record = asRecord(value)
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const put = await refusal("TIERDEX_INVALID_VALUE", () => index.put("x", record))
      expect(put.message).toContain(place)
      expect(put.message).toContain(words)

      const batch = await refusal("TIERDEX_INVALID_VALUE", () =>
        index.batch(
          [
            { type: "put", id: "e", record: { fresh: 1 } },
            { type: "delete", id: "a" },
            { type: "put", id: "x", record },
          ],
          { mark: "second" },
        ),
      )
      expect(batch).toMatchObject({ id: "x", position: 2 })
      expect(batch.message).toContain('Record 2 with the id "x"')
      expect(batch.message).toContain(place)

      const many = await refusal("TIERDEX_INVALID_VALUE", () => index.putMany([["x", record]]))
      expect(many).toMatchObject({ id: "x", position: 0, committed: 0 })
      expect(many.message).toContain(place)
    })
    await index.close()
  })

  test("refuses such values in an update", async () => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      // A patch is copied, so that a cycle through it is found one turn later.
      const records = badRecords.slice(0, 22).filter(([name]) => !name.endsWith("cycle"))
      for (const [, value, place] of records) {
        const error = await refusal("TIERDEX_INVALID_VALUE", () =>
          index.update("a", asRecord(value)),
        )
        expect(error.message).toContain(place)
      }
      const patches: [patch: unknown, words: string][] = [
        [null, "A patch must be a plain object"],
        [[], "A patch must be a plain object"],
        [new Money(), "A patch must be a plain object"],
        [{ "": 1 }, '""'],
        [{ "a..b": 1 }, '"a..b"'],
        [{ "a.$b": 1 }, '"a.$b"'],
        [{ "a.b": Number.NaN }, '"a.b"'],
        [{ a: { b: 1 }, "a.b.c": 1 }, '"a" and also "a.b.c"'],
      ]
      for (const [patch, words] of patches) {
        const error = await refusal("TIERDEX_INVALID_VALUE", () =>
          index.update("a", asRecord(patch)),
        )
        expect(error.message).toContain(words)
      }
    })
    await index.close()
  })

  test.each(badIds)("refuses %s", async (_name, value, words) => {
    const id = asId(value)
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const calls = [
        () => index.put(id, {}),
        () => index.update(id, {}),
        () => index.delete(id),
        () => index.get(id),
        () => index.has(id),
        () => index.batch([{ type: "put", id, record: {} }]),
        () => index.batch([{ type: "delete", id }]),
        () => index.putMany([[id, {}]]),
      ]
      for (const call of calls) {
        expect((await refusal("TIERDEX_INVALID_ID", call)).message).toContain(words)
      }
      const set = await index.matching()
      await refusal("TIERDEX_INVALID_ID", () => set.hasMany(["a", id]))
      await refusal("TIERDEX_INVALID_ID", () => set.hasMany(new Array(1)))
      await set.close()
      const batch = await refusal("TIERDEX_INVALID_ID", () =>
        index.batch([
          { type: "delete", id: "a" },
          { type: "delete", id },
        ]),
      )
      expect(batch.position).toBe(1)
    })
    await index.close()
  })

  test("takes what is just within the limits", async () => {
    const index = await home.open()
    const id = "é".repeat(256)
    const record = {
      text: "x".repeat(32_768),
      wide: "€".repeat(10_922),
      array: Array.from({ length: 1024 }, (_, i) => i),
      deep: nested(98),
      ["k".repeat(512)]: 1,
      abc: { ["é".repeat(254)]: 1 },
      infinite: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      undefined: undefined,
    }
    await index.put(id, record)
    await index.flush()
    const { undefined: _, ...kept } = record
    expect(await index.get(id)).toEqual(kept)
    expect(await index.getIds("text", record.text)).toEqual([id])
    await index.close()
  })

  test("refuses a record over 1 MiB and says how to make it smaller", async () => {
    const index = await sampleIndex(home)
    const record = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`text${i}`, "x".repeat(25_000 + i)]),
    )
    await expectUnharmed(index, async () => {
      const error = await refusal("TIERDEX_INVALID_VALUE", () =>
        index.put("big", { ...record, more: new Array(100).fill("x".repeat(1000)) }),
      )
      expect(error.message).toContain("1048576 bytes")
      expect(error.message).toContain("fields.exclude")
    })
    await index.put("big", record)
    expect(await index.count({ text39: { $exists: true } })).toBe(1)
    await index.close()
  })

  test("refuses unknown operations, marks and options", async () => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const ops: unknown = [
        { type: "put", id: "e", record: {} },
        { type: "upsert", id: "f" },
      ]
      const error = await refusal("TIERDEX_INVALID_OPTION", () =>
        index.batch(ops as Parameters<typeof index.batch>[0]),
      )
      expect(error.position).toBe(1)
      expect(error.message).toContain('"put" or "delete"')
      const marks: unknown[] = ["x".repeat(1025), "é".repeat(513), 5, null, "a\ud800"]
      for (const mark of marks) {
        const refused = await refusal("TIERDEX_INVALID_OPTION", () =>
          index.batch([{ type: "delete", id: "a" }], { mark: mark as string }),
        )
        expect(refused.message).toContain("mark")
      }
      for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
        const refused = await refusal("TIERDEX_INVALID_OPTION", () => index.snapshot({ ttlMs }))
        expect(refused.message).toContain("ttlMs")
      }
    })
    await index.close()
  })
})

describe.each(homes)("$name, a refused record", (home) => {
  /** An index with as many fields as there may be, but for two. */
  async function nearlyFull() {
    const index = await home.open()
    await index.put("wide", Object.fromEntries(Array.from({ length: 998 }, (_, i) => [`f${i}`, i])))
    return index
  }

  const fresh = (prefix: string) => ({ [`${prefix}1`]: 1, [`${prefix}2`]: 2 })

  test("takes no room in the table of fields", async () => {
    const index = await nearlyFull()
    const bad = { ...fresh("bad"), worse: Number.NaN }
    await refusal("TIERDEX_INVALID_VALUE", () => index.put("x", bad))
    await refusal("TIERDEX_INVALID_VALUE", () => index.update("wide", bad))
    await refusal("TIERDEX_INVALID_VALUE", () => index.putMany([["x", bad]]))
    await refusal("TIERDEX_INVALID_VALUE", () =>
      index.batch([
        { type: "put", id: "y", record: fresh("good") },
        { type: "put", id: "x", record: { price: Number.NaN } },
      ]),
    )
    await refusal("TIERDEX_INVALID_ID", () =>
      index.batch([
        { type: "put", id: "y", record: fresh("good") },
        { type: "delete", id: "" },
      ]),
    )
    await index.put("x", fresh("last"))
    const error = await refusal("TIERDEX_INVALID_VALUE", () => index.put("y", { beyond: 1 }))
    expect(error.message).toContain('"beyond"')
    expect(error.message).toContain("1000")
    expect(await index.find({ last2: 2 })).toEqual({ ids: ["x"] })
    await index.put("y", fresh("last"))
    await index.close()
  })

  test("is not counted among what was skipped", async () => {
    const index = await home.open({ fields: { paths: { loose: { onUnindexable: "skip" } } } })
    const bad = { loose: [[1]], strict: Number.NaN }
    await refusal("TIERDEX_INVALID_VALUE", () => index.put("x", bad))
    await refusal("TIERDEX_INVALID_VALUE", () => index.update("x", bad))
    expect(index.stats().skippedPaths).toEqual({})
    await index.close()
  })
})

describe.each(homes)("$name, putMany with one bad record", (home) => {
  // Within the first slice, behind it, and far behind.
  test.each([0, 7, 2500, 9100])("commits the %i records before it, and none after", async (at) => {
    const index = await home.open()
    const rows = Array.from({ length: at + 3000 }, (_, i): [string, Fields] => [
      `id${i}`,
      i === at ? { n: i, maker: { year: Number.NaN } } : { n: i },
    ])
    const reported: number[] = []
    const error = await refusal("TIERDEX_INVALID_VALUE", () =>
      index.putMany(rows, { onProgress: ({ done }) => reported.push(done) }),
    )
    expect(error).toMatchObject({ id: `id${at}`, position: at, committed: at })
    expect(error.message).toContain(`Record ${at} with the id "id${at}"`)
    expect(error.message).toContain('"maker.year"')
    expect(reported.at(-1) ?? 0).toBe(at)
    const expected = rows.slice(0, at).map(([id]) => id)
    const check = async () => {
      expect(index.size).toBe(at)
      expect(await all(index.ids())).toEqual(expected)
    }
    await check()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await check()
    expect(await index.verify()).toMatchObject({ ok: true })
    expect(await index.putMany(rows.slice(at + 1))).toBe(2999)
    expect(index.size).toBe(at + 2999)
    await index.close()
  })

  test("says so for a bad id too, and leaves the source", async () => {
    const index = await home.open()
    let isLeft = false
    function* source(): Iterable<[string, Fields]> {
      try {
        yield ["a", {}]
        yield ["", {}]
        yield ["c", {}]
      } finally {
        isLeft = true
      }
    }
    const error = await refusal("TIERDEX_INVALID_ID", () => index.putMany(source()))
    expect(error).toMatchObject({ id: "", position: 1, committed: 1 })
    expect(isLeft).toBe(true)
    isLeft = false
    async function* slowly() {
      yield* source()
    }
    await refusal("TIERDEX_INVALID_ID", () => index.putMany(slowly()))
    expect(isLeft).toBe(true)
    expect(await all(index.ids())).toEqual(["a"])
    await index.close()
  })
})

/** The filter, and the place in it that the message names. */
const badFilters: [filter: unknown, place: string][] = [
  [{ price: { $gtt: 1 } }, "filter.price.$gtt"],
  [{ $and: [{ price: { $regex: "x" } }] }, "filter.$and[0].price.$regex"],
  [{ $where: "1" }, "filter.$where"],
  [{ price: { $in: 5 } }, "filter.price.$in"],
  [{ price: { $between: [1] } }, "filter.price.$between"],
  [{ price: { $size: 1.5 } }, "filter.price.$size"],
  [{ owner: undefined }, "filter.owner"],
  [{ "maker.name": { $eq: undefined } }, 'filter["maker.name"].$eq'],
  [{ price: Number.NaN }, "filter.price"],
  [{ price: 5n }, "filter.price"],
  [{ price: new Money() }, "filter.price"],
  [{ name: "a\ud800" }, "filter.name"],
  ["price > 5", "filter"],
  [[], "filter"],
]

describe.each(homes)("$name, a bad filter", (home) => {
  test.each(badFilters)("%o is refused by every call", async (value, place) => {
    const filter = asFilter(value)
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const snapshot = await index.snapshot()
      for (const reader of [index, snapshot]) {
        const calls = [
          () => reader.find(filter),
          () => all(reader.ids(filter)),
          () => all(reader.ids(filter).batches()),
          () => all(reader.entries(filter)),
          () => reader.count(filter),
          () => reader.facets(filter, ["category"]),
          () => reader.extent("price", filter),
          () => reader.matching(filter),
          () => reader.matching(filter, { field: "price" }),
          () => reader.explain(filter),
        ]
        for (const call of calls) {
          const error = await refusal("TIERDEX_INVALID_FILTER", call)
          expect(error.message).toContain(place)
        }
      }
      const error = await refusal("TIERDEX_INVALID_FILTER", () => index.deleteMany(filter))
      expect(error.message).toContain(place)
      await snapshot.close()
    })
    await index.close()
  })

  test("deletes nothing when it is left out", async () => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const missing: unknown[] = [undefined, null]
      for (const filter of missing) {
        await refusal("TIERDEX_INVALID_FILTER", () => index.deleteMany(asFilter(filter)))
      }
    })
    await index.close()
  })

  test("getIds refuses what cannot be a value", async () => {
    const index = await sampleIndex(home)
    const values: unknown[] = [undefined, Number.NaN, 5n, () => 1, [1], { a: 1 }, { $gt: 1 }]
    for (const value of values) {
      const error = await refusal("TIERDEX_INVALID_FILTER", () =>
        index.getIds("price", value as number),
      )
      expect(error.message).toContain("price")
    }
    await refusal("TIERDEX_INVALID_FILTER", () => index.getIds("", 1))
    await refusal("TIERDEX_INVALID_FILTER", () => index.getIds("$or", 1))
    await index.close()
  })
})

/** Options of `find` with what the message says of them. */
const badFindOptions: [options: unknown, words: string, code?: TierdexErrorCode][] = [
  [{ limit: 0 }, "limit"],
  [{ limit: -1 }, "limit"],
  [{ limit: 1.5 }, "limit"],
  [{ limit: Number.NaN }, "limit"],
  [{ limit: Number.POSITIVE_INFINITY }, "limit"],
  [{ limit: "10" }, "limit"],
  [{ limit: null }, "limit"],
  [{ sort: "price" }, "sort"],
  [{ sort: null }, "sort"],
  [{ sort: new Map([["price", "asc"]]) }, "sort"],
  [{ sort: new Array(1) }, "sort"],
  [{ sort: { price: 1 } }, 'sort["price"]'],
  [{ sort: { price: "up" } }, 'sort["price"]'],
  [{ sort: { price: undefined } }, 'sort["price"]'],
  [{ sort: ["price"] }, "sort"],
  [{ sort: [["price"]] }, "sort"],
  [{ sort: [["price", "asc", 1]] }, "sort"],
  [{ sort: [[5, "asc"]] }, "sort"],
  [
    {
      sort: [
        ["price", "asc"],
        ["price", "desc"],
      ],
    },
    '"price" twice',
  ],
  [{ sort: { "a..b": "asc" } }, '"a..b"'],
  [{ select: "price" }, "select"],
  [{ select: [5] }, "select"],
  [{ select: ["a."] }, '"a."'],
  [{ select: [5n] }, "a bigint"],
  [{ select: new Array(1) }, "undefined"],
  [{ after: 5 }, "cursor", "TIERDEX_CURSOR_INVALID"],
  [{ after: "" }, "cursor", "TIERDEX_CURSOR_INVALID"],
  [{ after: "nonsense" }, "cursor", "TIERDEX_CURSOR_INVALID"],
  [{ after: "!!!!" }, "cursor", "TIERDEX_CURSOR_INVALID"],
]

describe.each(homes)("$name, bad options of reading calls", (home) => {
  test.each(badFindOptions)("%o", async (value, words, code = "TIERDEX_INVALID_OPTION") => {
    const options = value as FindOptions<Fields>
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const calls: (() => Promise<unknown>)[] = [
        () => index.find({}, options),
        () => index.explain({}, options),
      ]
      const isSort = "sort" in options
      const isSelect = "select" in options
      if (isSort) calls.push(() => all(index.ids({}, options)))
      if (isSort || isSelect) {
        calls.push(() => all(index.entries({}, options)))
      }
      for (const call of calls) {
        expect((await refusal(code, call)).message).toContain(words)
      }
    })
    await index.close()
  })

  test("facets and extent", async () => {
    const index = await sampleIndex(home)
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      const error = await refusal("TIERDEX_INVALID_OPTION", () =>
        index.facets({}, ["category"], { limit }),
      )
      expect(error.message).toContain("limit")
    }
    const paths: unknown = "category"
    await refusal("TIERDEX_INVALID_OPTION", () => index.facets({}, paths as string[]))
    await refusal("TIERDEX_INVALID_OPTION", () => index.facets({}, ["a..b"]))
    await refusal("TIERDEX_INVALID_OPTION", () => index.extent(""))
    await refusal("TIERDEX_INVALID_OPTION", () => index.matching({}, { field: "a." }))
    await index.close()
  })

  test("a field for matching that holds something else than labels", async () => {
    const index = await sampleIndex(home)
    for (const label of [-1, 1.5, 2 ** 32, "5", true, new Date(1), null, [1, "2"], { a: 1 }]) {
      await index.put("odd", { label })
      const error = await refusal("TIERDEX_INVALID_VALUE", () =>
        index.matching({}, { field: "label" }),
      )
      expect(error.message).toContain('"label"')
    }
    await index.close()
  })
})
