export type {
  LevelDatabase,
  LevelIterator,
  LevelIteratorOptions,
  LevelKeys,
  LevelKeysOptions,
  LevelOperation,
} from "./level.ts"
export { levelStore } from "./level-store.ts"
export type { LevelHandleOptions, LevelPathOptions, LevelStoreOptions } from "./options.ts"
