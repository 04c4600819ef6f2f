import { describe, expect, onTestFinished, test, vi } from "vitest"
import type { IndexReader } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"
import { AsyncStore } from "../support/async-store.ts"
import { all, homes, refusal, sampleIndex } from "./support.ts"

/** Every reading call, by name. */
const reads: readonly [name: string, call: (reader: IndexReader<Fields>) => unknown][] = [
  ["size", (reader) => reader.size],
  ["get", (reader) => reader.get("a")],
  ["has", (reader) => reader.has("a")],
  ["find", (reader) => reader.find({ price: 5 }, { sort: { price: "asc" }, select: ["price"] })],
  ["ids", (reader) => all(reader.ids())],
  ["sorted ids", (reader) => all(reader.ids({}, { sort: { price: "desc" } }))],
  ["batches", (reader) => all(reader.ids().batches())],
  ["entries", (reader) => all(reader.entries())],
  ["count", (reader) => reader.count({ category: "books" })],
  ["facets", (reader) => reader.facets({}, ["category"])],
  ["extent", (reader) => reader.extent("price")],
  ["matching", async (reader) => all(await reader.matching({ category: "books" }))],
  [
    "matching on a field",
    async (reader) => [...(await reader.matching({ price: 5 }, { field: "price" }))],
  ],
  ["getIds", (reader) => reader.getIds("category", "toys")],
  ["explain", async (reader) => (await reader.explain({ price: 5 })).matchedRecords],
]

const answers = (reader: IndexReader<Fields>) =>
  Promise.all(reads.map(async ([name, call]) => [name, await call(reader)] as const))

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.each(homes)("a snapshot, $name", (home) => {
  test("stays as it was over writes, flush, compact and clear", async () => {
    const index = await sampleIndex(home)
    const before = await answers(index)
    const snapshot = await index.snapshot()
    expect(await answers(snapshot)).toEqual(before)
    const steps = [
      () => index.put("e", { category: "books", price: 5, brandNew: 1 }),
      () => index.update("a", { price: 6 }),
      () => index.delete("c"),
      () => index.flush(),
      () => index.deleteMany({ category: "books" }),
      () => index.putMany([["a", { category: "toys" }]]),
      () => index.flush(),
      () => index.compact(),
      () => index.clear(),
      () => index.put("f", { price: 5 }),
      () => index.flush(),
    ]
    for (const step of steps) {
      await step()
      expect(await answers(snapshot)).toEqual(before)
    }
    expect(await snapshot.count({ brandNew: 1 })).toBe(0)
    expect(await all(index.ids())).toEqual(["f"])
    await snapshot.close()
    expect(await all(index.ids())).toEqual(["f"])
    expect(await index.verify()).toMatchObject({ ok: true })
    await index.close()
  })

  test("is not changed by another that is closed", async () => {
    const index = await sampleIndex(home)
    const first = await index.snapshot()
    const second = await index.snapshot()
    const before = await answers(first)
    await index.clear()
    await second.close()
    await index.compact()
    expect(await answers(first)).toEqual(before)
    await index.close()
  })

  test.each(reads)("%s fails after close, and after a second one", async (_name, call) => {
    const index = await sampleIndex(home)
    const snapshot = await index.snapshot()
    await snapshot.close()
    await snapshot.close()
    const error = await refusal("TIERDEX_CLOSED", () => call(snapshot))
    expect(error.message).toContain("snapshot")
    await call(index)
    await index.close()
  })

  test.each(reads)("%s fails after its time", async (_name, call) => {
    const index = await sampleIndex(home)
    const snapshot = await index.snapshot({ ttlMs: 1 })
    await sleep(10)
    const error = await refusal("TIERDEX_SNAPSHOT_EXPIRED", () => call(snapshot))
    expect(error.message).toContain("ttlMs")
    // Closing it does not hide why it ended.
    await snapshot.close()
    await refusal("TIERDEX_SNAPSHOT_EXPIRED", () => call(snapshot))
    await index.close()
  })

  test("ends its streams and sets with itself", async () => {
    const index = await home.open()
    await index.putMany(Array.from({ length: 3000 }, (_, n) => [`r${n}`, { n }]))
    const snapshot = await index.snapshot()
    const set = await snapshot.matching({ n: { $lt: 10 } })
    const stream = snapshot.ids()[Symbol.asyncIterator]()
    expect(await stream.next()).toEqual({ done: false, value: "r0" })
    await snapshot.close()
    await refusal("TIERDEX_CLOSED", () => all({ [Symbol.asyncIterator]: () => stream }))
    await refusal("TIERDEX_CLOSED", () => set.hasMany(["r0"]))
    await refusal("TIERDEX_CLOSED", () => all(set))
    await set.close()
    await index.close()
  })

  test("is closed by `await using`", async () => {
    const index = await sampleIndex(home)
    const kept = await index.snapshot()
    {
      await using snapshot = await index.snapshot()
      expect(snapshot.size).toBe(3)
    }
    await kept[Symbol.asyncDispose]()
    await refusal("TIERDEX_CLOSED", () => kept.count())
    await index.close()
  })

  test("ends with the index", async () => {
    const index = await sampleIndex(home)
    const snapshot = await index.snapshot()
    await index.close()
    for (const [, call] of reads) await refusal("TIERDEX_CLOSED", () => call(snapshot))
    await snapshot.close()
  })
})

describe.each(homes)("a closed index, $name", (home) => {
  async function closedIndex() {
    const index = await sampleIndex(home)
    await index.close()
    return index
  }

  test.each(reads)("%s", async (_name, call) => {
    const index = await closedIndex()
    const error = await refusal("TIERDEX_CLOSED", () => call(index))
    expect(error.message).toContain("index is closed")
  })

  test("refuses every other call", async () => {
    const index = await closedIndex()
    const calls = [
      () => index.put("x", {}),
      () => index.putMany([["x", {}]]),
      () => index.putMany([]),
      () => index.update("a", { price: 1 }),
      () => index.delete("a"),
      () => index.deleteMany({ category: "none" }),
      () => index.clear(),
      () => index.batch([]),
      () => index.snapshot(),
      () => index.flush(),
      () => index.compact(),
      () => index.verify(),
      () => index.stats(),
      () => index.size,
      () => index.tier,
      () => index.mark,
    ]
    for (const call of calls) await refusal("TIERDEX_CLOSED", call)
  })

  test("can be closed again, also while it closes", async () => {
    const index = await sampleIndex(home)
    await Promise.all([index.close(), index.close()])
    await index.close()
    await index[Symbol.asyncDispose]()
  })

  test("is closed by `await using`", async () => {
    const index = await sampleIndex(home)
    {
      await using _same = index
    }
    await refusal("TIERDEX_CLOSED", () => index.count())
  })

  test("ends its streams and sets", async () => {
    const index = await home.open()
    await index.putMany(Array.from({ length: 3000 }, (_, n) => [`r${n}`, { n }]))
    const set = await index.matching()
    const ids = index.ids()[Symbol.asyncIterator]()
    const entries = index.entries()[Symbol.asyncIterator]()
    await ids.next()
    await entries.next()
    await index.close()
    await refusal("TIERDEX_CLOSED", () => all({ [Symbol.asyncIterator]: () => ids }))
    await refusal("TIERDEX_CLOSED", () => all({ [Symbol.asyncIterator]: () => entries }))
    await refusal("TIERDEX_CLOSED", () => set.hasMany(["r0"]))
  })

  test("ends a putMany that is under way, which says how much it wrote", async () => {
    const index = await home.open()
    async function* source(): AsyncGenerator<[string, Fields]> {
      for (let n = 0; n < 5000; n++) yield [`r${n}`, { n }]
      await index.close()
      for (let n = 5000; n < 20_000; n++) yield [`r${n}`, { n }]
    }
    const error = await refusal("TIERDEX_CLOSED", () => index.putMany(source()))
    expect(error.committed).toBe(4000)
  })
})

describe("the time of a snapshot", () => {
  function fakeTimers() {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
  }

  test.each([
    [undefined, 10 * 60 * 1000],
    [5000, 5000],
  ])("with ttlMs %s ends after %i ms", async (ttlMs, expected) => {
    fakeTimers()
    const index = await openIndex<Fields>({ store: new MemoryStore() })
    await index.put("a", { x: 1 })
    const snapshot = await index.snapshot({ ttlMs })
    const set = await snapshot.matching()
    vi.advanceTimersByTime(expected - 1)
    expect(await snapshot.count()).toBe(1)
    vi.advanceTimersByTime(1)
    await refusal("TIERDEX_SNAPSHOT_EXPIRED", () => snapshot.count())
    await refusal("TIERDEX_SNAPSHOT_EXPIRED", () => set.hasMany(["a"]))
    await set.close()
    expect(vi.getTimerCount()).toBe(0)
    const closed = await index.snapshot()
    await closed.close()
    expect(vi.getTimerCount()).toBe(0)
    await index.close()
  })

  test.each(["expires", "is closed"])("a call that runs when it %s finishes", async (end) => {
    let arrived = () => {}
    let goOn = () => {}
    let isHeld = false
    const store = new AsyncStore(new MemoryStore(), async (operation) => {
      if (!isHeld || !operation.startsWith("get")) return
      isHeld = false
      const going = new Promise<void>((resolve) => {
        goOn = resolve
      })
      arrived()
      await going
    })
    const index = await openIndex<Fields>({ store })
    await index.putMany(Array.from({ length: 2000 }, (_, n) => [`r${n}`, { n, group: n % 2 }]))
    await index.flush()
    fakeTimers()
    const snapshot = await index.snapshot({ ttlMs: 1000 })
    const reached = new Promise<void>((resolve) => {
      arrived = resolve
    })
    isHeld = true
    const running = snapshot.find({ group: 1, n: { $gte: 1000 } }, { select: ["n"], limit: 3 })
    await reached
    if (end === "expires") vi.advanceTimersByTime(1000)
    else await snapshot.close()
    await refusal(end === "expires" ? "TIERDEX_SNAPSHOT_EXPIRED" : "TIERDEX_CLOSED", () =>
      snapshot.find(),
    )
    // Its pages stay for the call, though the index has dropped them.
    await index.clear()
    goOn()
    expect((await running).records).toEqual([{ n: 1001 }, { n: 1003 }, { n: 1005 }])
    vi.useRealTimers()
    await expect
      .poll(async () => {
        await index.flush()
        return index.stats().bytesOnDisk
      })
      .toBeLessThan(2000)
    await index.close()
  })
})

test("writes that were asked for before close are there afterwards", async () => {
  const store = new MemoryStore()
  const index = await openIndex<Fields>({ store })
  const writes = Array.from({ length: 50 }, (_, n) => index.put(`r${n}`, { n }))
  await index.close()
  await Promise.all(writes)
  const again = await openIndex<Fields>({ store })
  expect(again.size).toBe(50)
  await again.close()
})
