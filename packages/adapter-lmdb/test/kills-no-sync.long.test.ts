import { describeKills } from "@tierdex/conformance"
import { lmdbStore } from "../src/index.ts"

describeKills({
  factory: lmdbStore,
  module: new URL("../src/index.ts", import.meta.url),
  options: { noSync: true },
})
