import { describeKills } from "@tierdex/conformance"
import { rocksdbStore } from "../src/index.ts"

describeKills({ factory: rocksdbStore, module: new URL("../src/index.ts", import.meta.url) })
