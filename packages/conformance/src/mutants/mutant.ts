import type { Store } from "@tierdex/core"
import type { InProcessStoreOptions, PathStoreOptions } from "../options.ts"
import type { JournalStoreOptions } from "./journal-store.ts"

/** A store that is wrong in one way. */
export interface Mutant {
  /** What it does. */
  readonly name: string
  /** The scenarios that must fail with it. */
  readonly caughtBy: readonly string[]
  readonly options: InProcessStoreOptions | PathStoreOptions<BrokenJournalOptions>
}

/** A journal that is wrong, and what catches it. */
export type JournalFlaw = readonly [
  caughtBy: readonly string[],
  Broken: new (options: JournalStoreOptions) => Store,
]

export interface BrokenJournalOptions extends JournalStoreOptions {
  readonly flaw: string
}

/** Mutants in memory: what each does, what catches it, and how it is made. */
export function inMemory(
  flaws: Readonly<
    Record<string, readonly [caughtBy: string | readonly string[], make: () => Store]>
  >,
): Mutant[] {
  return Object.entries(flaws).map(([name, [caughtBy, make]]) => ({
    name,
    caughtBy: [caughtBy].flat(),
    options: { name, make },
  }))
}

/** What a mutant throws where a store should not throw. */
export class Flaw extends Error {
  override readonly name = "Flaw"
}
