import { join } from "node:path"
import { levelStore } from "@tierdex/adapter-level"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { rocksdbStore } from "@tierdex/adapter-rocksdb"
import { sqliteStore } from "@tierdex/adapter-sqlite"
import type { Store } from "@tierdex/core"

/** The kinds of store that an index can be moved between: each makes one of a path. */
export const STORES = {
  level: levelStore,
  lmdb: lmdbStore,
  rocksdb: rocksdbStore,
  sqlite: sqliteStore,
} satisfies Record<string, (options: { readonly path: string }) => Store>

export type StoreName = keyof typeof STORES

export const STORE_NAMES = Object.keys(STORES).filter(isStoreName)

export function isStoreName(name: string): name is StoreName {
  return Object.hasOwn(STORES, name)
}

/** A store of this kind in a folder, in a file or folder of its own. */
export function makeStore(kind: StoreName, folder: string, name: string): Store {
  return STORES[kind]({ path: join(folder, `${name}.${kind}`) })
}
