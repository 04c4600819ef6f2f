import { join } from "node:path"
import { MemoryStore, type Store } from "@tierdex/core"

/** Where the demo can keep its index. The one that is asked for is loaded, no other. */
const FACTORIES = {
  lmdb: async (folder: string): Promise<Store> => {
    const { lmdbStore } = await import("@tierdex/adapter-lmdb")
    return lmdbStore({ path: join(folder, "cities.mdb") })
  },
  level: async (folder: string): Promise<Store> => {
    const { levelStore } = await import("@tierdex/adapter-level")
    return levelStore({ path: join(folder, "cities.level") })
  },
  rocksdb: async (folder: string): Promise<Store> => {
    const { rocksdbStore } = await import("@tierdex/adapter-rocksdb")
    return rocksdbStore({ path: join(folder, "cities.rocksdb") })
  },
  sqlite: async (folder: string): Promise<Store> => {
    const { sqliteStore } = await import("@tierdex/adapter-sqlite")
    return sqliteStore({ path: join(folder, "cities.sqlite") })
  },
  memory: async (): Promise<Store> => new MemoryStore(),
}

export type StoreName = keyof typeof FACTORIES

export const STORE_NAMES = Object.keys(FACTORIES).filter(isStoreName)

export function isStoreName(name: string): name is StoreName {
  return Object.hasOwn(FACTORIES, name)
}

/** The store of this name in a folder. */
export function makeStore(name: StoreName, folder: string): Promise<Store> {
  return FACTORIES[name](folder)
}
