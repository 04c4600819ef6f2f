import { join } from "node:path"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { type MetadataIndex, openShardedIndex, type ShardOptions } from "@tierdex/core"
import type { CatalogueRecord } from "../catalogue.ts"
import { folderBytes } from "../disk.ts"
import type { Engine } from "../engine.ts"
import type { Job } from "../job.ts"
import { lmdbUsedBytes } from "./lmdb-bytes.ts"
import { Tierdex } from "./tierdex.ts"

const SHARDS = 4
const WORKERS = 2

export function create(job: Job): Engine {
  return new ShardedTierdex(job)
}

/** The same index over shards on LMDB, within the same budget. */
class ShardedTierdex extends Tierdex {
  readonly #names: readonly string[]

  constructor(job: Job) {
    super(job)
    const shards = job.engine === "tierdex-workers" ? WORKERS : SHARDS
    this.#names = Array.from({ length: shards }, (_, i) => `shard-${i}`)
  }

  protected override async openIndex(): Promise<MetadataIndex<CatalogueRecord>> {
    const { memory, durability } = this.job
    return await openShardedIndex<CatalogueRecord>({
      shards: this.#names.map((name) => this.#shard(name)),
      map: lmdbStore({ path: this.#path("map") }),
      memory,
      durability,
    })
  }

  override async usedBytes(): Promise<number | null> {
    const bytes = await Promise.all(this.#names.map((name) => lmdbUsedBytes(this.#path(name))))
    return bytes.reduce((sum, each) => sum + each, await folderBytes(this.#path("map")))
  }

  #shard(name: string): ShardOptions {
    const options = { path: this.#path(name) }
    if (this.job.engine !== "tierdex-workers") return { name, store: lmdbStore(options) }
    const module = import.meta.resolve("@tierdex/adapter-lmdb")
    return { name, worker: { module, factory: "lmdbStore", options } }
  }

  #path(name: string): string {
    return join(this.job.folder, `${name}.idx`)
  }
}
