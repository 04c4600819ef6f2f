export { describeMutants, mutants } from "./describe-mutants.ts"
export { journalStore } from "./journal.ts"
export type { JournalStoreOptions } from "./journal-store.ts"
export type { BrokenJournalOptions, Mutant } from "./mutant.ts"
