import { expect, test, vi } from "vitest"
import { runBackup } from "../src/backup.ts"
import { orders } from "../src/orders.ts"

test("the example backs up one moment, and moves the latest", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue()
  const result = await runBackup({ from: "level", to: "lmdb" })
  const kept = orders(0, 20_000).filter(([, o]) => o.status !== "shipped" || o.total >= 100)
  expect(result.snapshot).toBe(kept.length)
  expect(result.backup).toBe(kept.length)
  expect(result.live).toBeLessThan(kept.length)
  expect(result.moved).toBe(result.live + 1)
  const printed = log.mock.calls.map(([line]) => String(line))
  expect(printed).toHaveLength(4)
  expect(printed[2]).toContain("sound")
})
