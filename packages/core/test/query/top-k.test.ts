import fc from "fast-check"
import { expect, test } from "vitest"
import { TopK } from "../../src/query/top-k.ts"

const offers = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 })

test("the first of many are kept, in order, earlier offers first among equals", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), offers, (k, keys) => {
      // Slots are filled by the caller: a key and the place among the offers.
      const slots = Array.from({ length: k + 1 }, () => ({ key: -1, place: -1 }))
      const compare = (a: number, b: number) =>
        slots[a].key - slots[b].key || slots[a].place - slots[b].place
      const top = new TopK(k, compare)
      const seen: { key: number; place: number }[] = []
      const expected = () =>
        [...seen].sort((a, b) => a.key - b.key || a.place - b.place).slice(0, k)
      for (const [place, key] of keys.entries()) {
        expect(top.isFull).toBe(place >= k)
        expect(top.sorted()).not.toContain(top.free)
        slots[top.free] = { key, place }
        seen.push({ key, place })
        top.offer()
        expect(slots[top.last]).toEqual(expected().at(-1))
      }
      expect(top.sorted().map((slot) => slots[slot])).toEqual(expected())
    }),
  )
})

test("a candidate that is not offered leaves the heap as it was", () => {
  const slots = [0, 0, 0]
  const top = new TopK(2, (a, b) => slots[a] - slots[b])
  for (const key of [5, 3]) {
    slots[top.free] = key
    top.offer()
  }
  slots[top.free] = 1
  expect(top.sorted().map((slot) => slots[slot])).toEqual([3, 5])
  slots[top.free] = 4
  top.offer()
  expect(top.sorted().map((slot) => slots[slot])).toEqual([3, 4])
})
