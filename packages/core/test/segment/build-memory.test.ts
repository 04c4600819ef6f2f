import fc from "fast-check"
import { expect, test } from "vitest"
import { divide } from "../../src/engine/options.ts"
import {
  flushBytes,
  type InputSize,
  mergeBytes,
  readAhead,
  writeBytesOf,
} from "../../src/segment/build-memory.ts"

const MIB = 2 ** 20

const inputs = fc.array(
  fc.record({
    size: fc.constantFrom(1, 1000, 65_536, 300_000, 2 ** 24),
    // Arrays can have more values than there are records.
    maxDistinct: fc.constantFrom(0, 1, 1000, 300_000, 5_000_000),
    maxArray: fc.constantFrom(0, 0, 3, 1024),
  }),
  { minLength: 1, maxLength: 12 },
)
const shares = fc.constantFrom(3 * MIB, 32 * MIB, 256 * MIB)

const budgets = [8, 9, 16, 24, 256, 4096].map((size) => divide(size * MIB))

const valuesIn = (list: readonly InputSize[]) =>
  list.reduce((sum, { maxDistinct }) => sum + Math.max(1, maxDistinct), 0)

test("what a merge has made can be written anew in the same memory", () => {
  fc.assert(
    fc.property(inputs, shares, (list, share) => {
      const made = {
        size: list.reduce((sum, { size }) => sum + size, 0),
        maxDistinct: valuesIn(list),
        maxArray: Math.max(...list.map(({ maxArray }) => maxArray)),
      }
      expect(mergeBytes([made], share)).toBeLessThanOrEqual(mergeBytes(list, share))
    }),
  )
})

test("a merge of fewer segments takes less", () => {
  fc.assert(
    fc.property(inputs, shares, (list, share) => {
      const all = mergeBytes(list, share)
      for (let i = 1; i < list.length; i++) {
        expect(mergeBytes(list.slice(0, i), share)).toBeLessThan(all)
        expect(mergeBytes(list.slice(i), share)).toBeLessThan(all)
      }
    }),
  )
})

test("maps and filters are the most of a merge of many values", () => {
  const list = new Array<InputSize>(8).fill({ size: 2e6, maxDistinct: 2e6, maxArray: 0 })
  const bytes = mergeBytes(list, 64 * MIB) / valuesIn(list)
  // 10 bits for the filter, about 11 for the map, and 3 for ordinals.
  expect(bytes).toBeGreaterThan(2.6)
  expect(bytes).toBeLessThan(3.3)
})

// A batch is added to a memtable as a whole, so it may grow to several times its share.
test.each(budgets)("what is flushed within $total bytes can be written anew", (budget) => {
  const bytes = 3 * budget.memtable
  const most = { size: bytes / 24, maxDistinct: bytes / 16, maxArray: 1024 }
  expect(mergeBytes([most], budget.merge)).toBeLessThan(budget.merge)
})

test("a flush takes more for more records, values and elements", () => {
  const field = { distinct: 1000, elements: 0, maxArray: 0 }
  const bytesOf = (size: number, changed = {}) =>
    flushBytes({ size, fields: [field, { ...field, ...changed }] }, 32 * MIB)
  const plain = bytesOf(100_000)
  expect(bytesOf(200_000)).toBeGreaterThan(plain)
  expect(bytesOf(100_000, { distinct: 100_000 })).toBeGreaterThan(plain + 1e6)
  expect(bytesOf(100_000, { elements: 1e6, maxArray: 10 })).toBeGreaterThan(plain + 1e6)
})

test("pages that are read ahead, and those on their way, stay within what is left for them", () => {
  for (const bytes of [0, 1000, 100_000, 3 * MIB, 256 * MIB]) {
    for (const count of [1, 2, 8, 60]) {
      const { cacheBytes, pages } = readAhead(bytes, count)
      expect(cacheBytes + 2 * pages * 16_360).toBeLessThanOrEqual(Math.max(1, bytes))
      expect(pages * 2 * count * 16_360).toBeLessThanOrEqual(cacheBytes)
    }
  }
})

test("writes to the store are smaller where there is little memory", () => {
  expect(writeBytesOf(MIB)).toBe(32 * 1024)
  expect(writeBytesOf(32 * MIB)).toBe(MIB)
  expect(writeBytesOf(Number.POSITIVE_INFINITY)).toBe(MIB)
})
