import fc from "fast-check"
import { test, vi } from "vitest"
import { homes, runTrials, WRITES } from "./trial.ts"

// Segments as small as those of the clients are otherwise made without a thread.
vi.mock("../../src/build/builder.ts", async (original) => {
  const builder = await original<typeof import("../../src/build/builder.ts")>()
  const build: typeof builder.build = (job, store, _isSmall, options) =>
    builder.build(job, store, false, options)
  return { ...builder, build }
})

const numRuns = fc.readConfigureGlobal().numRuns ?? 100

const timeout = 600_000

test.each([
  ["any call", homes.atOnce, 1, undefined],
  ["any call, late", homes.allLate, 1, undefined],
  ["a write with clients, late", homes.late, 3, WRITES],
  ["a write with clients, all late", homes.allLate, 3, WRITES],
] as const)(
  "while threads make segments, %s may fail",
  { timeout },
  async (_, home, clients, kinds) => {
    const fault = { lasts: "once", ...(kinds === undefined ? {} : { kinds }) } as const
    await runTrials({ home, clients, fault, perKind: Math.ceil(numRuns / 50) })
  },
)
