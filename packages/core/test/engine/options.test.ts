import fc from "fast-check"
import { expect, test } from "vitest"
import { divide } from "../../src/engine/options.ts"

const MIB = 2 ** 20

test("the shares of a budget add up to no more than the whole", () => {
  fc.assert(
    fc.property(fc.integer({ min: 8 * MIB, max: 2 ** 40 }), (total) => {
      const { memtable, cache, merge, kept, queries } = divide(total)
      const shares = [memtable, memtable, cache, merge, kept, queries]
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(total)
      for (const share of shares) expect(share).toBeGreaterThanOrEqual(Math.floor(total / 16))
    }),
  )
})

test.each([
  [8, { memtable: 1.125, cache: 1.75, merge: 3, kept: 0.5, queries: 0.5 }],
  [16, { memtable: 2.25, cache: 6.5, merge: 3, kept: 1, queries: 1 }],
  [256, { memtable: 36, cache: 104, merge: 48, kept: 16, queries: 16 }],
])("%i MiB are divided", (total, shares) => {
  const { total: whole, ...rest } = divide(total * MIB)
  expect(whole).toBe(total * MIB)
  expect(
    Object.fromEntries(Object.entries(rest).map(([name, bytes]) => [name, bytes / MIB])),
  ).toEqual(shares)
})
