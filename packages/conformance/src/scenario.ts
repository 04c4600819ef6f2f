import { Fixture, type Thoroughness } from "./fixture.ts"
import type { Subject } from "./subject.ts"

/** What a store, or the machine, has to have for a scenario to make sense. */
export type Need = "persistent" | "fileSizeLimit" | "symbolicLinks" | "permissions"

/** One promise of the `Store` interface, and how to see whether a store keeps it. */
export interface Scenario {
  /** `keys: order as bytes`. Mutants refer to it. */
  readonly name: string
  readonly needs: readonly Need[]
  /** Throws unless the store keeps the promise. */
  readonly play: (fixture: Fixture) => Promise<void>
}

/** The scenarios of one feature, by name; each is a function, or one with what it needs. */
export function feature(
  name: string,
  scenarios: Readonly<Record<string, Scenario["play"] | Needing>>,
): Scenario[] {
  return Object.entries(scenarios).map(([promise, scenario]) => ({
    name: `${name}: ${promise}`,
    ...(typeof scenario === "function" ? { needs: [], play: scenario } : scenario),
  }))
}

type Needing = Pick<Scenario, "needs" | "play">

export function needing(needs: Need | readonly Need[], play: Scenario["play"]): Needing {
  return { needs: typeof needs === "string" ? [needs] : needs, play }
}

/** Why a scenario does not apply to a subject, or undefined if it does. */
export function reasonToSkip({ needs }: Scenario, { capabilities }: Subject): string | undefined {
  const posix = process.platform !== "win32"
  if (needs.includes("persistent") && !capabilities.persistent) {
    return "capabilities.persistent is false"
  }
  if (needs.includes("fileSizeLimit") && !posix) return "Windows has no limit of a file's size"
  if (needs.includes("symbolicLinks") && !posix) return "Windows asks for rights to make a link"
  if (needs.includes("permissions") && !posix) return "Windows has other rights than POSIX"
  return undefined
}

/** Plays a scenario with a kind of store, and tidies up. Throws if the store does not pass. */
export async function playScenario(
  scenario: Scenario,
  subject: Subject,
  thoroughness: Thoroughness,
): Promise<void> {
  const fixture = new Fixture(subject, thoroughness)
  try {
    await scenario.play(fixture)
  } catch (error) {
    // What is left behind by a failure matters less than the failure.
    await fixture.end().catch(() => undefined)
    throw error
  }
  await fixture.end()
}
