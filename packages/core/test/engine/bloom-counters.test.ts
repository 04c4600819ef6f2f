import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"

// Ids that the filters let through were counted as they were sifted, and again as they were found.
test("an id is counted once for each segment whose filter it is asked of", async () => {
  const index = await openIndex({ store: new MemoryStore() })
  for (let segment = 0; segment < 2; segment++) {
    const ids = Array.from({ length: 2_000 }, (_, n) => `id-${n * 2 + segment}`)
    await index.putMany(ids.map((id, n) => [id, { n }]))
    await index.flush()
  }
  // From here on the filters are in memory.
  await index.has("id-1000.5")
  const counted = async (call: () => Promise<unknown>) => {
    const before = index.stats().bloom
    await call()
    const { checked, excluded } = index.stats().bloom
    return [checked - before.checked, excluded - before.excluded]
  }
  expect(await counted(() => index.put("id-1000", { n: -1 }))).toEqual([2, 1])
  expect(await counted(() => index.put("id-1001", { n: -1 }))).toEqual([1, 0])
  expect(await counted(() => index.put("id-1000.5", { n: -1 }))).toEqual([2, 2])
  await index.close()
})
