export type { RocksHandleOptions, RocksPathOptions, RocksStoreOptions } from "./options.ts"
export type { RocksBatchOptions, RocksDatabase, RocksRead, RocksWrite } from "./rocksdb.ts"
export { rocksdbStore } from "./rocksdb-store.ts"
