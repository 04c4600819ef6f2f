export { lmdbStore } from "./lmdb-store.ts"
export type { LmdbHandleOptions, LmdbPathOptions, LmdbStoreOptions } from "./options.ts"
