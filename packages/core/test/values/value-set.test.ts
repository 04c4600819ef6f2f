import fc from "fast-check"
import { expect, it } from "vitest"
import { KIND_COUNT, Kind, type Value } from "../../src/values/kind.ts"
import { toValue } from "../../src/values/scalar.ts"
import {
  afterValue,
  beforeKind,
  beforeValue,
  type Cut,
  compareCuts,
  complement,
  type Interval,
  includes,
  intersection,
  isBefore,
  NOTHING,
  point,
  pointOf,
  union,
  type ValueSet,
  wholeKind,
} from "../../src/values/value-set.ts"
import { scalars } from "../oracle.ts"

const values: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: scalars.map(toValue).filter((value) => typeof value === "object") },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(Kind.missing, Kind.emptyArray, Kind.object)
      .map((kind): Value => ({ kind, payload: 0 })),
  },
)

const cuts: fc.Arbitrary<Cut> = fc.oneof(
  fc.integer({ min: 0, max: KIND_COUNT }).map(beforeKind),
  values.map(beforeValue),
  values.map(afterValue),
)

/** In any order, so that some hold nothing. */
const intervals: fc.Arbitrary<Interval> = fc.record({ from: cuts, to: cuts })
const lists = fc.array(intervals, { maxLength: 5 })
const sets = lists.map(union)
/** Values to try on a set: its own ends are the interesting ones. */
const probes = fc.array(values, { minLength: 1, maxLength: 10 })

function endsOf(intervals: readonly Interval[]): Value[] {
  return intervals.flatMap(({ from, to }) => [from.value, to.value]).filter((v) => v !== undefined)
}

function holds({ from, to }: Interval, value: Value): boolean {
  return !isBefore(value, from) && isBefore(value, to)
}

function expectProper(set: ValueSet): void {
  const ends = set.flatMap(({ from, to }) => [from, to])
  for (let i = 1; i < ends.length; i++) expect(compareCuts(ends[i - 1], ends[i])).toBeLessThan(0)
}

it("a union holds what one of its intervals holds", () => {
  fc.assert(
    fc.property(lists, probes, (list, more) => {
      const set = union(list)
      expectProper(set)
      for (const value of [...endsOf(list), ...more]) {
        expect(includes(set, value)).toBe(list.some((interval) => holds(interval, value)))
      }
    }),
  )
})

it("a complement holds the rest, and its own complement is the set", () => {
  fc.assert(
    fc.property(sets, probes, (set, more) => {
      const rest = complement(set)
      expectProper(rest)
      for (const value of [...endsOf(set), ...more]) {
        expect(includes(rest, value)).toBe(!includes(set, value))
      }
      expect(complement(rest)).toEqual(set)
    }),
  )
})

it("an intersection holds what both hold", () => {
  fc.assert(
    fc.property(sets, sets, probes, (a, b, more) => {
      const both = intersection(a, b)
      expectProper(both)
      for (const value of [...endsOf(a), ...endsOf(b), ...more]) {
        expect(includes(both, value)).toBe(includes(a, value) && includes(b, value))
      }
    }),
  )
})

it("cuts order as the values before them do", () => {
  fc.assert(
    fc.property(cuts, cuts, values, (a, b, value) => {
      if (compareCuts(a, b) <= 0 && isBefore(value, a)) expect(isBefore(value, b)).toBe(true)
      expect(Math.sign(compareCuts(a, b))).toBe(-Math.sign(compareCuts(b, a)) + 0)
    }),
  )
})

it("a point holds its value and knows it", () => {
  fc.assert(
    fc.property(values, values, (value, other) => {
      expect(includes([point(value)], value)).toBe(true)
      expect(pointOf(point(value))).toBe(value)
      expect(pointOf(wholeKind(value.kind))).toBeUndefined()
      expect(includes([wholeKind(value.kind)], other)).toBe(value.kind === other.kind)
    }),
  )
})

it("nothing and everything", () => {
  const everything = complement(NOTHING)
  expect(everything).toEqual([{ from: beforeKind(0), to: beforeKind(KIND_COUNT) }])
  expect(complement(everything)).toEqual(NOTHING)
  fc.assert(
    fc.property(values, (value) => {
      expect(includes(everything, value)).toBe(true)
      expect(includes(NOTHING, value)).toBe(false)
    }),
  )
})
