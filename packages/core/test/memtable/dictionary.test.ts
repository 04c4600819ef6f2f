import fc from "fast-check"
import { expect, test } from "vitest"
import { ByteArena } from "../../src/memtable/byte-arena.ts"
import { Dictionary, MISSING_VID } from "../../src/memtable/dictionary.ts"
import { compareValues } from "../../src/values/compare.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { toValue } from "../../src/values/scalar.ts"
import { afterValue, beforeKind, beforeValue, isBefore } from "../../src/values/value-set.ts"
import { scalars } from "../oracle.ts"

const values: fc.Arbitrary<Value> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .oneof(scalars, fc.double({ noNaN: true }), fc.string({ unit: "binary" }))
      .map((scalar): Value => {
        const value = toValue(scalar)
        if (typeof value === "string") throw new Error(value)
        return value
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Kind.object, Kind.emptyArray).map((kind) => ({ kind, payload: 0 })),
  },
)

function intern(dictionary: Dictionary, { kind, payload }: Value): number {
  return typeof payload === "number"
    ? dictionary.internNumber(kind, payload)
    : dictionary.internString(payload, 0, payload.length)
}

test("a dictionary numbers distinct values, finds them and knows their order", () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 80 }), values, (all, other) => {
      const dictionary = new Dictionary(new ByteArena())
      const distinct: Value[] = [{ kind: Kind.missing, payload: 0 }]
      for (const value of all) {
        const known = distinct.findIndex((own) => compareValues(own, value) === 0)
        const vid = intern(dictionary, value)
        expect(vid).toBe(known < 0 ? distinct.length : known)
        if (known < 0) distinct.push(value)
      }
      expect(dictionary.length).toBe(distinct.length)
      expect(dictionary.nullVid).toBe(distinct.findIndex(({ kind }) => kind === Kind.null))
      expect(dictionary.find(other)).toBe(
        distinct.findIndex((own) => compareValues(own, other) === 0),
      )
      const cuts = [beforeValue(other), afterValue(other), beforeKind(other.kind)]
      for (const [vid, value] of distinct.entries()) {
        expect(dictionary.find(value)).toBe(vid)
        expect(compareValues(dictionary.value(vid), value)).toBe(0)
        for (const cut of cuts) expect(dictionary.isBefore(vid, cut)).toBe(isBefore(value, cut))
        const next = (vid + 1) % distinct.length
        expect(Math.sign(dictionary.compare(vid, next))).toBe(
          Math.sign(compareValues(value, distinct[next])),
        )
      }
      const order = [...distinct.keys()].sort((a, b) => compareValues(distinct[a], distinct[b]))
      expect([...dictionary.sorted()]).toEqual(order)
      expect(order).toContain(MISSING_VID)
    }),
  )
})

test("tells values of different kinds apart, and sorts what arrives in order", () => {
  const dictionary = new Dictionary(new ByteArena())
  const all: Value[] = [
    { kind: Kind.number, payload: 0 },
    { kind: Kind.boolean, payload: 0 },
    { kind: Kind.date, payload: 0 },
    { kind: Kind.null, payload: 0 },
    { kind: Kind.object, payload: 0 },
    { kind: Kind.string, payload: new Uint8Array(0) },
    { kind: Kind.string, payload: Uint8Array.of(48) },
  ]
  expect(all.map((value) => intern(dictionary, value))).toEqual([1, 2, 3, 4, 5, 6, 7])
  for (let i = 1; i < 5000; i++) dictionary.internNumber(Kind.date, i)
  const dates = [...dictionary.sorted()].slice(-5000)
  expect(dates).toEqual([3, ...Array.from({ length: 4999 }, (_, i) => 8 + i)])
})
