import { expect, test } from "vitest"
import { drive } from "../../src/cache/steps.ts"
import { pageKey } from "../../src/pages/keys.ts"
import { PageWriter } from "../../src/pages/page.ts"
import { PageSink } from "../../src/pages/page-sink.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { CountingStore } from "../support/counting-store.ts"
import { FailingStore } from "../support/failing-store.ts"

const FILE = { segment: 1, field: 2, kind: 3 }
const MEBIBYTE = 2 ** 20

function put(sink: PageSink, page: number, size: number): void {
  const writer = new PageWriter()
  writer.raw(new Uint8Array(size).fill(page))
  sink.put(FILE, page, writer)
}

test("pages are written in batches, none lost, not durably", async () => {
  const store = new CountingStore(new AsyncStore(new MemoryStore(), seededDelay(1)))
  await store.open()
  const sink = new PageSink(store, MEBIBYTE)
  await drive(
    (function* () {
      for (let page = 0; page < 300; page++) {
        put(sink, page, 16_000)
        if (sink.isFull) yield* sink.drain()
      }
      yield* sink.finish()
    })(),
  )
  const { writes, durableWrites, puts, bytesWritten } = store.counts
  expect(puts).toBe(300)
  expect(writes).toBe(Math.ceil((300 * 16_012) / MEBIBYTE))
  expect(durableWrites).toBe(0)
  expect(sink.bytes).toBe(300 * 16_012)
  expect(bytesWritten).toBe(sink.bytes + 300 * 12)
  for (const page of [0, 66, 299]) {
    expect((await store.get(pageKey(FILE, page)))?.at(10)).toBe(page & 255)
  }
})

test("one write is under way at a time", async () => {
  const inner = new MemoryStore()
  let running = 0
  let most = 0
  const store = new AsyncStore(inner, async () => {
    await new Promise((go) => setImmediate(go))
  })
  const write = store.write.bind(store)
  store.write = async (ops, options) => {
    most = Math.max(most, ++running)
    await write(ops, options)
    running--
  }
  await store.open()
  const sink = new PageSink(store, MEBIBYTE)
  for (let page = 0; page < 5; page++) {
    put(sink, page, 100)
    await drive(sink.drain())
  }
  await drive(sink.finish())
  expect([most, running]).toEqual([1, 0])
})

test("finishing with nothing written is no write", async () => {
  const store = new CountingStore(new MemoryStore())
  await store.open()
  await drive(new PageSink(store, MEBIBYTE).finish())
  expect(store.counts.writes).toBe(0)
})

test.each([1, 2, 3])("a failure of write %i surfaces, at the latest at the end", async (failAt) => {
  const store = new FailingStore(new MemoryStore(), { failAt, once: true })
  await store.open()
  const sink = new PageSink(store, MEBIBYTE)
  const all = drive(
    (function* () {
      for (let page = 0; page < 3; page++) {
        put(sink, page, 100)
        yield* sink.drain()
      }
      yield* sink.finish()
    })(),
  )
  await expect(all).rejects.toThrow(/ENOSPC/)
  // What comes after the failed write is not written in its place.
  expect(store.writes).toBe(failAt)
})
