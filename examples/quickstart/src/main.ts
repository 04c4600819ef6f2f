import { parseArgs } from "node:util"
import { runDemo } from "./demo.ts"
import { isStoreName, STORE_NAMES } from "./stores.ts"

const { values } = parseArgs({ options: { store: { type: "string", default: "lmdb" } } })
if (isStoreName(values.store)) await runDemo({ store: values.store })
else {
  console.error(`--store has to be one of ${STORE_NAMES.join(", ")}.`)
  process.exitCode = 2
}
