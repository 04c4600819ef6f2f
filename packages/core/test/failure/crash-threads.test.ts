import { expect, test, vi } from "vitest"
import { CrashingStore } from "../support/crashing-store.ts"
import { BATCHES, checkAfter, run } from "./crash-workload.ts"

// Segments as small as those of the workload are otherwise made without a thread.
vi.mock("../../src/build/builder.ts", async (original) => {
  const { build, ...rest } = await original<typeof import("../../src/build/builder.ts")>()
  const withThread: typeof build = (job, store, _isSmall, options) =>
    build(job, store, false, options)
  return { ...rest, build: withThread }
})

test("a crash while a thread makes segments loses no acknowledged batch", {
  timeout: 120_000,
}, async () => {
  const whole = new CrashingStore()
  expect(await run(whole, "sync")).toBe(BATCHES)
  for (let crashAt = 1; crashAt <= whole.operations; crashAt += 3) {
    const store = new CrashingStore({ crashAt, applied: crashAt % 2 === 0 })
    const acknowledged = await run(store, "sync")
    for (const kept of new Set([0, store.pending])) {
      await checkAfter(await store.afterCrash(kept), acknowledged, acknowledged + 1)
    }
  }
})
