import { drive } from "../cache/steps.ts"
import { TierdexError } from "../errors.ts"
import { compactMemtable } from "./compact-memtable.ts"
import type { State } from "./state.ts"
import type { Room } from "./writer.ts"

/** Records below which cleaning up is not worth the while. */
const MIN_SIZE = 1024
const MAX_DEAD_SHARE = 0.25
/** A full index is not cleaned up for less: every other write would do it again. */
const MIN_DEAD_SHARE = 1 / 16
/** What a written byte becomes in memory at most, with dictionaries, columns and hashes. */
const GROWTH = 3
/** Memory grows in steps: this part of the budget is kept free for them. */
const FREE_SHARE = 1 / 8
const MAX_FREE_BYTES = 4 * 2 ** 20

/** Room in an index without a store: cleans the memtable up, and keeps it within its budget. */
export class MemoryRoom implements Room {
  readonly #state: State

  constructor(state: State) {
    this.#state = state
  }

  reserve(bytes: number): Promise<void> | undefined {
    const { active, options } = this.#state
    if (active.size >= MIN_SIZE && active.live.dead > active.size * MAX_DEAD_SHARE) {
      return this.#compact()
    }
    const limit = options.budget?.total
    // What only deletes must go through, or a full index could not be made smaller.
    if (limit === undefined || bytes === 0) return undefined
    const used = active.byteLength
    const free = Math.min(limit * FREE_SHARE, MAX_FREE_BYTES)
    if (used + bytes * GROWTH <= limit - free) return undefined
    if (active.live.dead > active.size * MIN_DEAD_SHARE) return this.#compact()
    throw new TierdexError(
      "TIERDEX_MEMORY_EXCEEDED",
      `The index takes ${used} bytes of its memory budget of ${limit}, and the write does not fit ` +
        "beside it. Raise `memory`, or open the index with a store: then it moves to disk.",
    )
  }

  /** Drops what is dead. Views that are open keep the old memtable. */
  async #compact(): Promise<void> {
    this.#state.active = await drive(compactMemtable(this.#state.active))
  }
}
