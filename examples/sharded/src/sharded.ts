import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { openShardedIndex, type ShardOptions } from "@tierdex/core"
import { type City, cityEntries } from "./cities.ts"

/** What was found, for those who run the example as a test. */
export interface ShardedResult {
  readonly cities: number
  readonly largest: readonly string[]
  /** How often the cities were counted while a shard was added, and what came out. */
  readonly counts: readonly number[]
  /** Cities of each shard, before and after. */
  readonly before: Readonly<Record<string, number>>
  readonly after: Readonly<Record<string, number>>
}

/** Loads the cities over four worker shards, asks them, and adds a fifth while asking. */
export async function runSharded(): Promise<ShardedResult> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-sharded-"))
  // A store cannot be handed to a worker, so it is told how to make one.
  const shard = (name: string): ShardOptions => ({
    name,
    worker: {
      module: import.meta.resolve("@tierdex/adapter-lmdb"),
      factory: "lmdbStore",
      options: { path: join(folder, name) },
    },
  })
  const index = await openShardedIndex<City>({
    shards: ["one", "two", "three", "four"].map(shard),
    map: lmdbStore({ path: join(folder, "map") }),
    memory: "128 MiB",
    durability: "os",
  })
  const sizes = () =>
    Object.fromEntries(
      Object.entries(index.stats().shards).map(([name, { records }]) => [name, records]),
    )
  try {
    const cities = await index.putMany(cityEntries())
    await index.flush()
    const before = sizes()
    say(`${cities} cities over ${index.shards.length} shards:`, before)

    const { ids, records = [] } = await index.find(
      { country: { $in: ["IT", "GR"] } },
      { sort: { population: "desc" }, limit: 3, select: ["name"] },
    )
    const largest = records.map(({ name }) => name ?? "")
    say("The largest of Italy and Greece:", largest)
    say("The first of them:", await index.get(ids[0]))
    const { country } = await index.facets({ population: { $gt: 500_000 } }, ["country"], {
      limit: 3,
    })
    say("Most cities of more than half a million people:", country)

    // A fifth shard takes its share, while everything goes on as before.
    const counts: number[] = []
    let isAdded = false
    const adding = index.addShard(shard("five")).finally(() => {
      isAdded = true
    })
    while (!isAdded) counts.push(await index.count({ population: { $gt: 100_000 } }))
    await adding
    const after = sizes()
    say(`Counted ${counts.length} times meanwhile. Now over ${index.shards.length} shards:`, after)
    return { cities, largest, counts, before, after }
  } finally {
    await index.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function say(what: string, value: unknown): void {
  console.log(what, value)
}
