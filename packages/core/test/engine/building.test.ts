import { randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { PausingStore } from "../support/pausing-store.ts"

test("stats tell of flushes and merges while they are under way, and where", async () => {
  const store = new PausingStore(new MemoryStore())
  const index = await openIndex({ store })
  const write = async (count: number) => {
    const ids = Array.from({ length: count }, (_, n) => `${count}-${n}`)
    await index.putMany(ids.map((id) => [id, { text: randomBytes(200).toString("hex") }]))
  }
  const buildingOf = async (call: () => Promise<unknown>) => {
    expect(index.stats()).toMatchObject({ building: [], memory: { buildingBytes: 0 } })
    store.pause()
    const called = call()
    await store.held()
    const { building, memory } = index.stats()
    expect(memory.buildingBytes).toBeGreaterThan(2 ** 19)
    expect(memory.buildingBytes).toBeLessThanOrEqual(2 ** 25)
    store.resume()
    await called
    return building
  }
  await write(10)
  expect(await buildingOf(() => index.flush())).toEqual([{ by: "flush", onThread: false }])
  await write(5_000)
  expect(await buildingOf(() => index.flush())).toEqual([{ by: "flush", onThread: true }])
  expect(await buildingOf(() => index.compact())).toEqual([{ by: "merge", onThread: true }])
  expect(index.stats()).toMatchObject({ building: [], flushes: 2, merges: 1 })
  await index.close()
})
