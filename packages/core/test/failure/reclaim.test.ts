import { Readable } from "node:stream"
import { describe, expect, test, vi } from "vitest"
import type { IndexReader, MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { KeyRange, Store } from "../../src/store/store.ts"
import { compareWithModel, type Fields, Model } from "../oracle.ts"
import { flipBit } from "../support/corrupt.ts"
import { FailingStore } from "../support/failing-store.ts"
import { collectGarbage } from "../support/garbage.ts"
import { PausingStore } from "../support/pausing-store.ts"
import { WrappedStore } from "../support/wrapped-store.ts"
import { contentsOf, copyOf, expectNoLeftovers } from "./space.ts"

const open = (store: Store) => openIndex<Fields>({ store, memory: "8 MiB", durability: "os" })

const record = (i: number): Fields => ({ a: i % 7, tags: [i % 3, "x"] })

/** Segments of a few records each, some of them replaced and deleted later on. */
async function fill(index: MetadataIndex<Fields>, model: Model, segments: number): Promise<void> {
  for (let segment = 0; segment < segments; segment++) {
    for (let i = segment * 8; i < segment * 8 + 10; i++) {
      await index.put(`id${i}`, record(i + segment))
      model.put(`id${i}`, record(i + segment))
    }
    await index.delete(`id${segment * 8 + 3}`)
    model.delete(`id${segment * 8 + 3}`)
    await index.flush()
  }
}

/** Waits until nothing but the segments of the manifest is left. */
async function freed(image: MemoryStore): Promise<void> {
  await vi.waitFor(async () => {
    const { named, stored } = await contentsOf(image)
    expect(stored).toEqual(named)
  })
}

/** A store that takes some turns of the event loop to free space. */
class SlowDeletions extends WrappedStore {
  override async deleteRange(range: KeyRange): Promise<void> {
    for (let left = 20; left > 0; left--) await new Promise((go) => setImmediate(go))
    await this.inner.deleteRange(range)
  }
}

type Pin = (index: MetadataIndex<Fields>, model: Model) => Promise<() => Promise<void>>

/** Ways to keep pages; each answers what checks that they are there, and lets go of them. */
const pins: Record<string, Pin> = {
  "a snapshot": async (index, model) => {
    const frozen = model.clone()
    const snapshot = await index.snapshot()
    return async () => {
      await compareWithModel(snapshot, frozen, { a: { $gt: 2 } }, { sort: { a: "desc" } })
      await snapshot.close()
    }
  },
  "a stream of ids": async (index, model) => {
    const expected = model.find({})
    const stream = index.ids({})[Symbol.asyncIterator]()
    const first = await stream.next()
    return async () => {
      const ids = [first.value]
      for (let next = await stream.next(); !next.done; next = await stream.next()) {
        ids.push(next.value)
      }
      expect(ids).toEqual(expected)
    }
  },
  "a stream that is left early": async (index, model) => {
    const [expected] = model.find({}, { sort: { a: "asc" } })
    const stream = index.entries({}, { sort: { a: "asc" } })[Symbol.asyncIterator]()
    const { value } = await stream.next()
    return async () => {
      expect(value?.[0]).toBe(expected)
      await stream.return?.()
    }
  },
  "a stream of ids that is left before it began": async (index) => {
    const stream = index.ids()[Symbol.asyncIterator]()
    return async () => void (await stream.return?.())
  },
  "a stream of batches that is left before it began": async (index) => {
    const stream = index.ids().batches()[Symbol.asyncIterator]()
    return async () => void (await stream.return?.())
  },
  "a stream of records that is left before it began": async (index) => {
    const stream = Readable.from(index.entries())
    return async () => void stream.destroy()
  },
  "a set": async (index, model) => {
    const expected = model.find({ a: 3 })
    const set = await index.matching({ a: 3 })
    return async () => {
      expect(set.size).toBe(expected.length)
      expect(await set.hasMany(expected)).toEqual(expected.map(() => true))
      await set.close()
    }
  },
}

test.each(Object.entries(pins))("%s keeps its pages over merges, and no longer", async (_, pin) => {
  const image = new MemoryStore()
  const index = await open(image)
  const model = new Model()
  await fill(index, model, 4)
  const letGo = await pin(index, model)
  const { named } = await contentsOf(image)
  await index.put("id1", { a: 99 })
  await index.deleteMany({ a: { $lt: 3 } })
  await index.compact()
  await index.clear()
  await index.put("new", { a: 1 })
  await index.flush()
  expect((await contentsOf(image)).stored).toEqual(expect.arrayContaining([...named]))
  await letGo()
  await freed(image)
  await index.close()
  await expectNoLeftovers(image)
})

/** Begins streams that nobody keeps, some of them read a little. */
async function forgetStreams(reader: IndexReader<Fields>): Promise<void> {
  reader.ids()
  reader.ids({ a: 1 }).batches()
  reader.entries({}, { sort: { a: "asc" } })
  await reader.ids()[Symbol.asyncIterator]().next()
  await reader.entries()[Symbol.asyncIterator]().next()
}

test("streams that are forgotten let go of their pages", async () => {
  const image = new MemoryStore()
  const index = await open(image)
  await fill(index, new Model(), 3)
  const snapshot = await index.snapshot()
  await forgetStreams(index)
  await forgetStreams(snapshot)
  const kept = index.ids()
  await snapshot.close()
  await index.compact()
  const { stored, named } = await contentsOf(image)
  expect(stored.length).toBeGreaterThan(named.length)
  await collectGarbage()
  // One that is still there may yet be read.
  expect((await contentsOf(image)).stored).toEqual(stored)
  let ids = 0
  for await (const _ of kept) ids++
  expect(ids).toBe(index.size)
  await vi.waitFor(async () => {
    await collectGarbage()
    const { named, stored } = await contentsOf(image)
    expect(stored).toEqual(named)
  })
  await index.close()
})

/** Makes sets that nobody keeps once this resolves, and reads one of them over a compaction. */
async function forgetSets(index: MetadataIndex<Fields>): Promise<void> {
  await index.matching({ a: 1 })
  const set = await index.matching({ a: 3 })
  await index.compact()
  await collectGarbage()
  let ids = 0
  for await (const _ of set) ids++
  expect(ids).toBe(set.size)
}

test("sets that are forgotten let go of their pages", async () => {
  const image = new MemoryStore()
  const index = await open(image)
  await fill(index, new Model(), 3)
  await forgetSets(index)
  await vi.waitFor(async () => {
    await collectGarbage()
    const { named, stored } = await contentsOf(image)
    expect(stored).toEqual(named)
  })
  await index.close()
})

test("a snapshot that expires lets go of its pages", async () => {
  const image = new MemoryStore()
  const index = await open(image)
  await fill(index, new Model(), 3)
  const snapshot = await index.snapshot({ ttlMs: 20 })
  await index.compact()
  await freed(image)
  await expect(snapshot.count()).rejects.toMatchObject({ code: "TIERDEX_SNAPSHOT_EXPIRED" })
  await index.close()
})

describe("clear", () => {
  test.each(["flush", "compact"] as const)("during a %s wins, and frees all", async (call) => {
    const image = new MemoryStore()
    const store = new PausingStore(image)
    const index = await open(store)
    await fill(index, new Model(), 5)
    await index.put("in the memtable", { a: 1 })
    store.pause()
    const running = index[call]()
    await store.held()
    await index.put("meanwhile", { a: 1 })
    const clearing = index.clear()
    const after = index.put("after", { a: 1 })
    await Promise.all([clearing, after])
    expect(await index.getIds("a", 1)).toEqual(["after"])
    // A kill at this point finds the same.
    const killed = await open(await copyOf(image))
    expect(await killed.getIds("a", 1)).toEqual(["after"])
    await killed.close()
    store.resume()
    await running
    expect(await index.getIds("a", 1)).toEqual(["after"])
    expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
    await index.flush()
    await freed(image)
    await index.close()
    await expectNoLeftovers(image)
  })

  // Its log was still being freed when the store was closed, which it took for a failure.
  test("resolves though closing follows at once", async () => {
    const image = new MemoryStore()
    const index = await open(new SlowDeletions(image))
    await fill(index, new Model(), 2)
    await index.put("in the log", { a: 1 })
    await Promise.all([index.clear(), index.close()])
    const again = await open(image)
    expect(again.size).toBe(0)
    await again.close()
    await expectNoLeftovers(image)
  })

  test("that fails in the store changes nothing", async () => {
    const image = new MemoryStore()
    const counting = new FailingStore(image, { failAt: Number.POSITIVE_INFINITY })
    const model = new Model()
    const first = await open(counting)
    await fill(first, model, 2)
    await first.close()
    const index = await open(new FailingStore(image, { failAt: 1 }))
    const letGo = await pins["a snapshot"](index, model)
    await expect(index.clear()).rejects.toMatchObject({ code: "TIERDEX_STORE_FAILED" })
    await compareWithModel(index, model, { a: 3 }, {})
    await letGo()
    await index.close()
    const again = await open(image)
    await compareWithModel(again, model, { a: 3 }, {})
    expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
    await again.close()
  })
})

test("a compaction that is aborted frees what it wrote, and all goes on", async () => {
  const image = new MemoryStore()
  const store = new PausingStore(image)
  const index = await open(store)
  const model = new Model()
  await fill(index, model, 5)
  store.pause()
  const abort = new AbortController()
  const compacting = index.compact({ signal: abort.signal }).catch((error: unknown) => error)
  await store.held()
  abort.abort(new Error("enough"))
  store.resume()
  expect(await compacting).toMatchObject({ code: "TIERDEX_ABORTED", name: "AbortError" })
  await freed(image)
  expect(index.stats().segments).toHaveLength(5)
  await index.compact()
  expect(index.stats().segments).toHaveLength(1)
  await compareWithModel(index, model, { a: 3 }, {})
  await freed(image)
  await index.close()
})

test("a compaction comes to its end under a stream of writes", async () => {
  const index = await open(new MemoryStore())
  await fill(index, new Model(), 5)
  let isOver = false
  const writing = (async () => {
    for (let i = 0; !isOver; i++) {
      await index.put(`id${i % 40}`, { a: i })
      if (i % 5 === 0) await index.flush()
      await new Promise((go) => setImmediate(go))
    }
  })()
  await index.compact()
  isOver = true
  await writing
  await index.close()
})

test("a damaged segment is not merged, and writing goes on", async () => {
  const image = new MemoryStore()
  const model = new Model()
  const first = await open(image)
  await fill(first, model, 2)
  await first.close()
  await image.open()
  // The column of the first field of the first segment.
  const key = Uint8Array.of(3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
  await flipBit(image, key, 200)
  await image.close()

  const index = await open(image)
  await expect(index.compact()).rejects.toMatchObject({
    code: "TIERDEX_CORRUPT",
    place: { segment: 1, field: "a" },
  })
  for (let i = 0; i < 20; i++) {
    await index.put(`more${i}`, { b: i })
    await index.flush()
  }
  expect(await index.count({ b: { $gte: 0 } })).toBe(20)
  expect((await index.verify()).damage).toMatchObject([{ segment: 1, field: "a" }])
  await freed(image)
  await index.close()
  await expectNoLeftovers(image)
})
