import { describe, expect, test } from "vitest"
import { kills } from "../kills/kills.ts"
import { playScenario, reasonToSkip } from "../scenario.ts"
import { scenarios as storeScenarios } from "../scenarios.ts"
import { subjectOf } from "../subject.ts"
import { copyMutants } from "./copies.ts"
import { journalMutants } from "./journal.ts"
import { lifeMutants } from "./lives.ts"
import type { Mutant } from "./mutant.ts"
import { rangeMutants } from "./ranges.ts"
import { readMutants } from "./reads.ts"
import { scanMutants } from "./scans.ts"
import { writeMutants } from "./writes.ts"

/** Stores that are wrong in one way each. */
export const mutants: readonly Mutant[] = [
  ...readMutants,
  ...scanMutants,
  ...writeMutants,
  ...rangeMutants,
  ...lifeMutants,
  ...copyMutants,
  ...journalMutants,
]

/** What a store can fail. */
const scenarios = [...storeScenarios, ...kills]

const TIMEOUT_MS = 120_000
/** It ends with the first round that hits, which is mostly one of the first. */
const SEARCH = { shrinks: false, rounds: 25, patienceMs: 1_000 }

/** Declares the tests that every mutant is caught, and that every scenario catches one. */
export function describeMutants(): void {
  describe("a store that", () => {
    for (const { name, caughtBy, options } of mutants) {
      for (const by of caughtBy) {
        test(`${name} is caught by "${by}"`, { timeout: TIMEOUT_MS }, async ({ skip }) => {
          const scenario = scenarios.find((each) => each.name === by)
          if (scenario === undefined) throw new Error(`There is no scenario "${by}".`)
          const subject = subjectOf(options)
          const reason = reasonToSkip(scenario, subject)
          if (reason !== undefined) skip(`not applicable: ${reason}`)
          const play = playScenario(scenario, subject, SEARCH)
          const error = await play.catch((thrown) => thrown)
          expect(isVerdict(error), `it ended with ${error}`).toBe(true)
        })
      }
    }
  })

  test("every scenario catches a mutant", () => {
    const needed = new Set(mutants.flatMap(({ caughtBy }) => caughtBy))
    expect(scenarios.map(({ name }) => name).filter((name) => !needed.has(name))).toEqual([])
  })
}

/**
 * Whether a scenario failed by what it found, by an error that the mutant has in place of an
 * answer, or a property by either; not by a mistake in the mutant.
 */
function isVerdict(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ["AssertionError", "Flaw", "TierdexError"].includes(error.name) || isVerdict(error.cause)
}
