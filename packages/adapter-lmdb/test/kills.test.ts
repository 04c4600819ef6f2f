import { describeKills } from "@tierdex/conformance"
import { lmdbStore } from "../src/index.ts"

const module = new URL("../src/index.ts", import.meta.url)

describeKills({ factory: lmdbStore, module })
describeKills({ factory: lmdbStore, module, options: { noSync: true } })
