import { openIndex, type Store, type StoredIndexOptions } from "@tierdex/core"
import type { Effort, Fields, FieldsIndex } from "./oracle/index.ts"
import { Child } from "./process/child.ts"
import type { Place, PlaceFiles, Subject } from "./subject.ts"

/** How hard a scenario looks for a failure. */
export interface Thoroughness {
  /** Whether a property looks for the simplest case that fails. */
  readonly shrinks: boolean
  /** How often a scenario of kills plays. */
  readonly rounds: number
  /** How long it waits for what has to come soon, which is far longer than that should take. */
  readonly patienceMs: number
}

/** What a scenario works with. It tidies up after it, however the scenario ends. */
export class Fixture {
  readonly subject: Subject
  readonly #shrinks: boolean
  #seed: number | undefined
  readonly #places: Place[] = []
  readonly #children: Child[] = []
  readonly #closables: { close(): Promise<void> }[] = []

  readonly rounds: number
  readonly patienceMs: number

  constructor(subject: Subject, { shrinks, rounds, patienceMs }: Thoroughness) {
    this.subject = subject
    this.rounds = rounds
    this.patienceMs = patienceMs
    this.#shrinks = shrinks
  }

  /**
   * How many cases a property of this share tries: of 100, or of `TIERDEX_RUNS`. `TIERDEX_SEED`
   * repeats them; fast-check prints it when a property fails.
   */
  effort(share: number): Effort {
    const { TIERDEX_RUNS = "100", TIERDEX_SEED } = process.env
    return {
      numRuns: Math.ceil(Number(TIERDEX_RUNS) * share),
      endOnFailure: !this.#shrinks,
      ...(TIERDEX_SEED !== undefined && { seed: Number(TIERDEX_SEED) }),
    }
  }

  /** Of random choices that fast-check does not make: `TIERDEX_SEED`, or any. */
  get seed(): number {
    this.#seed ??= Number(process.env.TIERDEX_SEED ?? Math.floor(Math.random() * 2 ** 31))
    return this.#seed
  }

  async newPlace(): Promise<Place> {
    const place = await this.subject.newPlace()
    this.#places.push(place)
    return place
  }

  /** An open store, by default in a new place. */
  async open(place?: Place): Promise<Store> {
    return await this.opened((place ?? (await this.newPlace())).store())
  }

  /** Opens a store, which is closed at the end. */
  async opened(store: Store): Promise<Store> {
    await store.open()
    this.#closables.push(store)
    return store
  }

  /** An open index over a store, by default in a new place. */
  async openIndex(
    place?: Place,
    options: Omit<StoredIndexOptions, "store"> = {},
  ): Promise<FieldsIndex> {
    const store = (place ?? (await this.newPlace())).store()
    const index = await openIndex<Fields>({ store, durability: "os", ...options })
    this.#closables.push(index)
    return index
  }

  /** What a place has on disk. Only in scenarios that need `persistent`. */
  files({ files }: Place): PlaceFiles {
    if (files === undefined) throw new Error("This scenario has to need `persistent`.")
    return files
  }

  /** A process of its own with a store at that path; see `commands.ts`. */
  child(
    place: Place,
    command: string,
    { argument = 0, fileBlocks, path }: ChildOptions = {},
  ): Child {
    const files = this.files(place)
    const task = { source: files.source(path ?? files.path), command, argument }
    const child = new Child(task, fileBlocks)
    this.#children.push(child)
    return child
  }

  /** Ends the processes, closes what was opened, and removes the places. */
  async end(): Promise<void> {
    const settled = [
      ...(await Promise.allSettled(this.#children.map((child) => child.kill()))),
      ...(await Promise.allSettled(this.#closables.map((closable) => closable.close()))),
      ...(await Promise.allSettled(this.#places.map((place) => place.remove()))),
    ]
    const failed = settled.find((result) => result.status === "rejected")
    if (failed !== undefined) throw failed.reason
  }
}

export interface ChildOptions {
  readonly argument?: number
  /** The limit of a file's size, in blocks of 512 bytes. */
  readonly fileBlocks?: number
  /** By default the place's. */
  readonly path?: string
}
