import { expect, test } from "vitest"
import { openEngine } from "../../src/engine/open-engine.ts"
import { parseOptions } from "../../src/engine/options.ts"
import { Cluster } from "../../src/sharded/cluster.ts"
import { Growing } from "../../src/sharded/growing.ts"
import { LocalLink } from "../../src/sharded/local-link.ts"
import { MapStore } from "../../src/sharded/map-store.ts"
import { Mover } from "../../src/sharded/mover.ts"
import { ShardServer } from "../../src/sharded/server.ts"
import { Shard } from "../../src/sharded/shard.ts"
import { ShardMap } from "../../src/sharded/shard-map.ts"
import { ShardedEngine } from "../../src/sharded/sharded-engine.ts"
import { ShardIndex } from "../../src/sharded/sharded-index.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { all } from "../api/support.ts"
import { expectHolds, type Row } from "./holds.ts"

type Servers = ReadonlyMap<string, ShardServer>

const rules = parseOptions({}).rules

/** One of several coordinators of the same shards. */
async function coordinator(maps: MapStore, servers: Servers) {
  const map = await maps.load()
  if (map === undefined) throw new Error("There is no map.")
  const cluster = new Cluster(map, maps, rules, 1000)
  for (const [name, server] of servers) {
    cluster.join(await Shard.meet(name, new LocalLink(server), () => cluster.map.epoch))
  }
  const engine = new ShardedEngine(
    cluster,
    (sender) => new Mover(cluster, sender, false),
    undefined,
  )
  const growing = new Growing(cluster, engine, () => Promise.reject(new Error("No shard.")))
  return { cluster, growing, index: new ShardIndex<Row>(cluster, engine, growing) }
}

test("a coordinator whose map is stale loads the new one, and asks and writes by it", async () => {
  const servers: Servers = new Map([
    ["a", new ShardServer(await openEngine(parseOptions({})))],
    ["b", new ShardServer(await openEngine(parseOptions({})))],
  ])
  const maps = new MapStore(new MemoryStore())
  await maps.open()
  await maps.save(
    new ShardMap({
      index: "index",
      epoch: 1,
      by: "range",
      shards: [
        { name: "a", index: "a" },
        { name: "b", index: "b" },
      ],
      slots: [],
      ranges: [
        { from: "", shard: "a" },
        { from: "m", shard: "b" },
      ],
    }),
  )
  const one = await coordinator(maps, servers)
  const other = await coordinator(maps, servers)
  const model = new Map<string, Row>()
  for (const [i, id] of ["c", "g", "k", "n", "z"].entries()) {
    await (i % 2 === 0 ? one : other).index.put(id, { n: i })
    model.set(id, { n: i })
  }
  await expectHolds(one.index, model)

  // The first one moves a part of what "a" has.
  const part = { by: "range", from: "f", to: "m" } as const
  await one.cluster.change(one.cluster.map.growing({ moves: [{ from: "a", to: "b", part }] }))
  await one.growing.resume({})
  expect(one.cluster.map.epoch).toBe(3)
  expect(servers.get("b")?.size).toBe(4)
  await expectHolds(one.index, model)

  // What the other one sends by its map is refused; it notices, and goes by the new one.
  expect(other.cluster.map.epoch).toBe(1)
  await other.index.batch([
    { type: "put", id: "c", record: { n: 10 } },
    { type: "put", id: "g", record: { n: 11 } },
  ])
  model.set("c", { n: 10 }).set("g", { n: 11 })
  expect(other.cluster.map.epoch).toBe(3)
  await expectHolds(other.index, model)
  await expectHolds(one.index, model)

  await one.cluster.change(one.cluster.map.growing({ moves: [{ from: "b", to: "a", part }] }))
  await one.growing.resume({})
  await one.index.count()
  expect(await all(other.index.ids({ n: 11 }))).toEqual(["g"])
  expect(other.cluster.map.epoch).toBe(5)

  await one.cluster.change(one.cluster.map.growing({ moves: [{ from: "a", to: "b", part }] }))
  await one.growing.resume({})
  expect(await other.index.delete("g")).toBe(true)
  model.delete("g")
  await expectHolds(other.index, model)
  const set = await other.index.matching({})
  expect(await set.hasMany(["g", "k"])).toEqual([false, true])
  await set.close()
})
