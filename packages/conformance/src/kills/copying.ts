import { readdir, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { expect } from "vitest"
import type { Fixture } from "../fixture.ts"
import { copyOf } from "../process/command.ts"
import type { Place } from "../subject.ts"
import { outcomeOf } from "../support/outcome.ts"
import { compareAll } from "./compare.ts"
import { contentsOf } from "./contents.ts"
import { MEMORY } from "./steps.ts"
import type { Victim } from "./victim.ts"

/** Lines of a process that copies: some are before it has begun, and some after it is done. */
const LINES = 12
const LINES_OF_BOTH = 50

/**
 * Kills a process while it copies an index, open and written to or not, and checks that the copy is
 * one or is not taken for one; what is left of the index itself is checked by the caller.
 */
export async function killCopying(
  fixture: Fixture,
  victim: Victim,
  isOpen: boolean,
): Promise<void> {
  const { place, bounds } = victim
  const before = isOpen ? [] : await entriesAt(fixture, place)
  const { phase, sent } = isOpen
    ? await victim.kill("killCopy", LINES_OF_BOTH)
    : await victim.kill("killCopyClosed", LINES)
  if (!isOpen) expect(await entriesAt(fixture, place), "the source, byte by byte").toEqual(before)

  const files = fixture.files(place)
  const copy = { ...place, store: () => files.storeAt(copyOf(files.path)) }
  const opening = fixture.openIndex(copy, { memory: MEMORY })
  const outcome = await outcomeOf(opening)
  if (phase !== "copied" && outcome === "TIERDEX_UNSUPPORTED_FORMAT") return
  expect(outcome).toBe("done")
  const index = await opening
  // It may be that nothing was written yet.
  if (phase === "copied" || index.size > 0 || index.mark !== undefined) {
    const history = victim.history.fork()
    await history.follow(index, { sent: Math.max(sent, bounds.sent), done: bounds.done })
    await compareAll(index, history.model)
  }
  await index.close()
}

/** Removes what there is of a copy, so that the next one can be made. */
export async function clearCopy(fixture: Fixture, place: Place): Promise<void> {
  const { folder, path } = fixture.files(place)
  for (const name of await readdir(folder)) {
    if (!name.startsWith(basename(copyOf(path)))) continue
    await rm(join(folder, name), { recursive: true, maxRetries: 5 })
  }
}

async function entriesAt(fixture: Fixture, place: Place): Promise<readonly string[]> {
  const store = await fixture.open(place)
  const { entries } = await contentsOf(store)
  await store.close()
  return entries
}
