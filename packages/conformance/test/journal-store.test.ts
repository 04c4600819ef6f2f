import { describeStore } from "../src/index.ts"
import { journalStore } from "../src/mutants/journal.ts"

describeStore({
  factory: journalStore,
  module: new URL("../src/mutants/journal.ts", import.meta.url),
})
