import { AssertionError } from "node:assert"
import { inspect, isDeepStrictEqual } from "node:util"
import type { MetadataIndex } from "../../src/api.ts"
import { codeOf } from "../../src/errors.ts"
import type { Fields, Model } from "../oracle.ts"
import { FaultError, type FaultyStore } from "../support/faulty-store.ts"

/** A call that takes longer than this never settles. Each takes milliseconds. */
const PATIENCE_MS = 10_000

export type FieldsIndex = MetadataIndex<Fields>

/** How a call ended. */
type Outcome<R> = { readonly value: R } | { readonly error: unknown }

/** The states that a write that failed may leave. */
export interface Remains {
  /** For readers of the open index. */
  readonly seen: Model[]
  /** In the store besides. */
  readonly left: Model[]
}

/**
 * Watches the calls of one client of an index whose store fails, and knows what the client's
 * records may be: one state, or after a write that failed one of several. Every answer has to be
 * that of such a state, and every error that of the store.
 */
export class Witness {
  readonly store: FaultyStore
  /** What readers of the index may see. */
  seen: Model[]
  /** What a write that failed may have left in the store besides. */
  left: Model[] = []
  /** Calls of the index that failed. */
  failures = 0
  /** Whether a write was refused with the failure of an earlier one. */
  isRefused = false
  /** Whether the index is being closed, so that calls may say so. */
  isClosing = false

  constructor(store: FaultyStore, seen: readonly Model[]) {
    this.store = store
    this.seen = [...seen]
  }

  /** The index was closed and opened again: it holds what is in the store, and takes writes. */
  reopened(): void {
    this.seen.push(...this.left)
    this.left = []
    this.isRefused = false
  }

  /** Waits for a call. Throws if it never settles, or fails in a way in which it must not. */
  async outcome<R>(name: string, call: Promise<R>): Promise<Outcome<R>> {
    const { promise: late, resolve } = Promise.withResolvers<"late">()
    const timer = setTimeout(() => resolve("late"), PATIENCE_MS)
    const outcome = await Promise.race([
      call.then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
      late,
    ])
    clearTimeout(timer)
    if (outcome === "late") throw new Error(`${name} has not settled after ${PATIENCE_MS} ms`)
    if ("error" in outcome) this.#checkError(name, outcome.error)
    return outcome
  }

  /** An error has to be the store's, in a code of the index, or come of closing. */
  #checkError(name: string, error: unknown): void {
    this.failures++
    const code = codeOf(error)
    if (code === "TIERDEX_CLOSED" && this.isClosing) return
    const isOfStore = error instanceof Error && error.cause instanceof FaultError
    if (code !== "TIERDEX_STORE_FAILED" || !isOfStore) {
      throw new Error(`${name} failed with ${inspect(error)}`, { cause: error })
    }
    if (error.message.startsWith("The store failed to write")) this.isRefused = true
  }

  /** Makes a call that changes no records. Returns whether it succeeded. */
  async run(name: string, call: Promise<unknown>): Promise<boolean> {
    return "value" in (await this.outcome(name, call))
  }

  /** Reads, and checks that the answer is that of a state that the index may be in. */
  async read(
    name: string,
    ask: Promise<unknown>,
    answer: (model: Model) => unknown,
  ): Promise<void> {
    const outcome = await this.outcome(name, ask)
    if ("error" in outcome) return
    const fitting = this.seen.filter((model) => isDeepStrictEqual(answer(model), outcome.value))
    if (fitting.length === 0) {
      const [got, ...wanted] = [outcome.value, ...this.seen.map(answer)].map((each) =>
        inspect(each, { depth: 9 }),
      )
      throw new AssertionError({ message: `${name}: expected ${wanted.join(" or ")}, got ${got}` })
    }
    this.seen = fitting
  }

  /**
   * Makes writes of one turn, which share a log entry. If they fail, the store has all or nothing
   * of them.
   * @param remains what is there after a failure; by default nothing, and in the store perhaps all
   */
  async write<R>(
    name: string,
    ask: () => Promise<R>,
    apply: (model: Model) => R,
    remains: (before: Model, after: Model, error: unknown) => Remains = (before, after) => ({
      seen: [before],
      left: [after],
    }),
  ): Promise<void> {
    const wasRefused = this.isRefused
    const wasSound = this.store.failed === undefined
    const outcome = await this.outcome(name, ask())
    const states = this.seen.map((before) => {
      const after = before.clone()
      return { before, after, reported: apply(after) }
    })
    if ("error" in outcome) {
      const all = states.map(({ before, after }) => remains(before, after, outcome.error))
      this.seen = all.flatMap(({ seen }) => seen)
      if (wasSound && this.isRefused) this.left = all.flatMap(({ left }) => left)
      return
    }
    if (wasRefused) throw new Error(`${name} was taken after a failed write`)
    const fitting = states.filter(({ reported }) => isDeepStrictEqual(reported, outcome.value))
    if (fitting.length === 0) {
      throw new AssertionError({ message: `${name}: reported ${inspect(outcome.value)}` })
    }
    this.seen = fitting.map(({ after }) => after)
  }
}
