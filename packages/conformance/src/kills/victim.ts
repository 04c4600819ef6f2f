import type { Durability } from "@tierdex/core"
import { expect, vi } from "vitest"
import type { Fixture } from "../fixture.ts"
import type { FieldsIndex } from "../oracle/index.ts"
import type { Place } from "../subject.ts"
import { compareAll } from "./compare.ts"
import { contentsOf, isOfField } from "./contents.ts"
import type { Figures } from "./figures.ts"
import { type Bounds, History } from "./history.ts"
import type { Moment } from "./moments.ts"
import { type Progress, parseProgress } from "./progress.ts"
import { MEMORY } from "./steps.ts"
import { WatchedStore } from "./watched-store.ts"

/** A kill that waits for a moment comes at most so much later. */
const MOMENT_MS = 3

export interface VictimOptions {
  readonly seed: number
  readonly durability: Durability
  /** Chooses the moments. */
  readonly random: () => number
  readonly figures: Figures
}

/** An index whose processes are killed, one after another, and what is known of it. */
export class Victim {
  readonly place: Place
  readonly #fixture: Fixture
  readonly #options: VictimOptions
  /** Up to the last check. */
  readonly history: History
  /** Of all processes so far. */
  bounds: Bounds = { sent: 0, done: 0 }

  constructor(fixture: Fixture, place: Place, options: VictimOptions) {
    this.place = place
    this.#fixture = fixture
    this.#options = options
    this.history = new History(options.seed)
  }

  /**
   * Kills a process while it writes, after at most so many lines of what it says; or after some of
   * them when a moment comes.
   */
  async killWriting(mostLines: number, moment?: Moment): Promise<void> {
    await this.kill(this.#writer, mostLines, moment)
  }

  /** Kills a process while it opens the index, or soon after. */
  async killOpening(): Promise<void> {
    const { random, figures } = this.#options
    const child = this.#child(this.#writer)
    const first = await child.line()
    const last = await child.killAfter(random() * 1.5 * figures.childOpeningMs)
    const progress = parseProgress(last ?? first)
    this.#note(progress)
    // However it was measured, most moments are to hit, and some to come too late.
    figures.childOpeningMs *= progress.phase === "opening" ? 1.1 : 0.6
  }

  /** Kills a process after at most so many lines of what it says once it has begun. */
  async kill(command: string, mostLines: number, moment?: Moment): Promise<Progress> {
    const { random, figures } = this.#options
    const child = this.#child(command)
    await child.line()
    const start = performance.now()
    await child.line()
    figures.childOpeningMs = performance.now() - start
    const lines = 1 + Math.floor(random() * mostLines)
    let last: string
    if (moment === undefined) last = await child.killBetween(lines, random())
    else {
      const isIt = (line: string) => parseProgress(line).moments.includes(moment)
      last = await child.killWhen(isIt, lines, random() < 0.5 ? 0 : MOMENT_MS * random())
    }
    const progress = parseProgress(last)
    this.#note(progress)
    return progress
  }

  /** Opens what was left, holds it against the model, and closes it. */
  async check(): Promise<void> {
    const store = new WatchedStore(this.place.store())
    const index = await this.#open(store)
    this.#checkReads(store.keysRead)
    await this.#waitForSpace(store, index)
    if (store.rangesFreed > 0) this.#options.figures.unfinished++
    await this.history.follow(index, this.bounds)
    await compareAll(index, this.history.model)
    await index.close()
  }

  /** Makes one segment of it all, and checks that too. */
  async checkCompacted(): Promise<void> {
    const store = new WatchedStore(this.place.store())
    const index = await this.#open(store)
    await index.compact()
    await compareAll(index, this.history.model)
    await this.#waitForSpace(store, index)
    await index.close()
  }

  get #writer(): string {
    return this.#options.durability === "sync" ? "killSync" : "killOs"
  }

  #child(command: string) {
    return this.#fixture.child(this.place, command, { argument: this.#options.seed })
  }

  /** Takes the last words of a process. What it found must be checked here: it went on from there. */
  #note({ phase, found, sent, done, moments, flushes = 0, merges = 0 }: Progress): void {
    const { figures } = this.#options
    figures.kills++
    for (const moment of moments) {
      figures.killsIn.set(moment, (figures.killsIn.get(moment) ?? 0) + 1)
    }
    if (phase === "opening") figures.killsOfOpening++
    if (found === undefined) return
    this.history.checkMark(found, this.bounds)
    figures.flushes += flushes
    figures.merges += merges
    figures.acknowledged += Math.max(0, done - this.bounds.done)
    this.bounds = {
      sent: Math.max(sent, this.bounds.sent),
      done: Math.max(done, this.bounds.done),
    }
  }

  async #open(store: WatchedStore): Promise<FieldsIndex> {
    const start = performance.now()
    const place = { ...this.place, store: () => store }
    const { durability, figures } = this.#options
    const index = await this.#fixture.openIndex(place, { durability, memory: MEMORY })
    figures.openingsMs.push(performance.now() - start)
    return index
  }

  async #waitForSpace(store: WatchedStore, index: FieldsIndex): Promise<void> {
    await vi.waitFor(() => checkSpace(store, index), { timeout: this.#fixture.patienceMs })
  }

  /** What makes opening fast, however large an index is. */
  #checkReads(keysRead: readonly string[]): void {
    this.#options.figures.keysRead.push(keysRead.length)
    expect(keysRead.filter(isOfField), "pages of fields, read by opening").toEqual([])
    expect(new Set(keysRead).size, "keys read by opening, each once").toBe(keysRead.length)
  }
}

/** Checks that a store has pages of an index's segments only, and of the log only what is needed. */
async function checkSpace(store: WatchedStore, index: FieldsIndex): Promise<void> {
  const { segments, logEntries } = await contentsOf(store)
  const stats = index.stats()
  const named = stats.segments.map(({ segment }) => segment).sort((a, b) => a - b)
  expect(segments, "segments with pages, and those of the index").toEqual(named)
  expect(logEntries, "entries of the log, and those that are needed").toBe(stats.log.entries)
}
