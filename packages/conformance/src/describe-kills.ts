import { declareScenarios } from "./declare-scenarios.ts"
import { kills } from "./kills/kills.ts"
import type { PathStoreOptions } from "./options.ts"
import { subjectOf } from "./subject.ts"

/** Rounds of each scenario, unless `TIERDEX_KILLS` says otherwise. */
const ROUNDS = 3
/** For one round, on a machine that is busy with other things. */
const TIMEOUT_MS = 60_000

/**
 * Declares the tests that an index over a persistent store survives `kill -9`: processes that write
 * to it are killed at random moments, and what they leave is opened, checked and written on.
 *
 * `TIERDEX_KILLS` sets the rounds of each test, 3 by default. Each says at its end what it did.
 */
export function describeKills<O extends { readonly path: string }>(
  options: PathStoreOptions<O>,
): void {
  const subject = subjectOf(options)
  const rounds = Number(process.env.TIERDEX_KILLS ?? ROUNDS)
  const timeout = TIMEOUT_MS * (1 + rounds)
  declareScenarios(`kills of ${subject.name}`, subject, kills, { timeout, rounds })
}
