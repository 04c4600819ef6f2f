export { levelStore } from "./level-store.ts"
export type { LevelHandleOptions, LevelPathOptions, LevelStoreOptions } from "./options.ts"
