import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { compareRecords, compareWithModel } from "../oracle/compare.ts"
import type { Fields } from "../oracle/fields.ts"
import { filters, operations, probes } from "../oracle/generate.ts"
import { Model } from "../oracle/model.ts"
import { applyOperation } from "../oracle/operation.ts"
import { configurations } from "./configurations.ts"

/** Half of what other properties get: these run for each configuration. */
const numRuns = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 2)

describe.each(configurations())("an index $name", ({ open, afterWrite, settle, reopen }) => {
  test("answers as the model does", async () => {
    await fc.assert(
      fc.asyncProperty(
        operations(),
        fc.array(fc.tuple(filters, probes), { minLength: 1, maxLength: 4 }),
        async (steps, questions) => {
          const model = new Model()
          let index = await open()
          for (const step of steps) {
            index = await applyOperation(index, model, step, reopen)
            await afterWrite(index)
          }
          index = await settle(index)
          for (const [filter, probe] of questions) {
            await compareWithModel(index, model, filter, probe)
          }
          await compareRecords(index, model)
          expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
          await index.close()
        },
      ),
      { numRuns },
    )
  })

  test("has snapshots that stay as they were", async () => {
    await fc.assert(
      fc.asyncProperty(
        operations({ maxLength: 12 }),
        operations({ maxLength: 12 }),
        filters,
        probes,
        async (before, after, filter, probe) => {
          const model = new Model()
          let index: MetadataIndex<Fields> = await open()
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
        },
      ),
      { numRuns },
    )
  })
})
