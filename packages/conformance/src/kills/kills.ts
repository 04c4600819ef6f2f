import type { Durability } from "@tierdex/core"
import type { Fixture } from "../fixture.ts"
import { feature, needing } from "../scenario.ts"
import { randomFrom } from "../support/random.ts"
import { clearCopy, killCopying } from "./copying.ts"
import { Figures } from "./figures.ts"
import { MOMENTS } from "./moments.ts"
import { Victim, type VictimOptions } from "./victim.ts"

/** Lines of a writer, of which a step has four or so: enough for some segments and their merges. */
const LINES = 320

/** With so many rounds every moment has to be hit, if need be by more kills that wait for it. */
const ENOUGH_ROUNDS = 25
const MORE_KILLS = 10

/** Indexes whose processes are killed. */
export const kills = feature("kills", {
  "with durability sync leave what was acknowledged, and every batch whole": needing(
    "persistent",
    (fixture) => killWriters(fixture, "sync"),
  ),

  "with durability os leave what was acknowledged, and every batch whole": needing(
    "persistent",
    (fixture) => killWriters(fixture, "os"),
  ),

  "while an index is made leave one, or nothing": needing("persistent", async (fixture) => {
    await playRounds(fixture, "sync", async (round, options) => {
      const victim = new Victim(fixture, await fixture.newPlace(), options)
      // The first tells how long it takes.
      if (round === 0) await victim.killWriting(1)
      else await victim.killOpening()
      await victim.check()
    })
  }),

  "while an index is copied leave it unharmed, and no half of a copy": needing(
    "persistent",
    async (fixture) => {
      const place = await fixture.newPlace()
      let victim: Victim | undefined
      await playRounds(fixture, "os", async (round, options) => {
        victim ??= new Victim(fixture, place, options)
        await victim.killWriting(LINES / 2)
        await killCopying(fixture, victim, round % 2 === 0)
        await victim.check()
        await clearCopy(fixture, place)
      })
    },
  ),
})

/** All rounds in the same place, so that there is always something of the last one. */
async function killWriters(fixture: Fixture, durability: Durability): Promise<void> {
  const place = await fixture.newPlace()
  let victim: Victim | undefined
  const figures = await playRounds(fixture, durability, async (round, options) => {
    victim ??= new Victim(fixture, place, options)
    // Every other kill comes whenever it comes, the others wait for a moment of each kind in turn.
    const moment = round % 2 === 0 ? undefined : MOMENTS[(round >> 1) % MOMENTS.length]
    await victim.killWriting(LINES, moment)
    // Recovery is killed, and what came of that.
    if (round % 3 > 0) await victim.killOpening()
    if (round % 3 > 1) await victim.killWriting(LINES / 10)
    await victim.check()
  })
  if (victim !== undefined && fixture.rounds >= ENOUGH_ROUNDS) await hitAll(victim, figures)
  await victim?.checkCompacted()
}

async function hitAll(victim: Victim, figures: Figures): Promise<void> {
  for (let more = 0; more < MORE_KILLS && figures.missed.length > 0; more++) {
    await victim.killWriting(LINES, figures.missed[0])
    await victim.check()
  }
  // No finding about the store: the test has not looked where it should.
  if (figures.missed.length > 0) throw new Error(`No kill hit ${figures.missed.join(", ")}.`)
}

/** Plays the rounds, and says and answers what they did, or which of them failed. */
async function playRounds(
  fixture: Fixture,
  durability: Durability,
  play: (round: number, options: VictimOptions) => Promise<void>,
): Promise<Figures> {
  const { rounds, seed } = fixture
  const figures = new Figures()
  const options = { durability, seed, figures, random: randomFrom(seed) }
  for (let round = 0; round < rounds; round++) {
    try {
      await play(round, options)
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : cause
      const where = `round ${round + 1} of ${rounds} with TIERDEX_SEED=${seed}`
      throw new Error(`${what} (${where}, after ${figures.kills} kills)`, { cause })
    }
  }
  // biome-ignore lint/suspicious/noConsole: what a passed test found, for its reader.
  console.log(`${fixture.subject.name}, durability ${durability}: ${figures}`)
  return figures
}
