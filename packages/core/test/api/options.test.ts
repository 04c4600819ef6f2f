import { describe, expect, test } from "vitest"
import type { FieldsOptions, IndexOptions } from "../../src/api.ts"
import { encodeManifest, FORMAT } from "../../src/log/manifest.ts"
import { openIndex } from "../../src/open.ts"
import { manifestKey } from "../../src/pages/keys.ts"
import { PageWriter } from "../../src/pages/page.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"
import { all, expectUnharmed, type FieldsIndex, homes, refusal } from "./support.ts"

const record = (): Fields => ({
  category: "books",
  embedding: new Float32Array(3),
  meta: { author: { name: "x", born: 1900 }, secret: { key: 1, deep: { er: [[1]] } }, pages: 7 },
})

describe.each(homes)("$name, fields to exclude", (home) => {
  const fields = { exclude: ["embedding", "meta.secret"] }

  test("are left out with all below, unchecked", async () => {
    const index = await home.open({ fields })
    await index.put("a", record())
    await index.flush()
    const kept = { category: "books", meta: { author: { name: "x", born: 1900 }, pages: 7 } }
    expect(await index.get("a")).toEqual(kept)
    expect(await index.update("a", { embedding: 5n, "meta.secret.key": 2 })).toBe(true)
    expect(await index.get("a")).toEqual(kept)
    // A name that only begins alike is another field.
    await index.put("b", { embeddings: 1, meta: { secrets: 2 } })
    expect(await index.get("b")).toEqual({ embeddings: 1, meta: { secrets: 2 } })
    expect(index.stats().skippedPaths).toEqual({})
    await index.close()
  })

  test("are refused wherever a field is named", async () => {
    const index = await home.open({ fields })
    await index.put("a", record())
    await expectUnharmed(index, async () => {
      for (const path of ["embedding", "meta.secret", "meta.secret.deep.er"]) {
        const filter = { [path]: 1 }
        const calls = [
          () => index.find(filter),
          () => index.find({ $or: [{ category: "x" }, { $nor: [{ [path]: { $exists: true } }] }] }),
          () => index.count(filter),
          () => all(index.ids(filter)),
          () => index.deleteMany(filter),
          () => index.getIds(path, 1),
          () => index.find({}, { sort: { [path]: "asc" } }),
          () => index.facets({}, [path]),
          () => index.extent(path),
          () => index.matching({}, { field: path }),
          () => index.find({}, { select: ["category", path] }),
          () => index.explain({}, { select: [path] }),
          () => all(index.entries({}, { select: [path] })),
        ]
        for (const call of calls) {
          const error = await refusal("TIERDEX_FIELD_NOT_INDEXED", call)
          expect(error.message).toContain(path)
        }
      }
    })
    expect(await index.count({ meta: { $exists: true } })).toBe(1)
    const { records } = await index.find({}, { select: ["meta"] })
    expect(records).toEqual([{ meta: { author: { name: "x", born: 1900 }, pages: 7 } }])
    await index.close()
  })
})

describe.each(homes)("$name, fields to include", (home) => {
  const fields = { include: ["category", "meta.author"] }

  test("are all that there is", async () => {
    const index = await home.open({ fields })
    await index.put("a", record())
    await index.put("b", { meta: 5, $meta: 1, "a.b": 2, "": 3 })
    await index.put("c", { meta: { $x: 1, author: null } })
    await index.flush()
    expect(await all(index.entries())).toEqual([
      ["a", { category: "books", meta: { author: { name: "x", born: 1900 } } }],
      ["b", {}],
      ["c", { meta: { author: null } }],
    ])
    expect(await index.getIds("meta.author.name", "x")).toEqual(["a"])
    for (const path of ["meta", "meta.pages", "embedding", "categories"]) {
      const error = await refusal("TIERDEX_FIELD_NOT_INDEXED", () => index.count({ [path]: 1 }))
      expect(error.message).toContain(path)
    }
    // What is included below a path is selected by it, too.
    expect(await all(index.entries({ category: "books" }, { select: ["meta"] }))).toEqual([
      ["a", { meta: { author: { name: "x", born: 1900 } } }],
    ])
    for (const path of ["meta.pages", "embedding", "categories"]) {
      await refusal("TIERDEX_FIELD_NOT_INDEXED", () => index.find({}, { select: [path] }))
    }
    await index.close()
  })

  test("are checked as always", async () => {
    const index = await home.open({ fields })
    const bad: [Fields, string][] = [
      [{ category: Number.NaN }, '"category"'],
      [{ meta: { author: { "a.b": 1 } } }, '"a.b"'],
      [{ meta: { author: [[1]] } }, '"meta.author"'],
    ]
    for (const [value, place] of bad) {
      const error = await refusal("TIERDEX_INVALID_VALUE", () => index.put("a", value))
      expect(error.message).toContain(place)
    }
    expect(index.size).toBe(0)
    await index.close()
  })

  test("are not what no field can be", async () => {
    const index = await home.open({ fields: { include: ["$x", "a.$y", "b"] } })
    await index.put("a", { $x: 1, a: { $y: 2 }, b: 3 })
    expect(await index.get("a")).toEqual({ b: 3 })
    await index.close()
  })

  test("can be none", async () => {
    const index = await home.open({ fields: { include: [] } })
    await index.put("a", record())
    expect(await index.get("a")).toEqual({})
    await index.close()
  })
})

describe.each(homes)("$name, onUnindexable", (home) => {
  const messy = (): Fields => ({
    name: "x",
    points: [[1, 2]],
    vector: new Array(2000).fill(0),
    nested: { ok: 1, fn: () => 1, "a.b": 1, deep: { items: [{ a: 1 }], n: 2 } },
    text: "x".repeat(40_000),
  })

  test("skip leaves paths out, keeps the rest, and counts", async () => {
    const index = await home.open({ fields: { onUnindexable: "skip" } })
    await index.put("a", messy())
    await index.putMany([
      ["b", messy()],
      ["c", { name: 1n, when: new Date("x"), $x: 1 }],
    ])
    await index.update("c", { name: Symbol("n"), good: 1 })
    await index.flush()
    const kept = { name: "x", nested: { ok: 1, deep: { n: 2 } } }
    expect(await all(index.entries())).toEqual([
      ["a", kept],
      ["b", kept],
      ["c", { good: 1 }],
    ])
    expect(await index.getIds("nested.deep.n", 2)).toEqual(["a", "b"])
    expect(index.stats().skippedPaths).toEqual({
      points: 2,
      vector: 2,
      "nested.fn": 2,
      'nested["a.b"]': 2,
      "nested.deep.items": 2,
      text: 2,
      name: 2,
      when: 1,
      '["$x"]': 1,
    })
    // What is no record at all is refused as ever.
    const none: unknown = [1]
    await refusal("TIERDEX_INVALID_VALUE", () => index.put("d", none as Fields))
    await refusal("TIERDEX_INVALID_ID", () => index.put("", {}))
    await index.close()
  })

  test("skips fields beyond the thousandth", async () => {
    const index = await home.open({ fields: { onUnindexable: "skip" } })
    const wide = Object.fromEntries(Array.from({ length: 1002 }, (_, i) => [`f${i}`, i]))
    await index.put("a", wide)
    expect(Object.keys((await index.get("a")) ?? {})).toHaveLength(1000)
    expect(index.stats().skippedPaths).toEqual({ f1000: 1, f1001: 1 })
    await index.close()
  })

  test("counts what is skipped by path as far as that leads, and the rest together", async () => {
    const index = await home.open({ fields: { onUnindexable: "skip" } })
    const keyed = (from: number): Fields => ({
      byId: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`id-${from + i}`, 1n])),
    })
    for (let from = 0; from < 5000; from += 500) await index.put("a", keyed(from))
    await index.put("b", { byId: { "id-7": 1n, "id-4999": 1n } })
    const { skippedPaths } = index.stats()
    expect(Object.keys(skippedPaths)).toHaveLength(1001)
    expect(skippedPaths).toMatchObject({ "byId.id-7": 2, "byId.id-999": 1, "...": 4001 })
    await index.close()
  })

  test("skips paths that are too long, and says how they begin", async () => {
    const index = await home.open({ fields: { onUnindexable: "skip" } })
    await index.put("a", { ok: 1, ["k".repeat(513)]: 1, deep: { ["d".repeat(600)]: 2, ok: 3 } })
    expect(await index.get("a")).toEqual({ ok: 1, deep: { ok: 3 } })
    expect(index.stats().skippedPaths).toEqual({
      [`["${"k".repeat(80)}"]`]: 1,
      [`deep["${"d".repeat(80)}"]`]: 1,
    })
    await index.close()
  })

  test("skips a cycle where it closes", async () => {
    const index = await home.open({ fields: { onUnindexable: "skip" } })
    const cycle: Fields = { a: 1 }
    cycle.self = cycle
    await index.put("a", cycle)
    await index.put("b", { a: 2, deep: { er: 3 } })
    expect(await all(index.entries())).toEqual([
      ["a", { a: 1 }],
      ["b", { a: 2, deep: { er: 3 } }],
    ])
    await index.close()
  })

  test("is decided by the longest path that has an option", async () => {
    const index = await home.open({
      fields: {
        onUnindexable: "skip",
        paths: {
          nested: { onUnindexable: "error" },
          "nested.loose": { onUnindexable: "skip" },
          "nested.loose.strict": { onUnindexable: "error" },
          plain: {},
        },
      },
    })
    await index.put("a", { top: 1n, plain: 1n, nested: { ok: 1, loose: { bad: 1n, n: 1 } } })
    expect(await index.get("a")).toEqual({ nested: { ok: 1, loose: { n: 1 } } })
    const error = await refusal("TIERDEX_INVALID_VALUE", () =>
      index.put("b", { nested: { x: 1n } }),
    )
    expect(error.message).toContain('"nested.x"')
    // The stricter path is inside one that may be left out as a whole.
    await index.put("c", { nested: { ok: 1, loose: { n: 1, strict: 1n } } })
    expect(await index.get("c")).toEqual({ nested: { ok: 1 } })
    expect(index.stats().skippedPaths).toEqual({
      top: 1,
      plain: 1,
      "nested.loose.bad": 1,
      "nested.loose": 1,
    })
    await index.close()
  })
})

const badOptions: [options: unknown, words: string][] = [
  [5, "options"],
  [null, "options"],
  [{ stroe: new MemoryStore() }, "stroe"],
  [{ store: {} }, "store"],
  [{ store: "./x" }, "store"],
  [{ durability: "none" }, "durability"],
  [{ memory: 0 }, "memory"],
  [{ memory: -5 }, "memory"],
  [{ memory: 1.5 }, "memory"],
  [{ memory: Number.NaN }, "memory"],
  [{ memory: "lots" }, "memory"],
  [{ memory: "5 XB" }, "memory"],
  [{ memory: "0 MiB" }, "memory"],
  [{ memory: "1 MiB", store: new MemoryStore() }, "memory"],
  [{ fields: { include: ["a"], exclude: ["b"] } }, "not both"],
  [{ fields: { include: "a" } }, "fields.include"],
  [{ fields: { exclude: [5] } }, "fields.exclude"],
  [{ fields: { exclude: [""] } }, "fields.exclude"],
  [{ fields: { exclude: ["a..b"] } }, '"a..b"'],
  [{ fields: { exclude: [5n] } }, "a bigint"],
  [{ fields: { exclude: new Array(1) } }, "fields.exclude"],
  [{ fields: { exclude: [`${"k".repeat(300)}.${"é".repeat(106)}`] } }, "513 UTF-8 bytes, over 512"],
  [{ fields: { include: ["k".repeat(9000)] } }, '"kkkk'],
  [{ fields: { paths: { ["k".repeat(513)]: {} } } }, "fields.paths"],
  [{ fields: { include: Array.from({ length: 1001 }, (_, i) => `f${i}`) } }, "1001 paths"],
  [{ fields: { onUnindexable: "ignore" } }, "fields.onUnindexable"],
  [{ fields: { paths: { "a.": {} } } }, '"a."'],
  [{ fields: { paths: { a: { onUnindexable: "no" } } } }, 'fields.paths["a"].onUnindexable'],
  [{ fields: { exlude: ["a"] } }, "exlude"],
  [{ fields: { paths: { a: { onUnindexible: "skip" } } } }, "onUnindexible"],
  [{ fields: 5 }, "fields"],
  [{ fields: { paths: 5 } }, "fields.paths"],
  [{ fields: { paths: { a: 5 } } }, 'fields.paths["a"]'],
]

test.each(badOptions)("openIndex refuses %o", async (options, words) => {
  const error = await refusal("TIERDEX_INVALID_OPTION", () => openIndex(options as IndexOptions))
  expect(error.message).toContain(words)
})

test.each([
  ["64 MiB", 64 * 2 ** 20],
  ["1.5 GB", 1.5e9],
  [" 9000kib ", 9000 * 1024],
  ["9000000", 9_000_000],
  [8 * 2 ** 20, 8 * 2 ** 20],
])("a budget of %o is %i bytes", async (memory, bytes) => {
  const index = await openIndex({ memory, store: new MemoryStore() })
  expect(index.stats().memory.budgetBytes).toBe(bytes)
  await index.close()
})

describe("an index that is opened again", () => {
  async function made(fields: FieldsOptions | undefined): Promise<MemoryStore> {
    const store = new MemoryStore()
    const index = await openIndex<Fields>({ store, fields })
    await index.put("a", { x: 1, y: { z: 2 } })
    await index.flush()
    await index.put("b", { x: 2 })
    await index.close()
    return store
  }

  const check = async (store: MemoryStore, fields: FieldsOptions | undefined) => {
    const index: FieldsIndex = await openIndex<Fields>({ store, fields })
    expect(await all(index.ids())).toEqual(["a", "b"])
    expect(await index.verify()).toMatchObject({ ok: true })
    await index.close()
  }

  test.each<[made: FieldsOptions | undefined, opened: FieldsOptions | undefined]>([
    [undefined, { exclude: ["y"] }],
    [{ exclude: ["y"] }, undefined],
    [{ exclude: ["y"] }, { exclude: ["y.z"] }],
    [{ include: ["x"] }, { include: ["x", "y"] }],
    [{ include: ["x"] }, {}],
    [{}, { onUnindexable: "skip" }],
    [{}, { paths: { x: { onUnindexable: "skip" } } }],
  ])("with %o refuses %o, and says both", async (before, after) => {
    const store = await made(before)
    const error = await refusal("TIERDEX_FIELDS_CHANGED", () => openIndex({ store, fields: after }))
    for (const fields of [before, after]) {
      for (const path of [...(fields?.include ?? []), ...(fields?.exclude ?? [])]) {
        expect(error.message).toContain(`"${path}"`)
      }
    }
    expect(error.message).toContain("Open it with the first")
    // The store was closed again, and nothing in it has changed.
    await check(store, before)
  })

  test.each<[made: FieldsOptions | undefined, opened: FieldsOptions | undefined]>([
    [undefined, { exclude: [] }],
    [{ exclude: ["y", "w"] }, { exclude: ["w", "y", "w"], onUnindexable: "error" }],
    [{ include: ["x", "y.z"] }, { include: ["y.z", "x"], paths: {} }],
  ])("with %o takes %o, which says the same", async (before, after) => {
    await check(await made(before), after)
  })
})

describe("a store that holds something else", () => {
  async function storeWith(key: Uint8Array, value: Uint8Array): Promise<MemoryStore> {
    const store = new MemoryStore()
    await store.open()
    await store.write([{ type: "put", key, value }], { durable: true })
    await store.close()
    return store
  }

  async function contentsOf(store: MemoryStore) {
    await store.open()
    const range = { gte: new Uint8Array(1), lt: new Uint8Array(64).fill(0xff) }
    const entries = (await all(store.scan(range))).flat()
    await store.close()
    return entries
  }

  async function expectRefused(store: MemoryStore, code: Parameters<typeof refusal>[0]) {
    const before = await contentsOf(store)
    const error = await refusal(code, () => openIndex({ store }))
    expect(await contentsOf(store)).toEqual(before)
    return error
  }

  test.each([
    ["a key below all of ours", Uint8Array.of(0)],
    ["a key like a page", Uint8Array.of(3, 1, 2)],
    ["a key like a log entry", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0)],
    ["a key of text", new TextEncoder().encode("user:1")],
    ["a key above all of ours", new Uint8Array(63).fill(0xff)],
  ])("%s", async (_name, key) => {
    const store = await storeWith(key, Uint8Array.of(1, 2, 3))
    const error = await expectRefused(store, "TIERDEX_UNSUPPORTED_FORMAT")
    expect(error.message).toContain("a store of its own")
  })

  test("a manifest of another format", async () => {
    const page = new PageWriter()
    page.u32(FORMAT + 1)
    page.u32(5)
    page.raw(new TextEncoder().encode("later"))
    const store = await storeWith(manifestKey(), page.seal(manifestKey()))
    const error = await expectRefused(store, "TIERDEX_UNSUPPORTED_FORMAT")
    expect(error.message).toContain(`format ${FORMAT + 1}`)
    expect(error.message).toContain("release that wrote it")
  })

  test("a damaged manifest", async () => {
    const [good] = encodeManifest({
      format: FORMAT,
      index: "x",
      rules: { include: undefined, exclude: [], onUnindexable: "error", paths: [] },
      fields: [],
      segments: [],
      nextSegment: 1,
      flushedSequence: 0,
      mark: undefined,
      drops: [],
    })
    if (good?.type !== "put") throw new Error("A manifest is put.")
    const flipped = new Uint8Array(good.value)
    flipped[12] ^= 1
    const values = [new Uint8Array(0), Uint8Array.of(1, 2, 3), good.value.subarray(0, -1), flipped]
    for (const value of values) {
      const error = await expectRefused(await storeWith(good.key, value), "TIERDEX_CORRUPT")
      expect(error.message).toContain("manifest")
    }
    const store = await storeWith(good.key, good.value)
    await (await openIndex({ store })).close()
  })

  test("an index that is open already", async () => {
    const store = new MemoryStore()
    const index = await openIndex<Fields>({ store })
    await index.put("a", { x: 1 })
    await expectUnharmed(index, async () => {
      const error = await refusal("TIERDEX_LOCKED", () => openIndex({ store }))
      expect(error.message).toContain("close it first")
    })
    await index.close()
  })
})
