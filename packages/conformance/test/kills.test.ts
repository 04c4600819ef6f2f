import { describeKills } from "../src/index.ts"
import { journalStore } from "../src/mutants/journal.ts"

describeKills({
  factory: journalStore,
  module: new URL("../src/mutants/journal.ts", import.meta.url),
})
