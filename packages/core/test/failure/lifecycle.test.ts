import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle/fields.ts"
import { PausingStore } from "../support/pausing-store.ts"

test("writers wait while flushing falls behind", async () => {
  const store = new PausingStore(new MemoryStore())
  const index = await openIndex<Fields>({ store, memory: "8 MiB", durability: "os" })
  store.pause()
  let done = 0
  const writing = index.putMany(
    Array.from(
      { length: 60_000 },
      (_, i) => [`id${i}`, { a: i, text: `text ${i % 977}` }] as const,
    ),
    {
      onProgress: (progress) => {
        done = progress.done
      },
    },
  )
  await store.held()
  for (let last = -1; last !== done; ) {
    last = done
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  console.log(done, index.stats())
  expect(done).toBeLessThan(60_000)
  store.resume()
  expect(await writing).toBe(60_000)
  console.log(index.stats().memory)
  await index.close()
})
