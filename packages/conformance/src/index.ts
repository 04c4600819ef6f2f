export { describeKills } from "./describe-kills.ts"
export { describeStore } from "./describe-store.ts"
export type { InProcessStoreOptions, PathStoreOptions } from "./options.ts"
export { ALL, bytes, entriesOf, numbered, put } from "./support/entries.ts"
