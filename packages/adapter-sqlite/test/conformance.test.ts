import { describeStore } from "@tierdex/conformance"
import { sqliteStore } from "../src/index.ts"

const module = new URL("../src/index.ts", import.meta.url)

describeStore({ factory: sqliteStore, module })
