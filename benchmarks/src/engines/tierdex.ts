import { join } from "node:path"
import { levelStore } from "@tierdex/adapter-level"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { rocksdbStore } from "@tierdex/adapter-rocksdb"
import { sqliteStore } from "@tierdex/adapter-sqlite"
import { type Cursor, type Filter, type MetadataIndex, openIndex, type Store } from "@tierdex/core"
import type { CatalogueEntry, CatalogueRecord } from "../catalogue.ts"
import { folderBytes } from "../disk.ts"
import type { Ask, Engine, Order, ValueCount, Where } from "../engine.ts"
import type { Job } from "../job.ts"
import type { Source } from "../source.ts"
import { lmdbUsedBytes } from "./lmdb-bytes.ts"
import { sqliteUsedBytes } from "./sqlite-bytes.ts"

const STORES: Readonly<Record<string, (path: string) => Store>> = {
  "tierdex-level": (path) => levelStore({ path }),
  "tierdex-lmdb": (path) => lmdbStore({ path }),
  "tierdex-rocksdb": (path) => rocksdbStore({ path }),
  "tierdex-sqlite": (path) => sqliteStore({ path }),
}

/** All categories are in an answer of `facets`. */
const MANY = 1_000
/** Records of a page on the way to a deep one. */
const PAGE = 1_000

export function create(job: Job): Engine {
  return new Tierdex(job)
}

export class Tierdex implements Engine {
  protected readonly job: Job
  readonly #path: string
  readonly #newStore: () => Store | undefined
  #index!: MetadataIndex<CatalogueRecord>

  /** @param newStore makes another store than the one that the job names */
  constructor(job: Job, newStore?: () => Store) {
    this.job = job
    this.#path = join(job.folder, "catalogue.idx")
    this.#newStore = newStore ?? (() => STORES[job.engine]?.(this.#path))
  }

  async open(): Promise<void> {
    this.#index = await this.openIndex()
  }

  protected async openIndex(): Promise<MetadataIndex<CatalogueRecord>> {
    const { memory, durability } = this.job
    const store = this.#newStore()
    return await openIndex(store === undefined ? {} : { store, memory, durability })
  }

  async ingest(source: Source): Promise<void> {
    await this.#index.putMany(source.records())
  }

  finish(): Promise<void> {
    return this.#index.flush()
  }

  close(): Promise<void> {
    return this.#index.close()
  }

  async usedBytes(): Promise<number | null> {
    const { engine } = this.job
    if (engine === "tierdex-memory") return null
    if (engine === "tierdex-lmdb") return await lmdbUsedBytes(this.#path)
    if (engine === "tierdex-sqlite") return sqliteUsedBytes(this.#path)
    return await folderBytes(this.#path)
  }

  pagesRead(): number {
    return this.#index.stats().cache.pagesRead
  }

  count(where: Where): Ask<number> {
    const filter = filterOf(where)
    return () => this.#index.count(filter)
  }

  ids(where: Where): Ask<readonly string[]> {
    const filter = filterOf(where)
    return async () => {
      const ids: string[] = []
      for await (const batch of this.#index.ids(filter).batches()) ids.push(...batch)
      return ids
    }
  }

  top(where: Where, { by, direction }: Order, limit: number): Ask<readonly string[]> {
    const filter = filterOf(where)
    const options = { sort: { [by]: direction }, limit }
    return async () => (await this.#index.find(filter, options)).ids
  }

  async page(where: Where, skip: number, limit: number): Promise<Ask<readonly string[]>> {
    const filter = filterOf(where)
    const sort = { price: "asc" } as const
    // In pages, as one gets there: none of them takes much memory.
    let cursor: Cursor | undefined
    for (let left = skip; left > 0; left -= PAGE) {
      const options = { sort, limit: Math.min(left, PAGE), after: cursor }
      cursor = (await this.#index.find(filter, options)).cursor
    }
    return async () => (await this.#index.find(filter, { sort, limit, after: cursor })).ids
  }

  categories(where: Where): Ask<readonly ValueCount[]> {
    const filter = filterOf(where)
    return async () => {
      const { category } = await this.#index.facets(filter, ["category"], { limit: MANY })
      return category.map(({ value, count }) => [value, count])
    }
  }

  upsert(entries: readonly CatalogueEntry[]): Ask<void> {
    return async () => {
      await this.#index.putMany(entries)
    }
  }

  delete(where: Where): Ask<number> {
    const filter = filterOf(where)
    return () => this.#index.deleteMany(filter)
  }
}

function filterOf(where: Where): Filter<CatalogueRecord> {
  const { category, notCategory, brand, brandIn, brandPrefix, priceFrom, priceBelow } = where
  const { stockFrom, ratingFrom, tag, anyOf } = where
  return {
    ...(category !== undefined && { category }),
    ...(notCategory !== undefined && { category: { $ne: notCategory } }),
    ...(brand !== undefined && { brand }),
    ...(brandIn !== undefined && { brand: { $in: brandIn } }),
    ...(brandPrefix !== undefined && { brand: { $prefix: brandPrefix } }),
    ...(priceBelow !== undefined && {
      price: { ...(priceFrom !== undefined && { $gte: priceFrom }), $lt: priceBelow },
    }),
    ...(stockFrom !== undefined && { stock: { $gte: stockFrom } }),
    ...(ratingFrom !== undefined && { rating: { $gte: ratingFrom } }),
    ...(tag !== undefined && { tags: tag }),
    ...(anyOf !== undefined && { $or: anyOf.map(filterOf) }),
  }
}
