import { describeStore } from "@tierdex/conformance"
import { nodeSqliteStore } from "../src/node-sqlite-store.ts"

const module = new URL("../src/node-sqlite-store.ts", import.meta.url)
describeStore({ factory: nodeSqliteStore, module })
