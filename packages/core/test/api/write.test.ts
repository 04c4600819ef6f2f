import { describe, expect, test } from "vitest"
import type { Progress } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { WriteOp } from "../../src/store/store.ts"
import type { Fields } from "../oracle.ts"
import { AsyncStore } from "../support/async-store.ts"
import { CountingStore } from "../support/counting-store.ts"
import { WrappedStore } from "../support/wrapped-store.ts"
import { all, expectUnharmed, type FieldsIndex, homes, refusal, sampleIndex } from "./support.ts"

const rows = (count: number): [string, Fields][] =>
  Array.from({ length: count }, (_, n) => [`r${n}`, { n, group: n % 3 }])

const idsOf = (index: FieldsIndex) => all(index.ids())

describe.each(homes)("$name, put", (home) => {
  test("inserts and replaces whole records, and moves what changed to the end", async () => {
    const index = await home.open()
    await index.put("a", { x: 1, y: { z: 2 } })
    await index.put("b", { x: 2 })
    await index.put("c", { x: 3 })
    await index.put("a", { x: 1, w: undefined })
    await index.put("b", { x: 2 })
    expect(await all(index.entries())).toEqual([
      ["b", { x: 2 }],
      ["c", { x: 3 }],
      ["a", { x: 1 }],
    ])
    expect(index.size).toBe(3)
    await index.close()
  })

  test("takes records as they were when it was called", async () => {
    const index = await home.open()
    const at = new Date(1)
    const record = { x: 1, tags: ["a"], y: { z: 1 }, at }
    const op = { type: "put" as const, id: "b", record }
    const patch = { y: { z: 1 } }
    const writes = [
      index.put("a", record),
      index.batch([op]),
      index.put("c", {}).then(() => true),
      index.update("c", patch),
    ]
    record.x = 2
    record.tags.push("b")
    record.y.z = 3
    at.setTime(9)
    op.id = "d"
    patch.y.z = 9
    await Promise.all(writes)
    const before = { x: 1, tags: ["a"], y: { z: 1 }, at: new Date(1) }
    expect(await all(index.entries())).toEqual([
      ["a", before],
      ["b", before],
      ["c", { y: { z: 1 } }],
    ])
    await index.close()
  })

  test("calls that overlap take effect in their order", async () => {
    const index = await home.open()
    const results = await Promise.all([
      index.put("a", { x: 1 }),
      index.delete("a"),
      index.update("a", { x: 2 }),
      index.put("a", { x: 3 }),
      index.update("a", { y: 4 }),
      index.put("b", { x: 5 }),
      index.clear(),
      index.delete("a"),
      index.put("c", { x: 6 }),
      index.deleteMany({ x: 6 }),
    ])
    expect(results.slice(0, 9)).toEqual([
      undefined,
      true,
      false,
      undefined,
      true,
      undefined,
      undefined,
      false,
      undefined,
    ])
    expect(results[9]).toBe(1)
    expect(index.size).toBe(0)
    await index.close()
  })

  test("a refused record among concurrent ones takes none down", async () => {
    const index = await home.open()
    const bad = index.put("bad", { x: Number.NaN })
    const results = await Promise.allSettled([index.put("a", {}), bad, index.put("b", {})])
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
    expect(await idsOf(index)).toEqual(["a", "b"])
    await index.close()
  })
})

describe.each(homes)("$name, putMany", (home) => {
  test("takes what can be iterated, and says how many it put", async () => {
    const index = await home.open()
    expect(await index.putMany([])).toBe(0)
    expect(await index.putMany(rows(3))).toBe(3)
    expect(await index.putMany(new Map<string, Fields>([["m", { n: 1 }]]))).toBe(1)
    expect(
      await index.putMany(
        (function* (): Iterable<[string, Fields]> {
          yield ["g", {}]
        })(),
      ),
    ).toBe(1)
    expect(
      await index.putMany(
        (async function* (): AsyncIterable<[string, Fields]> {
          yield ["h", {}]
          await new Promise(setImmediate)
          yield ["i", {}]
        })(),
      ),
    ).toBe(2)
    // The same id again, and equal content, count as well.
    expect(
      await index.putMany([
        ["r1", { n: 1, group: 1 }],
        ["k", {}],
        ["k", { n: 2 }],
      ]),
    ).toBe(3)
    expect(await idsOf(index)).toEqual(["r0", "r1", "r2", "m", "g", "h", "i", "k"])
    expect(await index.get("k")).toEqual({ n: 2 })
    await index.close()
  })

  test("commits many slices in order", async () => {
    const index = await home.open()
    const seen: Progress[] = []
    const count = await index.putMany(rows(9000), { onProgress: (progress) => seen.push(progress) })
    expect(count).toBe(9000)
    expect(await idsOf(index)).toEqual(rows(9000).map(([id]) => id))
    expect(seen.length).toBeGreaterThan(2)
    expect(seen.at(-1)).toEqual({ done: 9000, total: undefined, unit: "records" })
    const done = seen.map((progress) => progress.done)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    await index.close()
  })

  test("takes records as they were when they were yielded", async () => {
    const index = await home.open()
    function* reusing(): Iterable<[string, Fields]> {
      const record: Fields = {}
      const entry: [string, Fields] = ["", record]
      for (let n = 0; n < 3000; n++) {
        entry[0] = `r${n}`
        record.n = n
        yield entry
      }
    }
    await index.putMany(reusing())
    expect(await index.get("r17")).toEqual({ n: 17 })
    expect(await index.count({ n: 2999 })).toBe(1)
    async function* reusingSlowly() {
      yield* reusing()
    }
    await index.clear()
    await index.putMany(reusingSlowly())
    expect(await index.count({ n: { $gte: 0 } })).toBe(3000)
    expect(await index.get("r17")).toEqual({ n: 17 })
    await index.close()
  })

  test("passes an error of its source on, with what came before it committed", async () => {
    const index = await home.open()
    const broken = new RangeError("The source is broken.")
    function* throwing(count: number): Iterable<[string, Fields]> {
      yield* rows(count)
      throw broken
    }
    async function* throwingSlowly() {
      yield* throwing(4500)
    }
    await expect(index.putMany(throwing(2500))).rejects.toBe(broken)
    expect(await idsOf(index)).toEqual(rows(2500).map(([id]) => id))
    await expect(index.putMany(throwingSlowly())).rejects.toBe(broken)
    expect(await idsOf(index)).toEqual(rows(4500).map(([id]) => id))
    await index.close()
  })

  test("ends when onProgress throws", async () => {
    const index = await home.open()
    const enough = new Error("enough")
    let calls = 0
    const putting = index.putMany(rows(30_000), {
      onProgress: () => {
        calls++
        throw enough
      },
    })
    await expect(putting).rejects.toBe(enough)
    expect(calls).toBe(1)
    expect(await idsOf(index)).toEqual(rows(index.size).map(([id]) => id))
    expect(index.size).toBeLessThan(30_000)
    await index.close()
  })
})

describe.each(homes)("$name, an aborted putMany", (home) => {
  test("touches nothing if it was aborted before", async () => {
    const index = await home.open()
    const reason = new Error("no need")
    let asked = 0
    function* counting(): Iterable<[string, Fields]> {
      asked++
      yield ["a", {}]
    }
    const error = await refusal("TIERDEX_ABORTED", () =>
      index.putMany(counting(), { signal: AbortSignal.abort(reason) }),
    )
    expect(error).toMatchObject({ name: "AbortError", cause: reason, committed: 0 })
    expect(asked).toBe(0)
    expect(index.size).toBe(0)
    await index.close()
  })

  test.each([1, 1999, 2000, 2001, 7654])(
    "at record %i says how many were committed, which are the first",
    async (at) => {
      const index = await home.open()
      const controller = new AbortController()
      let isLeft = false
      function* aborting(): Iterable<[string, Fields]> {
        try {
          for (const [n, row] of rows(20_000).entries()) {
            if (n === at) controller.abort("enough")
            yield row
          }
        } finally {
          isLeft = true
        }
      }
      const error = await refusal("TIERDEX_ABORTED", () =>
        index.putMany(aborting(), { signal: controller.signal }),
      )
      expect(error).toMatchObject({ name: "AbortError", cause: "enough" })
      expect(isLeft).toBe(true)
      expect(error.committed).toBe(index.size)
      expect(error.committed).toBeLessThanOrEqual(at)
      expect(await idsOf(index)).toEqual(rows(index.size).map(([id]) => id))
      await index.put("after", {})
      await index.close()
    },
  )

  test("is aborted between the records of a slow source", async () => {
    const index = await home.open()
    const controller = new AbortController()
    let asked = 0
    async function* slow(): AsyncIterable<[string, Fields]> {
      for (const row of rows(100)) {
        asked++
        await new Promise(setImmediate)
        yield row
      }
    }
    const putting = index.putMany(slow(), { signal: controller.signal })
    await new Promise(setImmediate)
    controller.abort()
    const error = await refusal("TIERDEX_ABORTED", () => putting)
    expect(error.committed).toBe(index.size)
    expect(asked).toBeLessThan(10)
    await index.close()
  })

  test("is done if all was written before", async () => {
    const index = await home.open()
    const controller = new AbortController()
    const count = await index.putMany(rows(3000), {
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 3000) controller.abort()
      },
    })
    expect(count).toBe(3000)
    await index.close()
  })
})

describe.each(homes)("$name, update", (home) => {
  test.each<[name: string, before: Fields, patch: Fields, after: Fields]>([
    ["changes a field", { a: 1, b: 2 }, { a: 3 }, { a: 3, b: 2 }],
    ["adds a field", { a: 1 }, { b: [1, 2] }, { a: 1, b: [1, 2] }],
    ["removes a field", { a: 1, b: 2 }, { a: undefined }, { b: 2 }],
    ["removes what is not there", { a: 1 }, { "b.c": undefined }, { a: 1 }],
    ["changes inside", { a: { b: 1, c: 2 } }, { "a.b": 3 }, { a: { b: 3, c: 2 } }],
    ["removes inside", { a: { b: 1 } }, { "a.b": undefined }, { a: {} }],
    ["replaces an object", { a: { b: 1, c: 2 } }, { a: { d: 3 } }, { a: { d: 3 } }],
    [
      "replaces an object inside",
      { a: { b: { c: 1 } } },
      { "a.b": { d: 1 } },
      { a: { b: { d: 1 } } },
    ],
    ["empties an object", { a: { b: 1 } }, { a: {} }, { a: {} }],
    ["removes an object", { a: { b: 1 }, c: 1 }, { a: undefined }, { c: 1 }],
    ["makes objects on the way", {}, { "a.b.c": 1 }, { a: { b: { c: 1 } } }],
    ["puts an object in place of a value", { a: 5 }, { "a.b": 1 }, { a: { b: 1 } }],
    ["puts an object in place of an array", { a: [1] }, { "a.b": 1 }, { a: { b: 1 } }],
    ["changes two inside one", { a: { b: 1 } }, { "a.b": 2, "a.c": 3 }, { a: { b: 2, c: 3 } }],
    ["tells names that begin alike apart", { a: 1, ab: 2 }, { a: undefined }, { ab: 2 }],
    [
      "sets null, [] and {}",
      { a: 1, b: 1, c: 1 },
      { a: null, b: [], c: {} },
      { a: null, b: [], c: {} },
    ],
    [
      "knows no special names",
      JSON.parse('{"__proto__": {"a": 1}}'),
      { "__proto__.b": 2, constructor: 3 },
      JSON.parse('{"__proto__": {"a": 1, "b": 2}, "constructor": 3}'),
    ],
  ])("%s", async (_name, before, patch, after) => {
    const index = await home.open()
    for (const flush of [false, true]) {
      await index.put("x", before)
      if (flush) await index.flush()
      expect(await index.update("x", patch)).toBe(true)
      expect(await index.get("x")).toEqual(after)
      expect(Object.keys((await index.get("x")) ?? {})).toEqual(
        expect.arrayContaining(Object.keys(after)),
      )
      expect(await index.update("x", patch)).toBe(true)
      expect(await index.get("x")).toEqual(after)
    }
    await index.close()
  })

  test("does nothing to a record that is not there", async () => {
    const index = await sampleIndex(home)
    await expectUnharmed(index, async () => {
      expect(await index.update("none", { a: 1 })).toBe(false)
      expect(await index.update("b", { a: 1 })).toBe(false)
      expect(await index.update("a", {})).toBe(true)
      expect(await index.update("a", { category: "books" })).toBe(true)
    })
    await index.close()
  })

  test("moves a changed record to the end", async () => {
    const index = await home.open()
    await index.putMany(rows(3))
    await index.update("r0", { n: 9 })
    await index.update("r1", { n: 1 })
    expect(await idsOf(index)).toEqual(["r1", "r2", "r0"])
    await index.close()
  })
})

describe.each(homes)("$name, deleting", (home) => {
  test("delete says whether there was a record", async () => {
    const index = await sampleIndex(home)
    expect(await index.delete("a")).toBe(true)
    expect(await index.delete("a")).toBe(false)
    expect(await index.delete("none")).toBe(false)
    expect(await index.has("a")).toBe(false)
    expect(await index.get("a")).toBeUndefined()
    expect(index.size).toBe(2)
    await index.put("a", { again: true })
    expect(await idsOf(index)).toEqual(["c", "d", "a"])
    await index.close()
  })

  test("deleteMany deletes what matches, in slices", async () => {
    const index = await home.open()
    await index.putMany(rows(9000))
    await index.flush()
    await index.putMany(rows(10_000).slice(9000))
    const seen: number[] = []
    const deleted = await index.deleteMany(
      { group: { $in: [0, 1] } },
      { onProgress: ({ done }) => seen.push(done) },
    )
    expect(deleted).toBe(6667)
    expect(index.size).toBe(3333)
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.at(-1)).toBe(6667)
    expect(await index.count({ group: 2 })).toBe(3333)
    expect(await index.deleteMany({ group: 0 })).toBe(0)
    expect(await index.deleteMany({})).toBe(3333)
    expect(index.size).toBe(0)
    await index.close()
  })

  test("deleteMany leaves what was written meanwhile", async () => {
    const index = await home.open()
    await index.putMany(rows(5000))
    await index.flush()
    const writes = [
      index.deleteMany({ group: 1 }),
      index.put("r1", { n: 1, group: 1, written: true }),
      index.put("new", { group: 1 }),
      index.delete("r4"),
      index.update("r4999", { more: 1 }),
    ]
    const [deleted] = await Promise.all(writes)
    expect(await idsOf(index)).toEqual(expect.arrayContaining(["r1", "new", "r4999"]))
    expect(await index.has("r4")).toBe(false)
    expect(await index.count({ group: 1 })).toBe(3)
    // Of 1667 that matched, two were rewritten and one was deleted before their slice.
    expect(deleted).toBe(1664)
    await index.close()
  })

  test("deleteMany leaves what was written meanwhile, the same record too", async () => {
    const index = await home.open()
    await index.batch([
      { type: "put", id: "put", record: { n: 1 } },
      { type: "put", id: "updated", record: { n: 1 } },
      { type: "put", id: "gone", record: { n: 1 } },
    ])
    const deleting = index.deleteMany({ n: 1 })
    await Promise.all([index.put("put", { n: 1 }), index.update("updated", { n: 1 })])
    expect(await deleting).toBe(1)
    expect(await idsOf(index)).toEqual(["put", "updated"])
    expect(await index.deleteMany({ n: 1 })).toBe(2)
    await index.close()
  })

  test("an aborted deleteMany says how many it deleted", async () => {
    const index = await home.open()
    await index.putMany(rows(20_000))
    const controller = new AbortController()
    const error = await refusal("TIERDEX_ABORTED", () =>
      index.deleteMany(
        {},
        { signal: controller.signal, onProgress: () => controller.abort("enough") },
      ),
    )
    expect(error).toMatchObject({ name: "AbortError", cause: "enough" })
    expect(error.committed).toBeGreaterThan(0)
    expect(index.size).toBe(20_000 - (error.committed ?? 0))
    const early = await refusal("TIERDEX_ABORTED", () =>
      index.deleteMany({}, { signal: AbortSignal.abort() }),
    )
    expect(early.committed).toBe(0)
    await index.close()
  })

  test("clear empties the index, keeps the mark, and can be written over", async () => {
    const index = await sampleIndex(home)
    await index.clear()
    expect(index).toMatchObject({ size: 0, mark: "first" })
    expect(await idsOf(index)).toEqual([])
    expect(await index.has("a")).toBe(false)
    expect(await index.delete("a")).toBe(false)
    await index.put("a", { price: 1 })
    await index.flush()
    await index.clear()
    await index.clear()
    await index.put("b", { price: 2 })
    expect(await all(index.entries())).toEqual([["b", { price: 2 }]])
    expect(await index.verify()).toMatchObject({ ok: true })
    await index.close()
  })
})

describe.each(homes)("$name, batch", (home) => {
  test("applies all of it; of two steps on an id the later wins", async () => {
    const index = await sampleIndex(home)
    await index.batch([
      { type: "put", id: "x", record: { n: 1 } },
      { type: "delete", id: "a" },
      { type: "put", id: "x", record: { n: 2 } },
      { type: "put", id: "y", record: {} },
      { type: "delete", id: "y" },
      { type: "delete", id: "none" },
      { type: "delete", id: "c" },
      { type: "put", id: "c", record: { n: 3 } },
    ])
    expect(await idsOf(index)).toEqual(["d", "x", "c"])
    expect(await index.get("x")).toEqual({ n: 2 })
    expect(await index.get("c")).toEqual({ n: 3 })
    await index.batch([])
    expect(index).toMatchObject({ size: 3, mark: "first" })
    await index.close()
  })

  test("has a mark, which advances even if nothing else changes", async () => {
    const index = await sampleIndex(home)
    const record = { category: "toys", price: 1 }
    await index.batch([{ type: "put", id: "d", record }], { mark: "second" })
    expect(index.mark).toBe("second")
    await index.batch([], { mark: "third" })
    expect(index.mark).toBe("third")
    await index.batch([{ type: "delete", id: "none" }], { mark: "" })
    expect(index.mark).toBe("")
    await index.batch([{ type: "put", id: "e", record }])
    await index.put("f", record)
    expect(index.mark).toBe("")
    await Promise.all([index.batch([], { mark: "x" }), index.batch([], { mark: "é".repeat(512) })])
    expect(index.mark).toBe("é".repeat(512))
    await index.close()
  })
})

test("a batch too large for one write is refused as a whole, and says what to use", async () => {
  const index = await openIndex<Fields>({ store: new MemoryStore(), memory: "8 MiB" })
  const text = "x".repeat(1000)
  const ops = rows(3000).map(([id, record]) => ({
    type: "put" as const,
    id,
    record: { ...record, text },
  }))
  await expectUnharmed(index, async () => {
    const error = await refusal("TIERDEX_MEMORY_EXCEEDED", () => index.batch(ops, { mark: "m" }))
    expect(error.message).toContain("putMany")
  })
  expect(await index.putMany(ops.map(({ id, record }) => [id, record]))).toBe(3000)
  await index.close()
})

describe("in a store", () => {
  const open = (store: ConstructorParameters<typeof WrappedStore>[0]) =>
    openIndex<Fields>({ store })

  test("the mark is kept over reopening, from the log and from a segment", async () => {
    const store = new MemoryStore()
    let index = await open(store)
    const reopen = async () => {
      await index.close()
      index = await open(store)
    }
    expect(index.mark).toBeUndefined()
    await reopen()
    expect(index.mark).toBeUndefined()
    await index.batch([{ type: "put", id: "a", record: {} }], { mark: "1" })
    await reopen()
    expect(index.mark).toBe("1")
    await index.flush()
    await reopen()
    expect(index.mark).toBe("1")
    await index.batch([{ type: "put", id: "a", record: {} }], { mark: "2" })
    await reopen()
    expect(index.mark).toBe("2")
    await index.clear()
    await reopen()
    expect(index).toMatchObject({ mark: "2", size: 0 })
    await index.close()
  })

  test("concurrent writes share few writes of the store", async () => {
    const counting = new CountingStore(new MemoryStore())
    const index = await open(counting)
    counting.reset()
    await Promise.all(rows(500).map(([id, record]) => index.put(id, record)))
    expect(counting.reset().writes).toBe(1)
    await Promise.all([
      ...rows(100).map(([id]) => index.update(id, { more: 1 })),
      ...rows(200).map(([id]) => index.delete(id)),
      index.batch([{ type: "put", id: "x", record: {} }], { mark: "m" }),
    ])
    expect(counting.reset().writes).toBe(1)
    expect(index).toMatchObject({ size: 301, mark: "m" })
    await index.close()
  })

  // An update was counted before its record was known: a thousand of them made one log entry of
  // hundreds of megabytes.
  test("concurrent updates of long records share a log entry only as far as it is short", async () => {
    const counting = new CountingStore(new MemoryStore())
    const index = await openIndex({ store: counting, memory: "8 MiB" })
    const text = "x".repeat(20_000)
    const ids = Array.from({ length: 100 }, (_, i) => `id${i}`)
    await index.putMany(ids.map((id) => [id, { text }] as const))
    counting.reset()
    const updates = ids.map((id, n) => index.update(id, { n }))
    const marked = index.batch([{ type: "put", id: "last", record: {} }], { mark: "m" })
    expect(await Promise.all(updates)).toEqual(ids.map(() => true))
    await marked
    expect(index.mark).toBe("m")
    const { writes } = counting.reset()
    expect(writes).toBeGreaterThan(10)
    expect(writes).toBeLessThan(60)
    expect(await index.count({ n: { $gte: 0 } })).toBe(100)
    await index.close()
  })

  test("writes that come while one is under way wait for it together", async () => {
    let isSlow = false
    const slow = new AsyncStore(new MemoryStore(), async (operation) => {
      if (isSlow && operation === "write") await new Promise((resolve) => setTimeout(resolve, 10))
    })
    const counting = new CountingStore(slow)
    const index = await open(counting)
    counting.reset()
    isSlow = true
    const writes: Promise<void>[] = []
    for (const [id, record] of rows(100)) {
      writes.push(index.put(id, record))
      await new Promise(setImmediate)
    }
    await Promise.all(writes)
    expect(counting.counts.writes).toBeLessThan(50)
    expect(await idsOf(index)).toEqual(rows(100).map(([id]) => id))
    await index.close()
  })

  test("writes that change nothing write nothing", async () => {
    const counting = new CountingStore(new MemoryStore())
    const index = await open(counting)
    const record: Fields = { b: [1, "x", null], a: { c: new Date(5), d: -0 }, e: [], f: {} }
    await index.put("a", record)
    await index.put("b", {})
    const same = async () => {
      counting.reset()
      await index.put("a", { e: [], f: {}, a: { d: 0, c: new Date(5) }, b: [1, "x", null] })
      await index.putMany([["a", record]])
      await index.batch([
        { type: "put", id: "a", record },
        { type: "delete", id: "none" },
      ])
      expect(await index.update("a", { "a.d": 0 })).toBe(true)
      expect(await index.update("a", { none: undefined })).toBe(true)
      expect(await index.update("none", { a: 1 })).toBe(false)
      expect(await index.delete("none")).toBe(false)
      expect(await index.deleteMany({ none: 1 })).toBe(0)
      expect(counting.counts).toMatchObject({ writes: 0, deleteRanges: 0 })
      expect(await idsOf(index)).toEqual(["a", "b"])
    }
    await same()
    await index.flush()
    await same()
    await index.compact()
    await index.close()
  })

  test.each<[Fields, Fields]>([
    [{ a: 1 }, { a: "1" }],
    [{ a: 1 }, { a: [1] }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: [1] }, { a: [1, 1] }],
    [{ a: null }, {}],
    [{ a: [] }, { a: {} }],
    [{ a: {} }, {}],
    [{ a: 5 }, { a: new Date(5) }],
    [{ a: true }, { a: 1 }],
    [{ a: "\u00c5" }, { a: "A\u030a" }],
  ])("%o and %o are not equal content", async (before, after) => {
    const counting = new CountingStore(new MemoryStore())
    const index = await open(counting)
    await index.put("a", before)
    for (const record of [after, before, after]) {
      counting.reset()
      await index.put("a", record)
      expect(counting.counts.writes).toBe(1)
      expect(await index.get("a")).toStrictEqual(record)
      await index.flush()
    }
    await index.close()
  })
})

describe("durability", () => {
  /** What kind of key a write begins with, and whether it was to be durable. */
  class RecordingStore extends WrappedStore {
    writes: [kind: string, durable: boolean][] = []

    override write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
      const keys = ops.map(({ key }) => key[0])
      const kind = keys.includes(1) ? "manifest" : keys.includes(2) ? "log" : "pages"
      this.writes.push([kind, options.durable])
      return this.inner.write(ops, options)
    }

    of(kind: string): boolean[] {
      return this.writes.filter(([other]) => other === kind).map(([, durable]) => durable)
    }
  }

  async function recorded(durability: "sync" | "os" | undefined) {
    const store = new RecordingStore(new MemoryStore())
    const index = await openIndex<Fields>({ store, durability })
    store.writes = []
    return { store, index }
  }

  test.each([
    ["sync", true],
    ["os", false],
    [undefined, true],
  ] as const)("%s: each write asks the store for it (%s)", async (durability, durable) => {
    const { store, index } = await recorded(durability)
    await index.put("a", {})
    await index.update("a", { x: 1 })
    await index.batch([{ type: "put", id: "b", record: {} }], { mark: "m" })
    await index.batch([], { mark: "n" })
    await index.delete("a")
    expect(store.writes).toEqual(Array.from({ length: 5 }, () => ["log", durable]))
    store.writes = []
    await index.putMany(rows(5000))
    await index.deleteMany({ group: 1 })
    expect(store.writes.length).toBeGreaterThan(1)
    for (const write of store.writes) expect(write).toEqual(["log", durable])
    store.writes = []
    await index.flush()
    // The manifest comes last, and durable: with it all before it is.
    expect(store.writes.at(-1)).toEqual(["manifest", true])
    expect(store.of("pages").length).toBeGreaterThan(0)
    await index.close()
  })

  test.each(["sync", "os"] as const)("%s: clear, compact and close are durable", async (mode) => {
    const { store, index } = await recorded(mode)
    await index.put("a", {})
    await index.clear()
    expect(store.writes.at(-1)).toEqual(["manifest", true])
    await index.put("b", {})
    await index.flush()
    await index.put("c", {})
    await index.compact()
    expect(store.writes.at(-1)).toEqual(["manifest", true])
    await index.put("d", {})
    store.writes = []
    await index.close()
    expect(store.writes.at(-1)?.[1] ?? mode === "sync").toBe(true)
  })
})
