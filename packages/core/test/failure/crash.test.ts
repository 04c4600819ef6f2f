import { expect, test } from "vitest"
import { CrashingStore } from "../support/crashing-store.ts"
import { BATCHES, checkAfter, open, run } from "./crash-workload.ts"

test.each(["sync", "os"] as const)(
  "a crash at any store operation loses no acknowledged batch (durability %s)",
  { timeout: 120_000 },
  async (durability) => {
    const whole = new CrashingStore()
    expect(await run(whole, durability)).toBe(BATCHES)
    expect(whole.operations).toBeGreaterThan(60)
    for (let crashAt = 1; crashAt <= whole.operations; crashAt++) {
      const store = new CrashingStore({ crashAt, applied: true })
      const acknowledged = await run(store, durability)
      // The last of the pending is the operation that died: carried out, or not.
      const { pending } = store
      const before = Math.max(0, pending - 1)
      for (const kept of new Set([0, Math.floor(pending / 2), before, pending])) {
        // A power cut may take what was only acknowledged by the system.
        const isPowerCut = kept < before
        const least = durability === "sync" || !isPowerCut ? acknowledged : 0
        await checkAfter(await store.afterCrash(kept), least, acknowledged + 1)
      }
    }
  },
)

test("a crash while recovering from a crash loses nothing either", {
  timeout: 60_000,
}, async () => {
  const whole = new CrashingStore()
  await run(whole, "sync")
  for (let crashAt = 5; crashAt <= whole.operations; crashAt += 5) {
    for (let second = 1; second <= 4; second++) {
      const store = new CrashingStore({ crashAt })
      const acknowledged = await run(store, "sync")
      const again = new CrashingStore({ crashAt: second }, await store.afterCrash())
      try {
        const index = await open(again, "sync")
        await index.flush()
        await index.close()
      } catch (error) {
        if (!again.crashed) throw error
      }
      await checkAfter(await again.afterCrash(), acknowledged, acknowledged + 1)
    }
  }
})
