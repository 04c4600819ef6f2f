import { expect, test } from "vitest"
import type { IndexOptions } from "../../src/api/options.ts"
import type { MetadataIndex } from "../../src/api.ts"
import { codeOf } from "../../src/errors.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import type { Fields } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { CrashingStore } from "../support/crashing-store.ts"
import { KeyType, PausingStore } from "../support/pausing-store.ts"
import { copyOf, expectNoLeftovers } from "./space.ts"

const open = (store: Store, options: IndexOptions = {}) =>
  openIndex<Fields>({ store, memory: "8 MiB", durability: "os", ...options })

const record = (i: number): Fields => ({ a: i, text: `text ${i % 977}` })

function* records(from: number, to: number): Generator<readonly [string, Fields]> {
  for (let i = from; i < to; i++) yield [`id${i}`, record(i)]
}

const settled = (call: Promise<unknown>) => call.then(() => "done", codeOf)

/** Several segments of a few records each. */
async function fill(index: MetadataIndex<Fields>, segments: number): Promise<void> {
  for (let i = 0; i < segments; i++) {
    await index.putMany(records(i * 10, i * 10 + 10))
    await index.flush()
  }
}

test("writers wait while flushing falls behind, and memory stays bounded", async () => {
  const store = new PausingStore(new MemoryStore())
  const index = await open(store)
  store.pause()
  let done = 0
  const writing = index.putMany(records(0, 60_000), {
    onProgress: (progress) => {
      done = progress.done
    },
  })
  await store.held()
  for (let last = -1; last !== done; ) {
    last = done
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(done).toBeGreaterThan(0)
  expect(done).toBeLessThan(60_000)
  // Two memtables of 1.25 MiB, and what the last slice adds to each.
  expect(index.stats().memory.memtableBytes).toBeLessThan(4 * 2 ** 20)
  // Reading goes on.
  expect(await index.get("id0")).toEqual(record(0))
  store.resume()
  expect(await writing).toBe(60_000)
  expect(await index.count({ a: { $gte: 30_000 } })).toBe(30_000)
  await index.close()
})

test("a field that comes up while the manifest is written is not lost in a crash", async () => {
  const image = new MemoryStore()
  const store = new PausingStore(image)
  const index = await open(store)
  await index.put("old", { a: 1 })
  store.pause(KeyType.manifest)
  const flushing = index.flush()
  await store.held()
  const putting = index.put("new", { b: 2 })
  store.resume()
  await Promise.all([flushing, putting])
  const killed = await open(await copyOf(image))
  expect(await killed.get("new")).toEqual({ b: 2 })
  expect(await killed.count({ b: 2 })).toBe(1)
  await killed.close()
  await index.close()
})

test("an aborted compaction does not wait for what others began, and lets that go on", async () => {
  const store = new PausingStore(new MemoryStore())
  const index = await open(store)
  const abortWhileHeld = async () => {
    const abort = new AbortController()
    const compacting = settled(index.compact({ signal: abort.signal }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    abort.abort()
    expect(await compacting).toBe("TIERDEX_ABORTED")
  }
  await fill(index, 7)
  await index.putMany(records(70, 80))
  store.pause()
  const flushing = index.flush()
  await store.held()
  await abortWhileHeld()
  store.resume()
  // The eighth segment begins a merge.
  store.pause()
  await flushing
  await store.held()
  await abortWhileHeld()
  store.resume()
  await index.compact()
  expect(index.stats()).toMatchObject({ flushes: 8, merges: 1, segments: [{ liveRecords: 80 }] })
  await index.close()
})

test("closing ends a merge; what it wrote is freed at the next opening", async () => {
  const image = new MemoryStore()
  const store = new PausingStore(image)
  let index = await open(store)
  await fill(index, 5)
  store.pause()
  const compacting = settled(index.compact())
  await store.held()
  const closing = index.close()
  store.resume()
  await closing
  expect(await compacting).toBe("TIERDEX_CLOSED")
  index = await open(store)
  expect(index.stats().segments).toHaveLength(5)
  expect(index.size).toBe(50)
  await index.close()
  await expectNoLeftovers(image)
})

test("closing during a flush keeps the records durable, in the log or in a segment", async () => {
  for (const durability of ["os", "sync"] as const) {
    const disk = new CrashingStore()
    const store = new PausingStore(disk)
    const index = await open(store, { durability })
    await index.putMany(records(0, 10))
    store.pause()
    const flushing = settled(index.flush())
    await store.held()
    await index.put("later", record(10))
    const closing = index.close()
    store.resume()
    await closing
    expect(["done", "TIERDEX_CLOSED"]).toContain(await flushing)
    const again = await open(await disk.afterCrash(0))
    expect(again.size).toBe(11)
    expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
    await again.close()
  }
})

test("close may be called often, and waits for the writes before it", async () => {
  const image = new MemoryStore()
  const index = await open(new AsyncStore(image, seededDelay(1)))
  const writes = [index.put("a", record(1)), index.batch([{ type: "put", id: "b", record: {} }])]
  const closing = [index.close(), index.close(), index[Symbol.asyncDispose]()]
  const late = settled(index.put("late", record(1)))
  await Promise.all([...writes, ...closing])
  await index.close()
  expect(await late).toBe("TIERDEX_CLOSED")
  const calls: Record<string, () => unknown> = {
    get: () => index.get("a"),
    find: () => index.find({}),
    put: () => index.put("c", {}),
    update: () => index.update("a", {}),
    delete: () => index.delete("a"),
    deleteMany: () => index.deleteMany({}),
    putMany: () => index.putMany(records(0, 1)),
    batch: () => index.batch([]),
    clear: () => index.clear(),
    flush: () => index.flush(),
    compact: () => index.compact(),
    verify: () => index.verify(),
    snapshot: () => index.snapshot(),
    matching: () => index.matching({}),
    ids: () => index.ids()[Symbol.asyncIterator]().next(),
  }
  for (const [name, call] of Object.entries(calls)) {
    expect(await settled(Promise.resolve().then(call)), name).toBe("TIERDEX_CLOSED")
  }
  const again = await open(image)
  expect(again.size).toBe(2)
  await again.close()
})

test("long writes and reads that closing meets end with what they did, or a code", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const image = new MemoryStore()
    const store = new AsyncStore(image, seededDelay(seed))
    const index = await open(store)
    await fill(index, 4)
    let committed = 0
    const writing = index.putMany(records(1000, 9000)).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "TIERDEX_CLOSED" })
      if (error instanceof Error && "committed" in error) committed = Number(error.committed)
      return committed
    })
    const calls = [
      index.count({ a: { $lt: 40 } }),
      index.find({ text: { $prefix: "t" } }, { sort: { a: "desc" } }),
      index.deleteMany({ a: { $lt: 5 } }),
      index.compact(),
      index.verify(),
    ].map(settled)
    for (let turns = seed * 2; turns > 0; turns--) await new Promise((go) => setImmediate(go))
    await index.close()
    for (const call of calls) expect(["done", "TIERDEX_CLOSED"]).toContain(await call)
    committed = await writing
    const again = await open(image)
    expect(await again.count({ a: { $gte: 1000 } })).toBe(committed)
    expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
    await again.close()
    await expectNoLeftovers(image)
  }
})
