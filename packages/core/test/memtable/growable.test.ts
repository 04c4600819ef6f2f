import fc from "fast-check"
import { expect, test } from "vitest"
import { GrowableF64, GrowableU32 } from "../../src/memtable/growable.ts"

const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("push" as const), value: fc.nat() }),
    fc.record({ type: fc.constant("set" as const), at: fc.nat(), value: fc.nat() }),
    fc.record({ type: fc.constant("extend" as const), by: fc.nat(40) }),
    // Over the edges of chunks, of which the first alone is copied to grow.
    fc.record({
      type: fc.constant("extend" as const),
      by: fc.integer({ min: 60_000, max: 70_000 }),
    }),
  ),
  { maxLength: 30 },
)

test.each([GrowableU32, GrowableF64])("%o is an array", (Growable) => {
  fc.assert(
    fc.property(steps, (all) => {
      const growable = new Growable()
      const set = new Map<number, number>()
      let length = 0
      for (const step of all) {
        if (step.type === "push") {
          growable.push(step.value)
          set.set(length++, step.value)
        } else if (step.type === "extend") {
          length += step.by
          growable.extend(length)
          growable.extend(Math.floor(length / 2))
        } else if (length > 0) {
          growable.set(step.at % length, step.value)
          set.set(step.at % length, step.value)
        }
        expect(growable.length).toBe(length)
      }
      for (const [at, value] of set) expect(growable.get(at)).toBe(value)
      for (let at = 0; at < length; at += 997) expect(growable.get(at)).toBe(set.get(at) ?? 0)
      expect(growable.byteLength).toBeGreaterThanOrEqual(length * 4)
    }),
  )
})

test("values that were pushed stay over many chunks", () => {
  const growable = new GrowableU32()
  for (let i = 0; i < 200_000; i++) growable.push(i * 3)
  for (let i = 0; i < 200_000; i += 7) expect(growable.get(i)).toBe(i * 3)
  expect(growable.byteLength).toBeLessThan(200_000 * 4 + 65_536 * 4)
})
