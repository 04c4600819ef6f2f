import type { ShardOptions } from "../../src/api.ts"
import { openShardedIndex } from "../../src/sharded/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { NamedConfiguration } from "../engine/configurations.ts"
import type { Fields } from "../oracle.ts"

/** Ids of the model are short, so these part them into about equal shares. */
const SPLIT_KEYS = ["b", "d", "f", "id-2", "m", "s", "é"]

/** An index over shards in stores of memory. */
export class ShardHomes {
  readonly by: "hash" | "range"
  readonly #map = new MemoryStore()
  readonly #stores = new Map<string, MemoryStore>()

  constructor(by: "hash" | "range") {
    this.by = by
  }

  get map(): MemoryStore {
    return this.#map
  }

  shard(name: string): ShardOptions {
    let store = this.#stores.get(name)
    if (store === undefined) {
      store = new MemoryStore()
      this.#stores.set(name, store)
    }
    return { name, store }
  }

  async open(names: readonly string[]) {
    const splitKeys = SPLIT_KEYS.slice(0, names.length - 1)
    return await openShardedIndex<Fields>({
      shards: names.map((name) => this.shard(name)),
      by: this.by,
      ...(this.by === "range" ? { splitKeys } : {}),
      map: this.#map,
      durability: "os",
    })
  }
}

export function namesOf(shards: number): string[] {
  return Array.from({ length: shards }, (_, i) => `shard ${i}`)
}

/** One, some and many shards, by hash and by range, in the log and in segments. */
export function shardedConfigurations(): NamedConfiguration[] {
  return (["hash", "range"] as const).flatMap((by) =>
    [1, 3, 8].map((shards): NamedConfiguration => {
      let homes = new ShardHomes(by)
      const open = () => homes.open(namesOf(shards))
      return {
        name: `over ${shards} shards by ${by}`,
        open: () => {
          homes = new ShardHomes(by)
          return open()
        },
        afterWrite: async () => {},
        settle: async (index) => {
          if (shards === 3) await index.flush()
          return index
        },
        reopen: async (index) => {
          await index.close()
          return await open()
        },
      }
    }),
  )
}
