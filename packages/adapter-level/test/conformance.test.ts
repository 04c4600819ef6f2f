import { describeStore } from "@tierdex/conformance"
import { levelStore } from "../src/index.ts"

const module = new URL("../src/index.ts", import.meta.url)

describeStore({ factory: levelStore, module })
