import fc from "fast-check"
import { expect, test } from "vitest"
import { HashIndex } from "../../src/memtable/hash-index.ts"

/** Hashes that collide, in whole or in the bits that choose a table or a slot. */
const hashes = fc.oneof(
  fc.nat(20),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.nat(20).map((high) => (high << 27) >>> 0),
  fc.nat(5000).map((low) => (0xabcd_0000 | low) >>> 0),
)

function find(index: HashIndex, hash: number, is: (entry: number) => boolean): number {
  let entry = index.first(hash)
  while (entry >= 0 && !is(entry)) entry = index.next()
  return entry
}

test("it finds what was added or replaced, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hashes, fc.nat(9)), { maxLength: 300 }), (steps) => {
      const index = new HashIndex()
      /** By hash, the entry of each name. */
      const model = new Map<number, Map<number, number>>()
      const names: number[] = []
      for (const [entry, [hash, name]] of steps.entries()) {
        names[entry] = name
        const known = model.get(hash) ?? new Map<number, number>()
        const previous = known.get(name)
        const found = find(index, hash, (candidate) => names[candidate] === name)
        expect(found).toBe(previous ?? -1)
        if (previous === undefined) index.add(hash, entry)
        else index.replace(hash, previous, entry)
        model.set(hash, known.set(name, entry))
      }
      for (const [hash, known] of model) {
        for (const [name, entry] of known) {
          expect(find(index, hash, (candidate) => names[candidate] === name)).toBe(entry)
        }
        expect(find(index, hash, () => false)).toBe(-1)
      }
    }),
  )
})

test("replacing what is not there is an error", () => {
  const index = new HashIndex()
  index.add(5, 1)
  expect(() => index.replace(5, 2, 3)).toThrow(RangeError)
  expect(() => index.replace(6, 1, 3)).toThrow(RangeError)
})

/** Multiplying by an odd number spreads; a small range in the upper bits fills one table only. */
test.each<[name: string, hashOf: (i: number) => number]>([
  ["spread", (i) => Math.imul(i, 0x9e37_79b1) >>> 0],
  ["alike in the upper bits", (i) => i],
  ["alike in the lower bits", (i) => (i << 12) >>> 0],
  ["alike in both", (i) => ((i & 63) << 20) >>> 0],
])("50,000 hashes that are %s", (_name, hashOf) => {
  const count = _name === "alike in both" ? 5000 : 50_000
  const index = new HashIndex()
  for (let i = 0; i < count; i++) index.add(hashOf(i), i)
  for (let i = 0; i < count; i += 11) {
    expect(find(index, hashOf(i), (entry) => entry === i)).toBe(i)
  }
  expect(find(index, hashOf(1), (entry) => entry === count)).toBe(-1)
})
