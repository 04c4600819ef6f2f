import { describeStore } from "@tierdex/conformance"
import { lmdbStore } from "../src/index.ts"

const module = new URL("../src/index.ts", import.meta.url)

describeStore({ factory: lmdbStore, module })
describeStore({ factory: lmdbStore, module, options: { noSync: true } })
