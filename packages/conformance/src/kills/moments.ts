import { setTimeout } from "node:timers/promises"
import type { IndexStats, KeyRange, Store, WriteOp } from "@tierdex/core"
import { WrappedStore } from "../support/wrapped-store.ts"
import { LOG } from "./contents.ts"

/** What may be under way when a process is killed, and has to be hit, as its index sees it. */
export const MOMENTS = [
  "flush",
  "merge on a thread",
  "range deletion",
  /** A write is in the log, and its caller does not know yet. */
  "log and acknowledgement",
] as const

export type Moment = (typeof MOMENTS)[number]

/** By how much a short moment is drawn out, so that kills hit it. */
const LINGER_MS = 2

/** A store that knows which moments its index is in, and tells of every change. */
export class MomentStore extends WrappedStore {
  readonly #onChange: () => void
  #deletions = 0
  #isLogged = false

  constructor(inner: Store, onChange: () => void) {
    super(inner)
    this.#onChange = onChange
  }

  moments({ building }: Pick<IndexStats, "building">): Moment[] {
    const isUnderWay: Record<Moment, boolean> = {
      flush: building.some(({ by }) => by === "flush"),
      "merge on a thread": building.some(({ by, onThread }) => by === "merge" && onThread),
      "range deletion": this.#deletions > 0,
      "log and acknowledgement": this.#isLogged,
    }
    return MOMENTS.filter((moment) => isUnderWay[moment])
  }

  /** To be called with every acknowledgement. */
  acknowledged(): void {
    this.#isLogged = false
  }

  override getMany(keys: readonly Uint8Array[]) {
    this.#onChange()
    return super.getMany(keys)
  }

  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    this.#onChange()
    await super.write(ops, options)
    if (ops.at(-1)?.key[0] !== LOG) return
    this.#isLogged = true
    this.#onChange()
    if (Math.random() < 0.5) await setTimeout(LINGER_MS * Math.random())
  }

  override async deleteRange(range: KeyRange): Promise<void> {
    this.#deletions++
    this.#onChange()
    // Some engines have nothing to do but to note the range.
    if (Math.random() < 0.5) await setTimeout(LINGER_MS * Math.random())
    await super.deleteRange(range)
    await setTimeout(LINGER_MS * Math.random())
    this.#deletions--
    this.#onChange()
  }
}
