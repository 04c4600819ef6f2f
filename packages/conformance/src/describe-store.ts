import { declareScenarios } from "./declare-scenarios.ts"
import type { InProcessStoreOptions, PathStoreOptions } from "./options.ts"
import { scenarios } from "./scenarios.ts"
import { subjectOf } from "./subject.ts"

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
  declareScenarios(subject.name, subject, scenarios, { timeout: TIMEOUT_MS })
}
