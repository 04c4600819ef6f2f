/** What shards open for one call. Once that has ended, what comes yet is given up. */
export class Opened<T> {
  readonly #giveUp: (opened: T) => void
  readonly #all: T[] = []
  #isOver = false

  constructor(giveUp: (opened: T) => void) {
    this.#giveUp = giveUp
  }

  add(opened: T): void {
    if (this.#isOver) this.#giveUp(opened)
    else this.#all.push(opened)
  }

  /** The call has succeeded, with these. */
  keep(): readonly T[] {
    this.#isOver = true
    return this.#all
  }

  /** The call has failed. */
  release(): void {
    this.#isOver = true
    for (const opened of this.#all) this.#giveUp(opened)
  }
}
