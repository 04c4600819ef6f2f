import { MOMENTS, type Moment } from "./moments.ts"

/** What a scenario did, in numbers, to be printed at its end. */
export class Figures {
  kills = 0
  /** Of these, before the process had the index open. */
  killsOfOpening = 0
  /** By what was under way. */
  readonly killsIn = new Map<Moment, number>(MOMENTS.map((moment) => [moment, 0]))
  acknowledged = 0
  flushes = 0
  merges = 0
  /** Openings that found something to be freed. */
  unfinished = 0
  /** What an opening takes in a process that is killed later on. */
  childOpeningMs = 20
  readonly openingsMs: number[] = []
  readonly keysRead: number[] = []

  /** What no kill has hit. */
  get missed(): Moment[] {
    return MOMENTS.filter((moment) => this.killsIn.get(moment) === 0)
  }

  toString(): string {
    const openMs = this.openingsMs.map(Math.ceil)
    return [
      `${this.kills} kills, ${this.killsOfOpening} of them while opening`,
      Array.from(this.killsIn, ([moment, kills]) => `${kills} in ${moment}`).join(", "),
      `${this.acknowledged} steps acknowledged, none lost`,
      `${this.flushes} flushes and ${this.merges} merges`,
      `${this.unfinished} of ${openMs.length} openings had something to free`,
      `they took ${median(openMs)} ms, at most ${Math.max(...openMs)} ms`,
      `and read ${median(this.keysRead)} keys, at most ${Math.max(...this.keysRead)}`,
    ].join(", ")
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
