import { describeKills } from "@tierdex/conformance"
import { levelStore } from "../src/index.ts"

describeKills({ factory: levelStore, module: new URL("../src/index.ts", import.meta.url) })
