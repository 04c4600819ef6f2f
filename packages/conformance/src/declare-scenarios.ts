import { describe, expect, test } from "vitest"
import { playScenario, reasonToSkip, type Scenario } from "./scenario.ts"
import type { Subject } from "./subject.ts"

/** On a machine that is busy with other things. */
const PATIENCE_MS = 20_000

export interface DeclareOptions {
  /** For one scenario, in milliseconds. */
  readonly timeout: number
  /** Of each scenario of kills. */
  readonly rounds?: number
}

/** Declares a test for each scenario, and one that all were played. */
export function declareScenarios(
  name: string,
  subject: Subject,
  scenarios: readonly Scenario[],
  { timeout, rounds = 0 }: DeclareOptions,
): void {
  describe(name, { concurrent: false, shuffle: false }, () => {
    const played = new Set<string>()
    for (const scenario of scenarios) {
      test(scenario.name, { timeout }, async ({ skip }) => {
        played.add(scenario.name)
        const reason = reasonToSkip(scenario, subject)
        if (reason !== undefined) skip(`not applicable: ${reason}`)
        expect.hasAssertions()
        await playScenario(scenario, subject, {
          shrinks: true,
          rounds,
          patienceMs: PATIENCE_MS,
        })
      })
    }

    test(summary(scenarios, subject), () => {
      expect([...played]).toEqual(scenarios.map(({ name }) => name))
    })
  })
}

function summary(scenarios: readonly Scenario[], subject: Subject): string {
  const skipped = scenarios.filter((scenario) => reasonToSkip(scenario, subject) !== undefined)
  return `all ${scenarios.length} scenarios: ${scenarios.length - skipped.length} played, ${skipped.length} not applicable`
}
