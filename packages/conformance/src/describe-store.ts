import { describe, expect, test } from "vitest"
import type { InProcessStoreOptions, PathStoreOptions } from "./options.ts"
import { playScenario, reasonToSkip } from "./scenario.ts"
import { scenarios } from "./scenarios.ts"
import { type Subject, subjectOf } from "./subject.ts"

/** For one scenario, on a machine that is busy with other things. */
const TIMEOUT_MS = 120_000

/**
 * Declares the tests that a store has to pass, one for each scenario. What its `capabilities` rule
 * out is skipped with the reason, and a test of its own checks that the capability is told truly.
 */
export function describeStore<O extends { readonly path: string }>(
  options: PathStoreOptions<O> | InProcessStoreOptions,
): void {
  const subject = subjectOf(options)
  describe(subject.name, { concurrent: false, shuffle: false }, () => {
    const played = new Set<string>()
    for (const scenario of scenarios) {
      test(scenario.name, { timeout: TIMEOUT_MS }, async ({ skip }) => {
        played.add(scenario.name)
        const reason = reasonToSkip(scenario, subject)
        if (reason !== undefined) skip(`not applicable: ${reason}`)
        expect.hasAssertions()
        await playScenario(scenario, subject)
      })
    }

    test(summary(subject), () => {
      expect([...played]).toEqual(scenarios.map(({ name }) => name))
    })
  })
}

function summary(subject: Subject): string {
  const skipped = scenarios.filter((scenario) => reasonToSkip(scenario, subject) !== undefined)
  return `all ${scenarios.length} scenarios: ${scenarios.length - skipped.length} played, ${skipped.length} not applicable`
}
