export type { SqliteHandleOptions, SqlitePathOptions, SqliteStoreOptions } from "./options.ts"
export type { SqliteDatabase, SqliteStatement } from "./sqlite.ts"
export { sqliteStore } from "./sqlite-store.ts"
