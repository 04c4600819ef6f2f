import { type DriveOptions, drive, type Steps } from "../cache/steps.ts"
import { WordPool, withScratch } from "../docset/scratch.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import { waitFor } from "./wait-for.ts"

/** What sets that are free may take without a budget, in bytes. */
const FREE_BYTES = 8 * 2 ** 20
/** Sets of a part that a question has at the same time, besides one for each clause. */
const MORE_SETS = 2

interface Waiting {
  readonly bytes: number
  readonly resolve: () => void
}

/**
 * The memory that questions share for their sets. One that does not fit beside those under way
 * waits for them, first come, first served; one alone always fits.
 */
export class QueryRoom {
  readonly #maxBytes: number
  readonly #words: WordPool
  #bytes = 0
  #running = 0
  readonly #waiting: Waiting[] = []

  /** @param maxBytes for questions and for sets that are free together; undefined: no limit */
  constructor(maxBytes: number | undefined) {
    this.#maxBytes = maxBytes === undefined ? Number.POSITIVE_INFINITY : maxBytes / 2
    this.#words = new WordPool(maxBytes === undefined ? FREE_BYTES : maxBytes / 2)
  }

  /** What questions under way are expected to take, and sets that are free. */
  get bytes(): number {
    return this.#bytes + this.#words.bytes
  }

  /**
   * Runs the steps of a question as soon as there is room. Their sets end with them.
   * @param bytes that they are expected to take
   */
  async run<R>(bytes: number, steps: Steps<R>, options: DriveOptions): Promise<R> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) this.#enter(bytes)
    else await this.#wait(bytes, options.signal)
    try {
      return await drive(withScratch(steps, this.#words), options)
    } finally {
      this.#leave(bytes)
    }
  }

  #fits(bytes: number): boolean {
    return this.#running === 0 || this.#bytes + bytes <= this.#maxBytes
  }

  #enter(bytes: number): void {
    this.#running++
    this.#bytes += bytes
  }

  async #wait(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = { bytes, resolve }
    this.#waiting.push(waiting)
    try {
      await waitFor(promise, signal)
    } catch (error) {
      const place = this.#waiting.indexOf(waiting)
      if (place >= 0) this.#waiting.splice(place, 1)
      else this.#leave(bytes)
      throw error
    }
  }

  #leave(bytes: number): void {
    this.#running--
    this.#bytes -= bytes
    for (;;) {
      const [next] = this.#waiting
      if (next === undefined || !this.#fits(next.bytes)) return
      this.#waiting.shift()
      this.#enter(next.bytes)
      next.resolve()
    }
  }
}

/** What sets of a question take at most, while it goes from part to part. */
export function setBytes(parts: readonly PartView[], filter: FilterNode): number {
  const largest = parts.reduce((most, { part }) => Math.max(most, part.size), 0)
  return (clausesOf(filter) + MORE_SETS) * Math.ceil(largest / 8)
}

/** As `setBytes`, for a question that needs what matches in all parts at once. */
export function allSetBytes(parts: readonly PartView[], filter: FilterNode): number {
  return parts.reduce((sum, { part }) => sum + Math.ceil(part.size / 8), setBytes(parts, filter))
}

function clausesOf(node: FilterNode): number {
  switch (node.type) {
    case "and":
    case "or":
      return node.nodes.reduce((sum, child) => sum + clausesOf(child), 0)
    case "not":
      return clausesOf(node.node)
    default:
      return 1
  }
}
