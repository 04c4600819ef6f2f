// Opens an index at the path it is given, says so, and holds it until it is killed.
import { openIndex } from "@tierdex/core"
import { lmdbStore } from "../../src/index.ts"

await openIndex({ store: lmdbStore({ path: process.argv[2] }) })
process.stdout.write("open\n")
setInterval(() => undefined, 1_000)
