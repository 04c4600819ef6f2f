import fc from "fast-check"
import { expect, test } from "vitest"
import { SparseU32 } from "../../src/memtable/sparse.ts"

test("numbers are what was set last, or 0", () => {
  const index = fc.oneof(fc.nat(9000), fc.nat(2 ** 22))
  const property = fc.property(fc.array(fc.tuple(index, fc.nat())), index, (sets, other) => {
    const numbers = new SparseU32()
    const model = new Map<number, number>()
    expect(numbers.isEmpty).toBe(true)
    for (const [at, value] of sets) {
      numbers.set(at, value)
      model.set(at, value)
    }
    expect(numbers.isEmpty).toBe(sets.length === 0)
    for (const at of [...model.keys(), other]) expect(numbers.get(at)).toBe(model.get(at) ?? 0)
  })
  fc.assert(property)
})

test("memory is taken where a number was set", () => {
  const numbers = new SparseU32()
  for (let at = 1_000_000; at < 1_001_000; at++) numbers.set(at, 1)
  expect(numbers.byteLength).toBeLessThan(40_000)
})
