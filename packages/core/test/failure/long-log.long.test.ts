import { expect, test, vi } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { compareRecords, type Fields, Model } from "../oracle.ts"
import { contentsOf, copyOf } from "./space.ts"

/** More writes than a log may have, or one takes too long to replay. */
const COUNT = 410_000

/** Opens what a kill would leave, and says how much of the log is to be replayed. */
async function logAfterKill(
  image: MemoryStore,
): Promise<{ entries: number; index: MetadataIndex }> {
  const index = await openIndex({ store: await copyOf(image), durability: "os" })
  return { index, entries: index.stats().log.entries }
}

// Only what was put counted, so that the log of deletes grew without end.
test("a long log of deletes alone is flushed, and its space is freed", {
  timeout: 120_000,
}, async () => {
  const image = new MemoryStore()
  const index = await openIndex<Fields>({ store: image, durability: "os" })
  await index.putMany(
    (function* () {
      for (let i = 0; i < COUNT; i++) yield [`id${i}`, { a: 1 }] as const
    })(),
  )
  await index.flush()
  const { flushes } = index.stats()
  expect(await index.deleteMany({})).toBe(COUNT)
  await index.put("last", { a: 2 })
  await vi.waitFor(() => expect(index.stats().flushes).toBeGreaterThan(flushes), 20_000)
  const killed = await logAfterKill(image)
  expect(killed.entries).toBeLessThan(COUNT / 2_000 / 2)
  const model = new Model()
  model.put("last", { a: 2 })
  await compareRecords(killed.index, model)
  expect(await killed.index.verify()).toMatchObject({ ok: true, damage: [] })
  await killed.index.close()
  await index.close()
})

// An entry with nothing but a mark counted as no write at all.
test("a long log of marks alone is flushed", { timeout: 120_000 }, async () => {
  const image = new MemoryStore()
  const index = await openIndex<Fields>({ store: image, durability: "os" })
  await index.put("same", { a: 1 })
  for (let n = 1; n <= COUNT; n++) await index.batch([], { mark: String(n) })
  await vi.waitFor(() => expect(index.stats().flushes).toBeGreaterThan(0), 20_000)
  expect((await contentsOf(image)).oldLogEntries).toBe(0)
  const killed = await logAfterKill(image)
  expect(killed.index.mark).toBe(String(COUNT))
  expect(killed.entries).toBeLessThan(COUNT / 2)
  await killed.index.close()
  await index.close()
})
