import { parseArgs } from "node:util"
import { runBackup } from "./backup.ts"
import { isStoreName, STORE_NAMES } from "./stores.ts"

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "level" },
    to: { type: "string", default: "lmdb" },
  },
})
const { from, to } = values
if (isStoreName(from) && isStoreName(to)) await runBackup({ from, to })
else {
  console.error(`--from and --to have to be one of ${STORE_NAMES.join(", ")}.`)
  process.exitCode = 2
}
