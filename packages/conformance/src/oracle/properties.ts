import type { MetadataIndex } from "@tierdex/core"
import fc from "fast-check"
import { expect } from "vitest"
import { compareRecords, compareWithModel } from "./compare.ts"
import type { Fields } from "./fields.ts"
import { filters, operations, probes } from "./generate.ts"
import { Model } from "./model.ts"
import { applyOperation } from "./operation.ts"

export type FieldsIndex = MetadataIndex<Fields>

/** A way to keep an index, through which the same calls must give the same answers. */
export interface Configuration {
  /** A new, empty index. */
  readonly open: () => Promise<FieldsIndex>
  /** Called after every write. */
  readonly afterWrite: (index: FieldsIndex) => Promise<void>
  /** Called before questions are asked. */
  readonly settle: (index: FieldsIndex) => Promise<FieldsIndex>
  /** Closes the index and opens it again. */
  readonly reopen: (index: FieldsIndex) => Promise<FieldsIndex>
}

/** How many cases a property tries; the seed repeats them. */
export interface Effort {
  readonly numRuns: number
  readonly seed?: number
  /** Takes the first case that fails as it is, instead of looking for the simplest. */
  readonly endOnFailure?: boolean
}

/** Any calls one after the other, then any questions: an index answers as the model does. */
export async function answersAsModel(
  { open, afterWrite, settle, reopen }: Configuration,
  effort: Effort,
): Promise<void> {
  const questions = fc.array(fc.tuple(filters, probes), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(operations(), questions, async (steps, asked) => {
      const model = new Model()
      let index = await open()
      for (const step of steps) {
        index = await applyOperation(index, model, step, reopen)
        await afterWrite(index)
      }
      index = await settle(index)
      for (const [filter, probe] of asked) await compareWithModel(index, model, filter, probe)
      await compareRecords(index, model)
      expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
      await index.close()
    }),
    effort,
  )
}

/** Any calls after a snapshot, a merge among them, leave it as it was. */
export async function keepsSnapshots(
  { open, afterWrite, reopen }: Configuration,
  effort: Effort,
): Promise<void> {
  const calls = operations({ maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(calls, calls, filters, probes, async (before, after, filter, probe) => {
      const model = new Model()
      let index = await open()
      for (const step of before) index = await applyOperation(index, model, step, reopen)
      const frozen = model.clone()
      const snapshot = await index.snapshot()
      for (const step of after) {
        // Closing the index would end the snapshot.
        if (step.type === "reopen") continue
        index = await applyOperation(index, model, step)
        await afterWrite(index)
      }
      await compareWithModel(snapshot, frozen, filter, probe)
      await index.compact()
      await compareWithModel(snapshot, frozen, filter, probe)
      await compareRecords(snapshot, frozen)
      await snapshot.close()
      await compareWithModel(index, model, filter, probe)
      expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
      await index.close()
    }),
    effort,
  )
}
