import { isDeepStrictEqual } from "node:util"
import { expect } from "vitest"
import type { Fields, FieldsIndex } from "../oracle/index.ts"
import { Model } from "../oracle/index.ts"
import { type Step, stepOf } from "./steps.ts"

/** The least part of a step that no kill divides. */
interface Write {
  play(model: Model): void
  /** Whether an index with these records may have it. */
  isIn(found: ReadonlyMap<string, Fields>): boolean
}

/** The last step that was begun, and the last that was acknowledged, by any process so far. */
export interface Bounds {
  readonly sent: number
  readonly done: number
}

/** What was written to an index, step by step: the plain model of it. */
export class History {
  readonly seed: number
  readonly model: Model

  constructor(seed: number, model = new Model()) {
    this.seed = seed
    this.model = model
  }

  /** The same up to now, to go on by itself. */
  fork(): History {
    return new History(this.seed, this.model.clone())
  }

  /**
   * Throws unless an index with this mark is between the last step that was acknowledged and the
   * last that was begun.
   */
  checkMark(marked: number, { sent, done }: Bounds): void {
    // What comes behind the mark is a step without one, or none.
    const most = stepOf(this.seed, marked + 1).type === "batch" ? marked : marked + 1
    expect(most, "steps that are there, and were acknowledged").toBeGreaterThanOrEqual(done)
    expect(marked, "batches that are there, and were begun").toBeLessThanOrEqual(sent)
  }

  /** Goes on to the state of an index; what its records are is left to be compared. */
  async follow(index: FieldsIndex, bounds: Bounds): Promise<void> {
    const { sent, done } = bounds
    const marked = Number(index.mark ?? 0)
    this.checkMark(marked, bounds)
    for (let n = Number(this.model.mark ?? 0) + 1; n <= marked; n++) {
      for (const write of writesOf(stepOf(this.seed, n), this.model)) write.play(this.model)
    }
    const next = stepOf(this.seed, marked + 1)
    if (next.type === "batch" || sent === marked) return
    const found = new Map<string, Fields>()
    for await (const [id, record] of index.entries()) found.set(id, record)
    for (const write of writesOf(next, this.model)) {
      // They take effect in their order, so the first that is not there is the end.
      if (done <= marked && !write.isIn(found)) break
      write.play(this.model)
    }
  }
}

function writesOf(step: Step, model: Model): Write[] {
  switch (step.type) {
    case "batch":
      return [{ play: (to) => to.batch(step.ops, { mark: step.mark }), isIn: () => false }]
    case "putMany":
      return step.entries.map(([id, record]) => ({
        play: (to) => to.put(id, record),
        isIn: (found) => isDeepStrictEqual(found.get(id), record),
      }))
    case "update":
      return [
        {
          play: (to) => to.update(step.id, step.patch),
          isIn: (found) => found.get(step.id)?.step === step.patch.step,
        },
      ]
    case "deleteMany":
      return model.ids(step.filter).map((id) => ({
        play: (to) => to.delete(id),
        isIn: (found) => !found.has(id),
      }))
    case "clear":
      return [{ play: (to) => to.clear(), isIn: (found) => found.size === 0 }]
  }
}
