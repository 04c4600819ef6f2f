import { describeKills } from "@tierdex/conformance"
import { sqliteStore } from "../src/index.ts"

describeKills({ factory: sqliteStore, module: new URL("../src/index.ts", import.meta.url) })
