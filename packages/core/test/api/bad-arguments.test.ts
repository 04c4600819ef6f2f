import { describe, expect, test } from "vitest"
import type { IndexReader, MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import type { Fields } from "../oracle.ts"
import { all, expectUnharmed, type FieldsIndex, homes, refusal, sampleIndex } from "./support.ts"

/** What is no object of options, and how a message calls it. */
const noObjects: [value: unknown, words: string][] = [
  [null, "null"],
  [5, "a number"],
  ["x", "a string"],
  [true, "a boolean"],
  [5n, "a bigint"],
  [Symbol("s"), "a symbol"],
  [() => ({}), "a function"],
  [[], "an array"],
]

type Reader = IndexReader<Fields>
type Call<Target> = (target: Target, options: object) => unknown

/** The calls that take options, by name. */
const reads: Record<string, Call<Reader>> = {
  find: (reader, options) => reader.find({}, options),
  explain: (reader, options) => reader.explain({}, options),
  ids: (reader, options) => all(reader.ids({}, options)),
  entries: (reader, options) => all(reader.entries({}, options)),
  count: (reader, options) => reader.count({}, options),
  facets: (reader, options) => reader.facets({}, ["price"], options),
  extent: (reader, options) => reader.extent("price", {}, options),
  matching: (reader, options) => reader.matching({}, options),
  getIds: (reader, options) => reader.getIds("price", 1, options),
}
const longCalls: Record<string, Call<FieldsIndex>> = {
  putMany: (index, options) => index.putMany([["x", {}]], options),
  deleteMany: (index, options) => index.deleteMany({ category: "toys" }, options),
  compact: (index, options) => index.compact(options),
  verify: (index, options) => index.verify(options),
}
const otherCalls: Record<string, Call<FieldsIndex>> = {
  batch: (index, options) => index.batch([{ type: "delete", id: "a" }], options),
  snapshot: (index, options) => index.snapshot(options),
}

const asOptions = (value: unknown) => value as object

describe.each(homes)("$name, options", (home) => {
  test.each(noObjects)("that are %o are refused by every call", async (value, words) => {
    const options = asOptions(value)
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const snapshot = await index.snapshot()
      for (const [name, call] of Object.entries(reads)) {
        for (const reader of [index, snapshot]) {
          const error = await refusal("TIERDEX_INVALID_OPTION", () => call(reader, options))
          expect(error.message).toBe(`The options of ${name} must be an object, not ${words}.`)
        }
      }
      for (const [name, call] of Object.entries({ ...longCalls, ...otherCalls })) {
        const error = await refusal("TIERDEX_INVALID_OPTION", () => call(index, options))
        expect(error.message).toBe(`The options of ${name} must be an object, not ${words}.`)
      }
      await snapshot.close()
    })
    await index.close()
  })

  test("of another name are refused, such as a cursor that would never be looked at", async () => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      for (const [name, call] of Object.entries({ ...reads, ...longCalls, ...otherCalls })) {
        const error = await refusal("TIERDEX_INVALID_OPTION", () => call(index, { cursor: "x" }))
        expect(error.message).toContain(`There is no option "cursor" of ${name}; it takes `)
      }
    })
    await index.close()
  })

  test("a filter that is null is refused by readers too", async () => {
    const index = await sampleIndex(home)
    const nothing = JSON.parse("null")
    await refusal("TIERDEX_INVALID_FILTER", () => index.count(nothing))
    await index.close()
  })

  test.each([null, 5, "x", {}, () => true, { aborted: false }])(
    "with the signal %o are refused",
    async (signal) => {
      const index = await sampleIndex(home)
      await expectUnharmed(index, async () => {
        for (const call of Object.values({ ...reads, ...longCalls })) {
          const error = await refusal("TIERDEX_INVALID_OPTION", () => call(index, { signal }))
          expect(error.message).toContain("The option signal must be")
        }
      })
      await index.close()
    },
  )

  test.each([null, 5, "x", {}, true])("with the onProgress %o are refused", async (onProgress) => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      for (const call of Object.values(longCalls)) {
        const error = await refusal("TIERDEX_INVALID_OPTION", () => call(index, { onProgress }))
        expect(error.message).toContain("The option onProgress must be a function")
      }
    })
    await index.close()
  })
})

const asRecords = (value: unknown) => value as Iterable<[string, Fields]>

async function* generated(...items: unknown[]) {
  yield* items
}

describe.each(homes)("$name, putMany", (home) => {
  const sources: [source: unknown, words: string][] = [
    [undefined, "undefined"],
    [null, "null"],
    [5, "a number"],
    ["ab", "a string"],
    [{ a: {} }, "an object"],
    [{ length: 1, 0: ["a", {}] }, "an object"],
    [{ [Symbol.iterator]: 5 }, "an object"],
    [{ [Symbol.asyncIterator]: {} }, "an object"],
    [{ [Symbol.asyncIterator]: undefined, [Symbol.iterator]: null }, "an object"],
    [() => [["a", {}]], "a function"],
    [new Date(0), "an instance of Date"],
  ]

  test.each(sources)("refuses %o, which is not iterable", async (source, words) => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const error = await refusal("TIERDEX_INVALID_OPTION", () => index.putMany(asRecords(source)))
      expect(error.message).toContain("putMany takes an iterable of pairs")
      expect(error.message).toContain(`not ${words}.`)
    })
    await index.close()
  })

  const items: [item: unknown, words: string][] = [
    [undefined, "undefined"],
    [null, "null"],
    [5, "a number"],
    ["ab", "a string"],
    [{ id: "a", record: {} }, "an object"],
    [new Map([["a", {}]]), "an instance of Map"],
  ]

  test.each(items)("stops at %o, which is no pair", async (item, words) => {
    for (const wrap of [(...all: unknown[]) => all, generated]) {
      const index = await home.open()
      const error = await refusal("TIERDEX_INVALID_OPTION", () =>
        index.putMany(asRecords(wrap(["a", { n: 1 }], item, ["b", { n: 2 }]))),
      )
      expect(error).toMatchObject({ position: 1, committed: 1 })
      expect(error.message).toContain(`Item 1 of putMany is ${words}`)
      expect(await all(index.entries())).toEqual([["a", { n: 1 }]])
      expect(await index.verify()).toMatchObject({ ok: true })
      await index.close()
    }
  })

  test("says of pairs that are too short what is missing", async () => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const id = await refusal("TIERDEX_INVALID_ID", () => index.putMany(asRecords([[]])))
      expect(id).toMatchObject({ position: 0, committed: 0 })
      const record = await refusal("TIERDEX_INVALID_VALUE", () => index.putMany(asRecords([["x"]])))
      expect(record).toMatchObject({ id: "x", position: 0, committed: 0 })
    })
    await index.close()
  })

  test("takes a map and an async source", async () => {
    const index = await home.open()
    expect(await index.putMany(new Map([["a", { n: 1 }]]))).toBe(1)
    expect(await index.putMany(asRecords(generated(["b", { n: 2 }], ["c", {}])))).toBe(2)
    expect(index.size).toBe(3)
    await index.close()
  })
})

const asOps = (value: unknown) => value as Parameters<FieldsIndex["batch"]>[0]

describe.each(homes)("$name, batch", (home) => {
  const none: [ops: unknown, words: string][] = [
    [undefined, "undefined"],
    [null, "null"],
    ["put", "a string"],
    [{ type: "delete", id: "a" }, "an object"],
    [new Set([{ type: "delete", id: "a" }]), "an instance of Set"],
    [new Map([["a", {}]]), "an instance of Map"],
  ]

  test.each(none)("refuses %o, which is no array", async (ops, words) => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      const error = await refusal("TIERDEX_INVALID_OPTION", () => index.batch(asOps(ops)))
      expect(error.message).toContain("A batch is an array of operations")
      expect(error.message).toContain(`not ${words}.`)
    })
    await index.close()
  })

  test.each([undefined, null, 5, "put", ["put", "a", {}], {}, { type: "PUT", id: "a" }])(
    "refuses %o, which is no operation",
    async (op) => {
      const index = await sampleIndex(home)
      await expectUnharmed(index, async () => {
        const ops = asOps([{ type: "put", id: "x", record: { fresh: 1 } }, op])
        const error = await refusal("TIERDEX_INVALID_OPTION", () => index.batch(ops))
        expect(error.position).toBe(1)
        expect(error.message).toContain("Operation 1 of the batch")
        // A hole in the array is no operation either.
        await refusal("TIERDEX_INVALID_OPTION", () => index.batch(new Array(1)))
      })
      await index.close()
    },
  )
})

describe.each(homes)("$name, sets and fields", (home) => {
  test.each([undefined, null, 5, "a", {}, new Set(["a"])])(
    "hasMany refuses %o, which is no array",
    async (value) => {
      const index = await sampleIndex(home)
      const set = await index.matching()
      const error = await refusal("TIERDEX_INVALID_OPTION", () => set.hasMany(value as string[]))
      expect(error.message).toContain("hasMany takes an array of ids")
      expect(await set.hasMany(["a"])).toEqual([true])
      await set.close()
      await index.close()
    },
  )

  test("an allow-list has nothing but its integers", async () => {
    const index = await home.open()
    await index.put("a", { label: 5 })
    const labels = await index.matching({}, { field: "label" })
    const others: unknown[] = [undefined, null, "5", 5n, Symbol("5"), [5], {}, true, -1, 5.5]
    for (const other of others) expect(labels.has(other as number)).toBe(false)
    expect(labels.has(5)).toBe(true)
    await index.close()
  })

  test.each([undefined, null, 5, {}, ["price"], Symbol("price"), 5n])(
    "getIds, extent, facets and matching refuse the field %o",
    async (value) => {
      const field = value as "price"
      const index = await sampleIndex(home)
      await expectUnharmed(index, async () => {
        const error = await refusal("TIERDEX_INVALID_FILTER", () => index.getIds(field, 1))
        expect(error.message).toContain("getIds takes the path of a field")
        await refusal("TIERDEX_INVALID_OPTION", () => index.extent(field))
        await refusal("TIERDEX_INVALID_OPTION", () => index.facets({}, [field]))
        if (field === undefined) return
        await refusal("TIERDEX_INVALID_OPTION", () => index.matching({}, { field }))
      })
      await index.close()
    },
  )
})

describe("openIndex", () => {
  test.each(noObjects)("refuses %o as its options", async (value, words) => {
    const error = await refusal("TIERDEX_INVALID_OPTION", () => openIndex(asOptions(value)))
    expect(error.message).toContain(words)
  })

  test.each([null, 5, "./products.idx", () => new MemoryStore()])(
    "refuses the store %o",
    async (store) => {
      const error = await refusal("TIERDEX_INVALID_OPTION", () =>
        openIndex({ store: store as unknown as Store }),
      )
      expect(error.message).toContain("The option store must be a Store")
    },
  )

  const parts = ["open", "get", "getMany", "scan", "write", "deleteRange", "sizeOnDisk", "close"]

  test.each([...parts, "capabilities"])("refuses a store without %s", async (part) => {
    const store = new MemoryStore()
    Object.defineProperty(store, part, { value: undefined })
    const error = await refusal("TIERDEX_INVALID_OPTION", () => openIndex({ store }))
    expect(error.message).toContain(`has no ${part}.`)
  })
})

test("a closed index says so whatever it is asked", async () => {
  for (const home of homes) {
    const index: MetadataIndex<Fields> = await home.open()
    await index.close()
    for (const call of Object.values({ ...longCalls, ...otherCalls })) {
      await refusal("TIERDEX_CLOSED", () => call(index, {}))
    }
  }
})
