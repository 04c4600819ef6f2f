import fc from "fast-check"
import { describe, test } from "vitest"
import { answersAsModel, keepsSnapshots } from "../oracle.ts"
import { shardedConfigurations } from "./configurations.ts"

/** A part of what other properties get: these run for each configuration. */
const numRuns = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 5)

describe.each(shardedConfigurations())("an index $name", (configuration) => {
  test("answers as the model does", async () => {
    await answersAsModel(configuration, { numRuns })
  })

  test("has snapshots that stay as they were", async () => {
    await keepsSnapshots(configuration, { numRuns })
  })
})
