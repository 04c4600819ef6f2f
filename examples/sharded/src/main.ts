import { runSharded } from "./sharded.ts"

await runSharded()
