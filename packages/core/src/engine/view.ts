import { TierdexError } from "../errors.ts"
import type { PartView } from "../parts/part.ts"

/** How far an index had come at some moment. */
export interface Moment {
  /** Of the last write. */
  readonly sequence: number
  readonly mark: string | undefined
}

/** Releases views whose owners were forgotten. */
const forgotten = new FinalizationRegistry<View>((view) => view.release())

/** All parts of an index as they were at one moment, oldest first. */
export class View {
  readonly parts: readonly PartView[]
  readonly moment: Moment
  readonly #release: () => void
  #isReleased = false

  constructor(parts: readonly PartView[], moment: Moment, release: () => void) {
    this.parts = parts
    this.moment = moment
    this.#release = release
  }

  get size(): number {
    return this.parts.reduce((sum, { live }) => sum + live.size, 0)
  }

  /** Lets go of the segments. A second call does nothing. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    forgotten.unregister(this)
    this.#release()
  }

  /** Lets go at the latest when an object that holds this view is garbage. */
  releaseWith(owner: object): void {
    forgotten.register(owner, this, this)
  }
}

export function closedError(what: string): TierdexError {
  return new TierdexError("TIERDEX_CLOSED", `${what} is closed. Open it again to use it.`)
}
