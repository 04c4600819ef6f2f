import { describe, expect, test, vi } from "vitest"
import type { ShardedIndex, ShardedIndexOptions } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { openShardedIndex } from "../../src/sharded/open.ts"
import { SLOTS, slotOf } from "../../src/sharded/slots.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { all, refusal } from "../api/support.ts"
import { FaultyStore } from "../support/faulty-store.ts"
import { expectHolds, type Row } from "./holds.ts"

const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => [`r-${n % 10}-${n}`, { n }] as const)

const memoryShards = (...names: string[]) => names.map((name) => ({ name }))

function idIn(half: 0 | 1): string {
  const ids = Array.from({ length: 100 }, (_, i) => `id-${i}`)
  const id = ids.find((each) => Math.floor((slotOf(Buffer.from(each)) * 2) / SLOTS) === half)
  if (id === undefined) throw new Error("No id has such a slot.")
  return id
}

describe("opening", () => {
  test.each<readonly [string, object]>([
    ["no shards", { shards: [] }],
    ["shards that are no array", { shards: 3 }],
    ["a shard without a name", { shards: [{}] }],
    ["two shards of one name", { shards: memoryShards("a", "a") }],
    ["an unknown option", { shards: memoryShards("a"), sharding: "hash" }],
    ["an unknown option of a shard", { shards: [{ name: "a", path: "x" }] }],
    ["a store that is none", { shards: [{ name: "a", store: {} }], map: new MemoryStore() }],
    ["a stored shard without a map", { shards: [{ name: "a", store: new MemoryStore() }] }],
    ["a store and a worker", { shards: [{ name: "a", store: new MemoryStore(), worker: {} }] }],
    ["a worker without a factory", { shards: [{ name: "a", worker: { module: "x" } }] }],
    ["an unknown way to part", { shards: memoryShards("a"), by: "size" }],
    ["keys for hashing", { shards: memoryShards("a", "b"), splitKeys: ["m"] }],
    ["too few keys", { shards: memoryShards("a", "b", "c"), by: "range", splitKeys: ["m"] }],
    [
      "keys out of order",
      { shards: memoryShards("a", "b", "c"), by: "range", splitKeys: ["m", "b"] },
    ],
    ["a time that is none", { shards: memoryShards("a"), timeoutMs: 0 }],
    [
      "too little memory",
      {
        shards: [{ name: "a", store: new MemoryStore() }, { name: "b" }],
        map: new MemoryStore(),
        memory: "15 MiB",
      },
    ],
  ])("refuses %s", async (_, options) => {
    await refusal("TIERDEX_INVALID_OPTION", () =>
      // What plain JavaScript may pass.
      Reflect.apply(openShardedIndex, undefined, [options]),
    )
  })

  test("keeps shards, how they are parted and their stores together", async () => {
    const stores = { a: new MemoryStore(), b: new MemoryStore() }
    const map = new MemoryStore()
    const shards = [
      { name: "a", store: stores.a },
      { name: "b", store: stores.b },
    ]
    const index = await openShardedIndex<Row>({ shards, map })
    await index.putMany(rows(50))
    await index.close()
    const refused = async (options: ShardedIndexOptions, part: string) => {
      const error = await refusal("TIERDEX_INVALID_OPTION", () => openShardedIndex<Row>(options))
      expect(error.message).toContain(part)
    }
    await refused({ shards, map, by: "range" }, "parted")
    await refused({ shards: shards.slice(1), map }, "lacks")
    await refused({ shards: [...shards, { name: "c" }], map }, "addShard")
    const swapped = [
      { name: "a", store: stores.b },
      { name: "b", store: stores.a },
    ]
    await refused({ shards: swapped, map }, "not the one that it had")
    const emptied = [shards[0], { name: "b", store: new MemoryStore() }]
    await refused({ shards: emptied, map }, "not the one that it had")
    await refused({ shards, map: new MemoryStore() }, "holds an index")
    await refusal("TIERDEX_UNSUPPORTED_FORMAT", () =>
      openShardedIndex({ shards: memoryShards("a"), map: stores.a }),
    )
    await refusal("TIERDEX_FIELDS_CHANGED", () =>
      openShardedIndex({ shards, map, fields: { exclude: ["x"] } }),
    )
    const again = await openShardedIndex<Row>({ shards, map })
    await expectHolds(again, new Map(rows(50)))
    await again.close()
  })

  test("finds a damaged map", async () => {
    const map = new MemoryStore()
    const shards = [{ name: "a", store: new MemoryStore() }]
    await (await openShardedIndex({ shards, map })).close()
    await map.open()
    const key = new TextEncoder().encode("tierdex.shard-map")
    const value = map.get(key) ?? new Uint8Array()
    const damaged = Uint8Array.from(value)
    damaged[30] ^= 1
    await map.write([{ type: "put", key, value: damaged }])
    await map.close()
    await refusal("TIERDEX_CORRUPT", () => openShardedIndex({ shards, map }))
  })

  test("goes on without a shard if it may", async () => {
    const store = new MemoryStore()
    const map = new MemoryStore()
    const names = ["a", "b"]
    const healthy = () => [
      { name: "a", store },
      { name: "b", store: damagedStore },
    ]
    const damagedStore = new MemoryStore()
    const index = await openShardedIndex<Row>({ shards: healthy(), map })
    await index.put(idIn(0), { n: 1 })
    await index.put(idIn(1), { n: 2 })
    await index.close()
    const shards = [
      { name: "a", store },
      { name: "b", store: new FaultyStore(damagedStore, { failAt: 1, lasts: "all" }) },
    ]
    const error = await refusal("TIERDEX_STORE_FAILED", () => openShardedIndex({ shards, map }))
    expect(error.shard).toBe("b")
    const partial = await openShardedIndex<Row>({ shards, map, allowPartial: true })
    expect(partial.shards).toEqual(names)
    expect(await partial.get(idIn(0))).toEqual({ n: 1 })
    expect(await refusal("TIERDEX_STORE_FAILED", () => partial.get(idIn(1)))).toMatchObject({
      shard: "b",
    })
    await refusal("TIERDEX_STORE_FAILED", () => partial.count())
    await refusal("TIERDEX_STORE_FAILED", () => all(partial.ids()))
    await partial.put(idIn(0), { n: 3 })
    await refusal("TIERDEX_STORE_FAILED", () => partial.put(idIn(1), { n: 3 }))
    const { result, missing } = await partial.allowPartial(async (reader) => ({
      ids: await all(reader.ids()),
      count: await reader.count(),
      has: await reader.has(idIn(1)),
      found: (await reader.find()).ids,
      facets: await reader.facets({}, ["n"]),
      extent: await reader.extent("n"),
      integers: [...(await reader.matching({}, { field: "n" }))],
      set: await all(await reader.matching()),
      explained: (await reader.explain()).matchedRecords,
    }))
    expect(result).toEqual({
      ids: [idIn(0)],
      count: 1,
      has: false,
      found: [idIn(0)],
      facets: { n: [{ value: 3, count: 1 }] },
      extent: { min: 3, max: 3 },
      integers: [3],
      set: [idIn(0)],
      explained: 1,
    })
    expect(missing).toMatchObject({ b: { code: "TIERDEX_STORE_FAILED", shard: "b" } })
    await partial.reopenShard({ name: "b", store: damagedStore })
    await expectHolds(
      partial,
      new Map([
        [idIn(0), { n: 3 }],
        [idIn(1), { n: 2 }],
      ]),
    )
    expect(await partial.allowPartial((reader) => reader.count())).toEqual({
      result: 2,
      missing: {},
    })
    await partial.close()
  })
})

test("a batch is checked before any shard has a part of it", async () => {
  const index = await openShardedIndex<Record<string, unknown>>({ shards: memoryShards("a", "b") })
  const error = await refusal("TIERDEX_INVALID_VALUE", () =>
    index.batch([
      { type: "put", id: idIn(0), record: { n: 1 } },
      { type: "put", id: idIn(1), record: { n: Number.NaN } },
    ]),
  )
  expect(error).toMatchObject({ id: idIn(1), position: 1 })
  expect(index.size).toBe(0)
  const stopped = await refusal("TIERDEX_INVALID_VALUE", () =>
    index.putMany([
      [idIn(0), { n: 1 }],
      [idIn(1), { n: Number.NaN }],
    ]),
  )
  expect(stopped).toMatchObject({ id: idIn(1), position: 1, committed: 1 })
  expect(index.size).toBe(1)
  await index.close()
})

test("when a shard fails, the others have their part and the error names it", async () => {
  const failing = new FaultyStore(new MemoryStore(), { failAt: 12, kinds: ["write"], lasts: "all" })
  const index = await openShardedIndex<Row>({
    shards: [
      { name: "a", store: new MemoryStore() },
      { name: "b", store: failing },
    ],
    map: new MemoryStore(),
  })
  let failure: unknown
  let n = 0
  while (failure === undefined) {
    const ops = [idIn(0), idIn(1)].map((id) => ({ type: "put", id, record: { n } }) as const)
    try {
      await index.batch(ops, { mark: String(n) })
      n++
    } catch (error) {
      failure = error
    }
  }
  expect(failure).toMatchObject({ code: "TIERDEX_STORE_FAILED", shard: "b" })
  expect(await index.get(idIn(0))).toEqual({ n })
  expect(await index.get(idIn(1))).toEqual({ n: n - 1 })
  // Not all shards have reached the last one.
  expect(index.mark).toBe(String(n - 1))
  await refusal("TIERDEX_STORE_FAILED", () => index.put(idIn(1), { n: 0 }))
  await index.put(idIn(0), { n: 0 })
  await index.close().catch(() => {})
})

test("deleteMany says how many it deleted, also when a shard fails", async () => {
  const failing = new FaultyStore(new MemoryStore(), { failAt: 5, kinds: ["write"], lasts: "all" })
  const index = await openShardedIndex<Row>({
    shards: [
      { name: "a", store: new MemoryStore() },
      { name: "b", store: failing },
    ],
    map: new MemoryStore(),
  })
  const model = new Map(rows(300))
  await index.putMany(model)
  const progress: number[] = []
  const deleted = await index.deleteMany(
    { n: { $lt: 100 } },
    { onProgress: ({ done }) => progress.push(done) },
  )
  expect(deleted).toBe(100)
  expect(progress.at(-1)).toBe(100)
  let error: unknown
  let rest = 200
  for (let n = 100; error === undefined; n += 10, rest -= 10) {
    await index.deleteMany({ n: { $lt: n + 10 } }).catch((thrown: unknown) => {
      error = thrown
    })
  }
  expect(error).toMatchObject({ code: "TIERDEX_STORE_FAILED", shard: "b" })
  // What shard a had of the last ten is gone.
  const left = (await index.stats()).records
  expect(error).toMatchObject({ committed: rest + 10 - left })
  await index.close().catch(() => {})
})

test("the mark is that of all shards, also of those that came later", async () => {
  const stores = new Map(["a", "b", "c", "map"].map((name) => [name, new MemoryStore()]))
  const shard = (name: string) => ({ name, store: stores.get(name) })
  const open = (...names: string[]) =>
    openShardedIndex<Row>({ shards: names.map(shard), map: stores.get("map") })
  const index = await open("a", "b")
  expect(index.mark).toBeUndefined()
  await index.batch([{ type: "put", id: idIn(0), record: { n: 1 } }], { mark: "1 and more" })
  await index.addShard(shard("c"))
  expect(index.mark).toBe("1 and more")
  await index.close()
  const again = await open("a", "b", "c")
  expect(again.mark).toBe("1 and more")
  await again.batch([], { mark: "" })
  expect(again.mark).toBe("")
  await again.close()
})

test("a shard that does not answer in time is an error that names it", async () => {
  const store = new MemoryStore()
  const slow = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if ((name === "get" || name === "getMany") && isStuck) return () => new Promise(() => {})
      return typeof value === "function" ? value.bind(target) : value
    },
  })
  let isStuck = false
  const index = await openShardedIndex<Row>({
    shards: [{ name: "a", store: slow }],
    map: new MemoryStore(),
    timeoutMs: 50,
  })
  await index.putMany(rows(100))
  await index.flush()
  isStuck = true
  const error = await refusal("TIERDEX_TIMEOUT", () => index.count({ n: { $gte: 3 } }))
  expect(error.shard).toBe("a")
  await refusal("TIERDEX_TIMEOUT", () => all(index.ids({ n: { $gte: 4 } })))
  await refusal("TIERDEX_ABORTED", () => index.count({}, { signal: AbortSignal.abort() }))
  const controller = new AbortController()
  const counting = index.count({ n: { $gte: 5 } }, { signal: controller.signal })
  controller.abort("no more")
  expect(await refusal("TIERDEX_ABORTED", () => counting)).toMatchObject({ cause: "no more" })
})

test("facets have ties and limits of all shards together", async () => {
  interface Tagged {
    readonly tags: readonly string[]
  }
  const one = await openIndex<Tagged>()
  const many = await openShardedIndex<Tagged>({ shards: memoryShards("a", "b", "c") })
  const records = Array.from({ length: 400 }, (_, i) => {
    const tags = [`t${i % 37}`, `t${(i * 7) % 53}`, `u${i % 5}`, `t${i % 37}`]
    return [`id-${i}`, { tags }] as const
  })
  for (const index of [one, many]) await index.putMany(records)
  for (const limit of [1, 5, 40, 1000]) {
    expect(await many.facets({}, ["tags"], { limit })).toEqual(
      await one.facets({}, ["tags"], { limit }),
    )
  }
  for (const index of [one, many]) await index.close()
})

test("streams, sets and snapshots that end leave nothing open in shards", async () => {
  const index = await openShardedIndex<Row>({ shards: memoryShards("a", "b") })
  await index.putMany(rows(5000))
  for await (const _ of index.ids()) break
  for await (const _ of index.entries({}, { sort: { n: "desc" } })) break
  const set = await index.matching({ n: { $lt: 9 } })
  const snapshot = await index.snapshot()
  const ofSnapshot = await snapshot.matching({ n: { $lt: 8 } })
  await snapshot.close()
  await refusal("TIERDEX_CLOSED", () => snapshot.count())
  await refusal("TIERDEX_CLOSED", () => ofSnapshot.hasMany(["x"]))
  expect(await all(set)).toHaveLength(9)
  await set.close()
  await refusal("TIERDEX_CLOSED", () => set.hasMany(["x"]))
  const stream = index.ids().batches()[Symbol.asyncIterator]()
  await stream.next()
  await index.close()
  await refusal("TIERDEX_CLOSED", async () => {
    while (!(await stream.next()).done) {}
  })
  await refusal("TIERDEX_CLOSED", () => index.put("x", { n: 1 }))
  await refusal("TIERDEX_CLOSED", () => index.addShard({ name: "c" }))
})

const controller = new AbortController()
controller.abort("before")
const { signal } = controller

test.each<readonly [string, (index: ShardedIndex<Row>) => unknown]>([
  ["find", (index) => index.find({}, { signal })],
  ["count", (index) => index.count({}, { signal })],
  ["ids", (index) => all(index.ids({}, { signal }))],
  ["entries", (index) => all(index.entries({}, { signal }))],
  ["facets", (index) => index.facets({}, ["n"], { signal })],
  ["extent", (index) => index.extent("n", {}, { signal })],
  ["matching", (index) => index.matching({}, { signal })],
  ["matching integers", (index) => index.matching({}, { field: "n", signal })],
  ["getIds", (index) => index.getIds("n", 1, { signal })],
  ["explain", (index) => index.explain({}, { signal })],
  ["putMany", (index) => index.putMany(rows(3), { signal })],
  ["deleteMany", (index) => index.deleteMany({ n: -1 }, { signal })],
  ["compact", (index) => index.compact({ signal })],
  ["verify", (index) => index.verify({ signal })],
  ["addShard", (index) => index.addShard({ name: "c" }, { signal })],
  ["resume", (index) => index.resume({ signal })],
])("%s does not begin once its signal has fired", async (_, call) => {
  const index = await openShardedIndex<Row>({ shards: memoryShards("a", "b") })
  await index.putMany(rows(10))
  expect(await refusal("TIERDEX_ABORTED", () => call(index))).toMatchObject({ cause: "before" })
  await expectHolds(index, new Map(rows(10)))
  expect(index.shards).toEqual(["a", "b"])
  await index.close()
})

test("a snapshot over shards expires, and has no size after its end", async () => {
  const index = await openShardedIndex<Row>({ shards: memoryShards("a", "b") })
  await index.putMany(rows(10))
  const snapshot = await index.snapshot({ ttlMs: 1 })
  const closed = await index.snapshot()
  expect(closed.size).toBe(10)
  await vi.waitFor(() => refusal("TIERDEX_SNAPSHOT_EXPIRED", () => snapshot.count()))
  await refusal("TIERDEX_SNAPSHOT_EXPIRED", () => snapshot.size)
  await closed.close()
  await refusal("TIERDEX_CLOSED", () => closed.size)
  await index.close()
})

test("what a progress callback throws ends the call as it is", async () => {
  const index = await openShardedIndex<Row>({
    shards: ["a", "b"].map((name) => ({ name, store: new MemoryStore() })),
    map: new MemoryStore(),
  })
  await index.putMany(rows(10))
  await index.flush()
  const thrown = new RangeError("enough")
  const onProgress = () => {
    throw thrown
  }
  await expect(index.verify({ onProgress })).rejects.toBe(thrown)
  await index.close()
})

test("what one shard says of itself is told of all", async () => {
  const index: ShardedIndex<Row> = await openShardedIndex<Row>({
    shards: ["a", "b"].map((name) => ({ name, store: new MemoryStore() })),
    map: new MemoryStore(),
    memory: "32 MiB",
  })
  await index.putMany(rows(1000))
  await index.flush()
  const { shards, ...stats } = index.stats()
  expect(stats).toMatchObject({
    tier: 4,
    records: 1000,
    epoch: 1,
    memory: { budgetBytes: 32 * 2 ** 20 },
  })
  expect(shards.a.records + shards.b.records).toBe(1000)
  expect(shards.a.memory.budgetBytes).toBe(16 * 2 ** 20)
  const explained = await index.explain({ n: { $lt: 500 } })
  expect(explained.matchedRecords).toBe(500)
  expect(Object.keys(explained.shards)).toEqual(["a", "b"])
  expect(await index.verify()).toMatchObject({ ok: true })
  await index.close()
})

test("a record in the wrong shard is found", async () => {
  const store = new MemoryStore()
  const map = new MemoryStore()
  const shards = [
    { name: "a", store: new MemoryStore() },
    { name: "b", store },
  ]
  await (await openShardedIndex<Row>({ shards, map })).close()
  const alone = await openIndex<Row>({ store })
  await alone.put(idIn(0), { n: 1 })
  await alone.close()
  const index = await openShardedIndex<Row>({ shards, map })
  const report = await index.verify()
  expect(report).toMatchObject({ ok: false, damage: [{ shard: "b" }] })
  expect(report.damage[0].message).toContain(idIn(0))
  await index.close()
})
