import fc from "fast-check"
import { describe, test } from "vitest"
import type { FaultOptions } from "../support/faulty-store.ts"
import { homes, runTrials, WRITES } from "./trial.ts"

const numRuns = fc.readConfigureGlobal().numRuns ?? 100

type Fault = Omit<FaultOptions, "failAt">

const timeout = 600_000

describe.each([
  ["answers at once", homes.atOnce],
  ["answers late", homes.allLate],
])("a store that %s may fail", (_, home) => {
  /** In how many calls of each kind, in 100 runs. */
  const faults: (readonly [Fault, number])[] = [
    [{ lasts: "once" }, 4],
    [{ lasts: "once", applied: true, kinds: [...WRITES, "close"] }, 3],
    [{ lasts: "kind" }, 2],
    [{ lasts: "all" }, 1],
  ]

  test.each(faults)("in any call: %o", { timeout }, async (fault, perKind) => {
    await runTrials({ home, clients: 1, fault, perKind: Math.ceil((perKind * numRuns) / 100) })
  })
})

describe.each([
  ["answers late, but for reads", homes.late],
  ["answers late", homes.allLate],
])("a store that %s may fail to write", (_, home) => {
  const faults: (readonly [Fault, number])[] = [
    [{ lasts: "once", kinds: WRITES }, 6],
    [{ lasts: "once", applied: true, kinds: WRITES }, 3],
    [{ lasts: "kind", kinds: WRITES }, 1],
  ]

  test.each(faults)(
    "with clients, flushes and merges under way: %o",
    {
      timeout,
    },
    async (fault, perKind) => {
      await runTrials({ home, clients: 3, fault, perKind: Math.ceil((perKind * numRuns) / 100) })
    },
  )
})
