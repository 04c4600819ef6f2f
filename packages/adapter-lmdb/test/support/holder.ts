// Opens the store at the path it is given, says so, and holds it until it is killed.
import { lmdbStore } from "../../src/index.ts"

const store = lmdbStore({ path: process.argv[2] })
await store.open()
process.stdout.write("open\n")
setInterval(() => undefined, 1_000)
