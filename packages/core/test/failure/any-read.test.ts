import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { FaultError, FaultyStore, type StoreCall } from "../support/faulty-store.ts"
import { randomFrom } from "../support/random.ts"
import { copyOf } from "./space.ts"

interface Item {
  readonly n: number
  readonly text: string
  readonly tags: readonly string[]
  readonly odd?: boolean
}

const SIZE = 3000

/** Reads of a call that are made to fail, each in a trial of its own. */
const MOST = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 16)

const random = randomFrom(Number(process.env.TIERDEX_SEED))

const timeout = 600_000

const item = (i: number): Item => ({
  n: (i * 7919) % SIZE,
  text: `text ${i % 1500}`,
  tags: [`a${i % 5}`, `b${i % 3}`],
  ...(i % 2 === 1 ? { odd: true } : {}),
})

/** A closed store with two segments, in which every kind of page and a deletion occurs. */
async function build(): Promise<MemoryStore> {
  const store = new MemoryStore()
  const index = await openIndex<Item>({ store })
  await index.putMany(Array.from({ length: SIZE }, (_, i) => [`id${i}`, item(i)] as const))
  await index.flush()
  await index.putMany(Array.from({ length: 50 }, (_, i) => [`new${i}`, item(i)] as const))
  await index.deleteMany({ n: { $lt: 20 } })
  await index.flush()
  await index.close()
  return store
}

async function collect<V>(values: AsyncIterable<V>): Promise<V[]> {
  const collected: V[] = []
  for await (const value of values) collected.push(value)
  return collected
}

type Ask = (index: MetadataIndex<Item>) => Promise<unknown>

const look: Ask = async (index) => [index.size, await index.find({ text: "text 77" })]

/**
 * Calls that between them read every kind of page, one by one and in batches. What changes the
 * index has the same effect when it is done again, also after half of it was done.
 */
const calls: Record<string, Ask> = {
  "a count": (index) => index.count({ n: { $gte: 100, $lt: 2000 } }),
  "a sorted page": (index) => index.find({ odd: true }, { sort: { n: "desc" }, select: ["tags"] }),
  "an equality": (index) => index.getIds("text", "text 77"),
  "an absence": (index) => index.count({ text: "no such text" }),
  "an intersection": (index) => index.find({ tags: { $all: ["a1", "b2"] } }, { limit: 1000 }),
  facets: (index) => index.facets({ n: { $gt: 5 } }, ["odd", "tags"]),
  "an extent": (index) => index.extent("text", { odd: { $exists: false } }),
  records: (index) => Promise.all([index.get("id77"), index.get("new7"), index.has("none")]),
  "a stream": (index) => collect(index.ids({ n: { $gt: 2000 } })),
  "a sorted stream": (index) => collect(index.entries({}, { sort: { text: "asc" } })),
  labels: async (index) => [...(await index.matching({ odd: true }, { field: "n" }))],
  "a set": async (index) => {
    const set = await index.matching({ odd: true })
    return await set.hasMany(["id77", "id78", "new7"]).finally(() => set.close())
  },
  verify: async (index) => (await index.verify()).damage,
  "an update": (index) => index.update("id77", { n: 1 }).then(() => look(index)),
  deleteMany: (index) => index.deleteMany({ text: "text 77" }).then(() => look(index)),
  compact: (index) => index.compact().then(() => look(index)),
}

const READS: readonly StoreCall[] = ["get", "getMany", "scan"]

const homes: Record<string, (store: Store, seed: number) => Store> = {
  "at once": (store) => store,
  late: (store, seed) => new AsyncStore(store, seededDelay(seed)),
}

describe.each(Object.entries(homes))("in a store that answers %s", async (_, wrap) => {
  const image = await build()

  /** Opens a copy whose store fails once, and waits until nothing but what is asked reads. */
  async function openFailing(failAt: number) {
    await image.open()
    const faulty = new FaultyStore(await copyOf(image), { failAt, lasts: "once", kinds: READS })
    await image.close()
    const index = await openIndex<Item>({ store: wrap(faulty, failAt), durability: "os" })
    await index.flush()
    return { index, reads: () => faulty.calls.filter((call) => READS.includes(call)).length }
  }

  test.each(Object.entries(calls))(
    "a failed read fails %s once",
    { timeout },
    async (_name, ask) => {
      const whole = await openFailing(Number.POSITIVE_INFINITY)
      const before = whole.reads()
      const expected = await ask(whole.index)
      const count = whole.reads() - before
      await whole.index.close()
      expect(count).toBeGreaterThan(2)
      // All of them, or so many of them that are evenly spread.
      const step = Math.max(1, count / MOST)
      for (let read = 1 + step * random(); read < count + 1; read += step) {
        const { index } = await openFailing(before + Math.floor(read))
        await expect(ask(index), `read ${read} of ${count}`).rejects.toMatchObject({
          code: "TIERDEX_STORE_FAILED",
          cause: expect.any(FaultError),
        })
        expect(await ask(index)).toEqual(expected)
        expect(await index.put("later", item(1))).toBeUndefined()
        await index.close()
      }
    },
  )
})
