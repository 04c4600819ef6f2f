import { describeStore } from "@tierdex/conformance"
import { rocksdbStore } from "../src/index.ts"

const module = new URL("../src/index.ts", import.meta.url)

describeStore({ factory: rocksdbStore, module })
