import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ShardedIndex } from "../../src/api.ts"
import { openShardedIndex } from "../../src/sharded/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { LateStore, seededDelay } from "../support/async-store.ts"
import { expectHolds, type Row } from "./holds.ts"

const numRuns = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 5)

const ids = fc.integer({ min: 0, max: 40 }).map((i) => `r-${i % 10}-${i}`)

type Call =
  | { readonly type: "put" | "update" | "delete"; readonly id: string }
  | { readonly type: "batch" | "putMany"; readonly ids: readonly string[] }
  | { readonly type: "deleteMany"; readonly below: number }
  | { readonly type: "clear" | "flush" | "wait" }

const calls: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    type: fc.constantFrom("put" as const, "update" as const, "delete" as const),
    id: ids,
  }),
  fc.record({
    type: fc.constantFrom("batch" as const, "putMany" as const),
    ids: fc.array(ids, { minLength: 1, maxLength: 12 }),
  }),
  fc.record({ type: fc.constant("deleteMany" as const), below: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ type: fc.constantFrom("flush" as const, "wait" as const, "wait" as const) }),
  { weight: 1, arbitrary: fc.constant({ type: "clear" as const }) },
)

/** Makes calls without awaiting them, and does the same to a model. */
class Client {
  readonly model = new Map<string, Row>()
  readonly #index: ShardedIndex<Row>
  readonly #made: Promise<unknown>[] = []
  #n = 0

  constructor(index: ShardedIndex<Row>) {
    this.#index = index
  }

  /** @returns what to wait for before the next call, if anything */
  call(call: Call): Promise<unknown> | undefined {
    const index = this.#index
    const n = ++this.#n
    switch (call.type) {
      case "put":
        this.#made.push(index.put(call.id, { n }))
        this.model.set(call.id, { n })
        return undefined
      case "update": {
        const isThere = this.model.has(call.id)
        this.#made.push(index.update(call.id, { n }).then((was) => expect(was).toBe(isThere)))
        if (isThere) this.model.set(call.id, { n })
        return undefined
      }
      case "delete": {
        const isThere = this.model.delete(call.id)
        this.#made.push(index.delete(call.id).then((was) => expect(was).toBe(isThere)))
        return undefined
      }
      case "batch":
        this.#made.push(index.batch(call.ids.map((id) => ({ type: "put", id, record: { n } }))))
        for (const id of call.ids) this.model.set(id, { n })
        return undefined
      case "putMany":
        this.#made.push(index.putMany(call.ids.map((id) => [id, { n }] as const)))
        for (const id of call.ids) this.model.set(id, { n })
        return undefined
      case "deleteMany":
        for (const [id, row] of this.model) if (row.n < call.below) this.model.delete(id)
        // What is written again while it goes on would stay.
        return index.deleteMany({ n: { $lt: call.below } })
      case "clear":
        this.#made.push(index.clear())
        this.model.clear()
        return undefined
      case "flush":
        this.#made.push(index.flush())
        return undefined
      case "wait":
        return new Promise((go) => setImmediate(go))
    }
  }

  async settle(): Promise<void> {
    await Promise.all(this.#made)
  }
}

type Grow = (index: ShardedIndex<Row>, n: number) => Promise<void>

const grows: Readonly<Record<string, Grow>> = {
  add: (index, n) => index.addShard({ name: `new ${n}`, store: new MemoryStore() }),
  split: (index, n) => {
    const options = index.stats().epoch > 0 ? { at: `r-${n % 10}` } : {}
    const shard = { name: `new ${n}`, store: new MemoryStore() }
    return index.splitShard(index.shards[0], shard, options)
  },
  merge: (index) => index.mergeShards(index.shards[0], index.shards[index.shards.length - 1]),
}

describe.each(["hash", "range"] as const)("shards by %s that grow", (by) => {
  /** @param isLate whether stores take their time, which makes a move take many turns */
  async function open(seed: number, isLate = true): Promise<ShardedIndex<Row>> {
    const store = () =>
      isLate ? new LateStore(new MemoryStore(), seededDelay(seed)) : new MemoryStore()
    return await openShardedIndex<Row>({
      shards: ["a", "b", "c"].map((name) => ({ name, store: store() })),
      by,
      splitKeys: by === "range" ? ["r-3", "r-6"] : [],
      map: store(),
      durability: seed % 2 === 0 ? "os" : "sync",
    })
  }

  test("take writes in the order of their calls, awaited or not", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(calls, { minLength: 5, maxLength: 60 }),
        fc.array(fc.record({ at: fc.nat(59), name: fc.constantFrom("add", "split", "merge") }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.nat(1000),
        async (steps, growings, seed) => {
          const index = await open(seed)
          const client = new Client(index)
          const growing: Promise<unknown>[] = []
          let added = 0
          for (const [i, step] of steps.entries()) {
            for (const { at, name } of growings) {
              if (at !== i) continue
              // A cut may leave nothing to be moved, and there may be one shard left.
              growing.push(grows[name](index, ++added).catch(expectRefusal))
            }
            await client.call(step)
            if (i % 7 === 0) {
              // Whatever is on its way, no id is ever seen twice.
              const seen = await index.getIds("n", i)
              expect(new Set(seen).size).toBe(seen.length)
            }
          }
          await client.settle()
          await Promise.all(growing)
          expect(index.isGrowing).toBe(false)
          await expectHolds(index, client.model)
          await index.close()
        },
      ),
      { numRuns },
    )
  })

  test("answer alike at every moment of a move", async () => {
    const index = await open(0, false)
    const rows = Array.from({ length: 700 }, (_, n) => [`r-${n % 10}-${n}`, { n }] as const)
    await index.putMany(rows)
    const sum = (rows.length * (rows.length - 1)) / 2
    let isDone = false
    const growing = (async () => {
      await index.addShard({ name: "d", store: new MemoryStore() })
      await index.mergeShards("a", "c")
    })().finally(() => {
      isDone = true
    })
    let asked = 0
    while (!isDone) {
      expect(index.size).toBe(rows.length)
      expect(await index.count({ n: { $gte: 500 } })).toBe(200)
      const { n } = await index.facets({}, ["n"], { limit: rows.length })
      expect(n.reduce((total, { value, count }) => total + Number(value) * count, 0)).toBe(sum)
      const { ids: top } = await index.find({}, { sort: { n: "desc" }, limit: 3 })
      expect(top).toEqual(["r-9-699", "r-8-698", "r-7-697"])
      const [id] = rows[asked % rows.length]
      expect(await index.has(id)).toBe(true)
      expect(await index.getIds("n", asked % rows.length)).toEqual([id])
      let streamed = 0
      for await (const batch of index.ids({ n: { $lt: 300 } }).batches()) streamed += batch.length
      expect(streamed).toBe(300)
      await askSnapshot(index, rows)
      asked++
    }
    await growing
    expect(asked).toBeGreaterThan(3)
    expect(index.shards).toEqual(["b", "c", "d"])
    await expectHolds(index, new Map(rows))
    await index.close()
  })

  test("stay as they are when a move is aborted, and go on later", async () => {
    const index = await open(0)
    const rows = Array.from({ length: 3000 }, (_, n) => [`r-${n % 10}-${n}`, { n }] as const)
    await index.putMany(rows)
    const controller = new AbortController()
    const moved: number[] = []
    const adding = index.addShard(
      { name: "d", store: new MemoryStore() },
      {
        signal: controller.signal,
        onProgress: ({ done, unit }) => {
          expect(unit).toBe("records")
          moved.push(done)
          controller.abort("enough")
        },
      },
    )
    await expect(adding).rejects.toMatchObject({ code: "TIERDEX_ABORTED", cause: "enough" })
    expect(moved).toHaveLength(1)
    expect(index.isGrowing).toBe(true)
    expect(index.shards).toEqual(["a", "b", "c", "d"])
    const model = new Map<string, Row>(rows)
    await expectHolds(index, model)
    for (let i = 0; i < 300; i++) {
      const id = `r-${i % 10}-${i}`
      if (i % 3 === 0) {
        expect(await index.delete(id)).toBe(true)
        model.delete(id)
      } else {
        expect(await index.update(id, { n: -i })).toBe(true)
        model.set(id, { n: -i })
      }
    }
    expect(await index.deleteMany({ n: { $gte: 2900 } })).toBe(100)
    for (const [id, { n }] of model) if (n >= 2900) model.delete(id)
    await expectHolds(index, model)
    await index.resume()
    expect(index.isGrowing).toBe(false)
    await expectHolds(index, model)
    await index.close()
  })
})

async function askSnapshot(
  index: ShardedIndex<Row>,
  rows: readonly (readonly [string, Row])[],
): Promise<void> {
  const snapshot = await index.snapshot()
  expect(await snapshot.count()).toBe(rows.length)
  const set = await snapshot.matching({ n: { $lt: 10 } })
  expect(await set.hasMany(rows.slice(5, 15).map(([id]) => id))).toEqual(
    Array.from({ length: 10 }, (_, i) => i < 5),
  )
  await set.close()
  await snapshot.close()
}

test("a shard that is merged away answers those that read it, and closes after them", async () => {
  const stores = new Map(["a", "b", "map"].map((name) => [name, new MemoryStore()]))
  const index = await openShardedIndex<Row>({
    shards: ["a", "b"].map((name) => ({ name, store: stores.get(name) })),
    map: stores.get("map"),
  })
  const rows = Array.from({ length: 4000 }, (_, n) => [`r-${n}`, { n }] as const)
  await index.putMany(rows)
  const snapshot = await index.snapshot()
  const set = await index.matching({ n: { $lt: 100 } })
  const stream = index.ids()[Symbol.asyncIterator]()
  const seen = [(await stream.next()).value]
  let isMerged = false
  const merging = index.mergeShards("a", "b").then(() => {
    isMerged = true
  })
  while (index.shards.length > 1) await new Promise((go) => setImmediate(go))
  await index.put("more", { n: -1 })
  expect(await snapshot.count()).toBe(4000)
  expect(await set.hasMany(["r-1", "r-2000", "more"])).toEqual([true, false, false])
  for (let next = await stream.next(); !next.done; next = await stream.next()) seen.push(next.value)
  expect(seen).toEqual(rows.map(([id]) => id))
  await snapshot.close()
  expect(isMerged).toBe(false)
  await set.close()
  await merging
  // It is closed: another may open its store.
  await stores.get("a")?.open()
  await index.close()
})

function expectRefusal(error: unknown): void {
  expect(error).toMatchObject({ code: "TIERDEX_INVALID_OPTION" })
}
