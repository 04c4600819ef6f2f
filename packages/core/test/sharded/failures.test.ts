import { expect, test } from "vitest"
import type { ShardedIndex } from "../../src/api.ts"
import { openShardedIndex } from "../../src/sharded/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { refusal } from "../api/support.ts"
import { CrashingStore } from "../support/crashing-store.ts"
import { expectHolds, type Row } from "./holds.ts"
import { SwitchStore } from "./switch-store.ts"

const turn = () => new Promise((go) => setImmediate(go))

/** Two shards, of which "b" has the ids from "m" on. */
class Pair {
  readonly a = new SwitchStore(new MemoryStore())
  readonly b = new SwitchStore(new MemoryStore())
  readonly map = new SwitchStore(new MemoryStore())

  open(allowPartial = false): Promise<ShardedIndex<Row>> {
    return openShardedIndex<Row>({
      shards: [
        { name: "a", store: this.a },
        { name: "b", store: this.b },
      ],
      by: "range",
      splitKeys: ["m"],
      map: this.map,
      allowPartial,
    })
  }
}

/** A record of each shard. */
const both = (n: number) => ["c", "x"].map((id) => ({ type: "put", id, record: { n } }) as const)

// The count of writes that change nothing was lost by reopening, and newer marks had lower numbers.
test("a mark is never taken for one that not all shards have", async () => {
  const pair = new Pair()
  let index = await pair.open()
  for (let i = 0; i < 10; i++) await index.batch(both(1), { mark: `old ${i}` })
  await index.close()
  index = await pair.open()
  pair.b.failing = "refused"
  await refusal("TIERDEX_STORE_FAILED", () => index.batch(both(2), { mark: "new" }))
  expect(index.mark).toBe("old 9")
  await index.close().catch(() => {})
  pair.b.failing = "no"
  index = await pair.open()
  expect(index.mark).toBe("old 9")
  expect(await index.get("x")).toEqual({ n: 1 })
  await index.close()
})

// The others' mark was taken, once the one that lacked a batch was merged away.
test("what a shard that is merged away lacked, the mark does not name", async () => {
  const pair = new Pair()
  const index = await pair.open()
  await index.batch(both(1), { mark: "one" })
  pair.a.failing = "refused"
  await refusal("TIERDEX_STORE_FAILED", () => index.batch(both(2), { mark: "two" }))
  pair.a.failing = "no"
  await index.reopenShard({ name: "a", store: pair.a })
  await index.mergeShards("a", "b")
  expect(await index.get("c")).toEqual({ n: 1 })
  expect(index.mark).toBe("one")
  await index.close()
})

// A new shard was given the mark before, and kept it.
test("a mark on its way is that of a shard that is added meanwhile, durably", async () => {
  const disks = [new CrashingStore(), new CrashingStore(), new CrashingStore()] as const
  const [a, d, map] = disks
  const shards = [{ name: "a", store: a }]
  const index = await openShardedIndex<Row>({ shards, map, durability: "os" })
  const batch = index.batch([{ type: "put", id: "x", record: { n: 1 } }], { mark: "on its way" })
  const adding = index.addShard({ name: "d", store: d })
  await Promise.all([batch, adding])
  expect(index.mark).toBe("on its way")
  await index.flush()
  const [cutA, cutD, cutMap] = await Promise.all(disks.map((disk) => disk.afterCrash(0)))
  const again = await openShardedIndex<Row>({
    shards: [
      { name: "a", store: cutA },
      { name: "d", store: cutD },
    ],
    map: cutMap,
  })
  expect(again.mark).toBe("on its way")
  await again.close()
  await index.close()
})

// A shard without records to delete left the deletion early, and an equal put changed nothing there.
test("a record that is put again while deleteMany goes on stays, with equal content too", async () => {
  const index = await openShardedIndex<Row>({
    shards: [{ name: "a" }, { name: "b" }],
    by: "range",
    splitKeys: ["m"],
  })
  for (let turns = 0; turns < 8; turns++) {
    await index.putMany(Array.from({ length: 3000 }, (_, i) => [`c${i}`, { n: 1 }] as const))
    await index.put("x", { n: 1 })
    const deleting = index.deleteMany({ n: 1 })
    for (let i = 0; i < turns; i++) await turn()
    await index.put("x", { n: 1 })
    expect(await deleting).toBeGreaterThanOrEqual(3000)
    expect(await index.has("x")).toBe(true)
    await index.clear()
  }
  await index.close()
})

// The new shard, whose memory lacked what its store had, was asked what it had, and said nothing.
test("a step that failed and was carried out all the same doubles nothing", async () => {
  const d = new SwitchStore(new MemoryStore())
  const index = await openShardedIndex<Row>({
    shards: [{ name: "a", store: new MemoryStore() }],
    map: new MemoryStore(),
  })
  const model = new Map<string, Row>(Array.from({ length: 1500 }, (_, n) => [`r-${n}`, { n }]))
  await index.putMany(model)
  const onProgress = () => {
    d.failing = "carried out"
  }
  await refusal("TIERDEX_STORE_FAILED", () =>
    index.addShard({ name: "d", store: d }, { onProgress }),
  )
  d.failing = "refused"
  for (const id of [...model.keys()].slice(0, 100)) {
    await index.put(id, { n: -1 }).then(
      () => model.set(id, { n: -1 }),
      () => {},
    )
  }
  d.failing = "no"
  await index.reopenShard({ name: "d", store: d })
  await expectHolds(index, model)
  await index.resume()
  await expectHolds(index, model)
  await index.close()
})

// Slices that came behind one that failed were counted as if they were the first.
test("putMany counts the slices before the first that failed", async () => {
  const pair = new Pair()
  const index = await pair.open()
  pair.a.failing = "refused"
  const rows = ["c", "x", "y", "z"].flatMap((letter) =>
    Array.from({ length: 2000 }, (_, n) => [`${letter}${n}`, { n }] as const),
  )
  const error = await refusal("TIERDEX_STORE_FAILED", () => index.putMany(rows))
  expect(error).toMatchObject({ committed: 0, shard: "a" })
  await index.close().catch(() => {})
})

test("a shard that refuses writes is found before another has its part of a batch", async () => {
  const pair = new Pair()
  const index = await pair.open()
  await index.batch(both(1))
  pair.b.failing = "refused"
  await refusal("TIERDEX_STORE_FAILED", () => index.put("x", { n: 2 }))
  await refusal("TIERDEX_STORE_FAILED", () => index.batch(both(3)))
  expect(await index.get("c")).toEqual({ n: 1 })
  await index.close().catch(() => {})
})

test("a shard that cannot be opened again leaves the others as they are", async () => {
  const pair = new Pair()
  const index = await pair.open()
  await index.batch(both(1), { mark: "one" })
  const reopening = index.reopenShard({ name: "b", store: new MemoryStore() })
  expect(index.mark).toBeUndefined()
  await refusal("TIERDEX_INVALID_OPTION", () => reopening)
  expect(index.size).toBe(1)
  expect(Object.keys(index.stats().shards)).toEqual(["a"])
  await index.put("c", { n: 2 })
  const error = await refusal("TIERDEX_SHARD_FAILED", () => index.count())
  expect(error).toMatchObject({ shard: "b", cause: { code: "TIERDEX_INVALID_OPTION" } })
  const { result, missing } = await index.allowPartial((shards) => shards.count())
  expect([result, Object.keys(missing)]).toEqual([1, ["b"]])
  await index.reopenShard({ name: "b", store: pair.b })
  expect(await index.count()).toBe(2)
  expect(index.mark).toBe("one")
  await index.close()
})

test("adding a shard may be tried again with the same store", async () => {
  const pair = new Pair()
  const index = await pair.open()
  await index.batch(both(1), { mark: "one" })
  const store = new MemoryStore()
  pair.map.failing = "refused"
  await refusal("TIERDEX_STORE_FAILED", () =>
    index.splitShard("b", { name: "c", store }, { at: "x" }),
  )
  pair.map.failing = "no"
  await index.close()
  const again = await pair.open()
  await again.splitShard("b", { name: "c", store }, { at: "m" })
  expect(again.mark).toBe("one")
  // All of b went to c.
  await again.mergeShards("b", "a")
  expect(again.shards).toEqual(["a", "c"])
  await expectHolds(
    again,
    new Map([
      ["c", { n: 1 }],
      ["x", { n: 1 }],
    ]),
  )
  await again.close()
})

test("fields of all shards together have one limit, and refused writes take none", async () => {
  const index = await openShardedIndex<Record<string, unknown>>({
    shards: [{ name: "a" }, { name: "b" }],
    by: "range",
    splitKeys: ["m"],
  })
  await index.put("c", { n: 1 })
  await index.put("x", { n: 1 })
  for (let i = 0; i < 1100; i++) expect(await index.update("none", { [`lost${i}`]: 1 })).toBe(false)
  const patch = (letter: string) =>
    Object.fromEntries(Array.from({ length: 499 }, (_, i) => [`${letter}${i}`, i]))
  await index.update("c", patch("c"))
  await index.update("x", patch("x"))
  await index.put("c", { n: 1, ...patch("c"), last: 1 })
  await refusal("TIERDEX_INVALID_VALUE", () => index.update("x", { more: 1 }))
  await refusal("TIERDEX_INVALID_VALUE", () => index.put("x", { more: 1 }))
  await index.mergeShards("a", "b")
  expect(await index.get("c")).toEqual({ n: 1, ...patch("c"), last: 1 })
  await index.close()
})
