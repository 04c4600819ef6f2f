import { Buffer } from "node:buffer"
import { describe, expect, test } from "vitest"
import { build } from "../../src/build/builder.ts"
import { FileKind, pageKey } from "../../src/pages/keys.ts"
import { readAhead } from "../../src/segment/build-memory.ts"
import type { Store } from "../../src/store/store.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { flipBit } from "../support/corrupt.ts"
import { CountingStore } from "../support/counting-store.ts"
import { FailingStore } from "../support/failing-store.ts"
import { contentsOf, flushJob, longTextsJob, mergeJob, openStore } from "./jobs.ts"

const wrappers: Record<string, (store: Store) => Store> = {
  synchronous: (store) => store,
  asynchronous: (store) => new AsyncStore(store, seededDelay(1)),
}

describe.each(Object.entries(wrappers))("over an %s store", (_name, wrap) => {
  test("a thread makes of a memtable the pages that this thread makes", async () => {
    const [here, there] = [await openStore(), await openStore()]
    const expected = await build(flushJob(1), here, true)
    expect(await build(flushJob(1), wrap(there), false)).toEqual(expected)
    const contents = await contentsOf(here)
    expect(contents.size).toBeGreaterThan(20)
    expect(await contentsOf(there)).toEqual(contents)
  })

  test("a thread makes of segments the pages that this thread makes", async () => {
    const [here, there] = [await openStore(), await openStore()]
    const job = await mergeJob(here)
    await mergeJob(there)
    const done: number[] = []
    const onField = () => done.push(done.length)
    const expected = await build(job, here, true, { onField })
    expect(done).toHaveLength(5)
    expect(await build(job, wrap(there), false, { onField })).toEqual(expected)
    expect(done).toHaveLength(10)
    expect(await contentsOf(there)).toEqual(await contentsOf(here))
  })
})

test("one thread makes several segments at the same time", async () => {
  const stores = await Promise.all([1, 2, 3].map(openStore))
  const made = await Promise.all(stores.map((store, i) => build(flushJob(i + 1), store, false)))
  for (const [i, store] of stores.entries()) {
    const alone = await openStore()
    expect(made[i]).toEqual(await build(flushJob(i + 1), alone, true))
    expect(await contentsOf(store)).toEqual(await contentsOf(alone))
  }
})

test("read-ahead reads no page twice, even with next to no memory", async () => {
  for (const cacheBytes of [1, 2 ** 24]) {
    const store = await openStore()
    const job = { ...(await mergeJob(store)), readAhead: readAhead(cacheBytes, 3) }
    const counting = new CountingStore(store)
    const stored = await contentsOf(store)
    await build(job, counting, false)
    const keys = counting.counts.keysRead.map((key) => Buffer.from(key).toString("hex"))
    // Without a thread, a synchronous store is never asked for several pages at once.
    expect(counting.counts.getManys).toBeGreaterThan(0)
    // Pages of columns with one value are not stored, and looked for in vain.
    const read = keys.filter((key) => stored.has(key))
    expect(read.length).toBeGreaterThan(20)
    if (cacheBytes > 1) expect(new Set(read).size).toBe(read.length)
    const alone = await openStore()
    await build(await mergeJob(alone), alone, true)
    expect(await contentsOf(store)).toEqual(await contentsOf(alone))
  }
})

describe("what goes wrong in a thread", () => {
  test("a failed write is the error of the store itself", async () => {
    const error = new Error("ENOSPC: no space left on device, write")
    for (const failAt of [1, 2]) {
      const store = new FailingStore(await openStore(), { failAt, error })
      await expect(build(longTextsJob(), store, false)).rejects.toBe(error)
      expect(store.writes).toBe(failAt)
    }
  })

  test("a failed read is the error of the store itself", async () => {
    const store = await openStore()
    const job = await mergeJob(store)
    const error = new Error("EIO: i/o error, read")
    const broken = Object.create(store, {
      getMany: { value: () => Promise.reject(error) },
    })
    await expect(build(job, broken, false)).rejects.toBe(error)
  })

  test("a damaged page is named", async () => {
    const store = await openStore()
    const job = await mergeJob(store)
    const file = { segment: 2, field: 1, kind: FileKind.tree }
    await flipBit(store, pageKey(file, 0), 999)
    await expect(build(job, store, false)).rejects.toMatchObject({
      name: "TierdexError",
      code: "TIERDEX_CORRUPT",
      message: expect.stringContaining('field "name", segment 2'),
      place: { segment: 2, field: "name", page: 0 },
    })
  })

  test("an abort ends it, with the reason as cause, and nothing is written any more", async () => {
    const store = new CountingStore(await openStore())
    const controller = new AbortController()
    const reason = new Error("enough")
    const job = await mergeJob(store)
    const merging = build(job, store, false, {
      signal: controller.signal,
      onField: () => controller.abort(reason),
    })
    await expect(merging).rejects.toMatchObject({ code: "TIERDEX_ABORTED", cause: reason })
    const { writes } = store.counts
    await new Promise((go) => setTimeout(go, 50))
    expect(store.counts.writes).toBe(writes)
    const late = build(job, store, false, { signal: controller.signal })
    await expect(late).rejects.toMatchObject({ code: "TIERDEX_ABORTED", cause: reason })
  })

  test("what a callback throws ends it, and is the error", async () => {
    const store = await openStore()
    const failure = new Error("no more")
    const merging = build(await mergeJob(store), store, false, {
      onField: () => {
        throw failure
      },
    })
    await expect(merging).rejects.toBe(failure)
  })
})
