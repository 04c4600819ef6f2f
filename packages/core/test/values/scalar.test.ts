import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compareValues } from "../../src/values/compare.ts"
import { Kind, type Scalar, type Value } from "../../src/values/kind.ts"
import { fromValue, toValue } from "../../src/values/scalar.ts"
import { compareValues as compareScalars, scalars } from "../oracle.ts"

function valueFor(scalar: Scalar): Value {
  const value = toValue(scalar)
  if (typeof value === "string") throw new TypeError(value)
  return value
}

describe("toValue", () => {
  it.each<[unknown, Value]>([
    [null, { kind: Kind.null, payload: 0 }],
    [false, { kind: Kind.boolean, payload: 0 }],
    [true, { kind: Kind.boolean, payload: 1 }],
    [1.5, { kind: Kind.number, payload: 1.5 }],
    [-0, { kind: Kind.number, payload: 0 }],
    [-Infinity, { kind: Kind.number, payload: -Infinity }],
    ["é", { kind: Kind.string, payload: new Uint8Array([0xc3, 0xa9]) }],
    ["", { kind: Kind.string, payload: new Uint8Array() }],
    [new Date(-5), { kind: Kind.date, payload: -5 }],
  ])("takes %o", (scalar, value) => {
    expect(toValue(scalar)).toEqual(value)
  })

  it.each<[unknown, string]>([
    [undefined, "undefined"],
    [Number.NaN, "NaN"],
    ["a\ud800", "a string with a lone surrogate"],
    [new Date(Number.NaN), "an invalid date"],
    [1n, "a bigint"],
    [Symbol("a"), "a symbol"],
    [() => 1, "a function"],
    [[1], "an array"],
    [{}, "an object"],
    [Object.create(null), "an object"],
    [new Map(), "an instance of Map"],
    [Object.create(Object.create(null)), "an instance of a class"],
    [new String("a"), "an instance of String"],
  ])("says what %o is instead", (other, what) => {
    expect(toValue(other)).toBe(what)
  })

  it("takes strings of any length", () => {
    expect(valueFor("é".repeat(100_000)).payload).toHaveLength(200_000)
  })
})

describe("fromValue", () => {
  it("gives back every scalar", () => {
    fc.assert(
      fc.property(scalars, (scalar) => {
        expect(fromValue(valueFor(scalar))).toEqual(Object.is(scalar, -0) ? 0 : scalar)
      }),
    )
  })

  it("keeps a byte order mark and reads inside a larger buffer", () => {
    expect(fromValue(valueFor("\uFEFFa"))).toBe("\uFEFFa")
    const payload = new TextEncoder().encode("xaéy").subarray(1, 4)
    expect(fromValue({ kind: Kind.string, payload })).toBe("aé")
  })

  it.each([Kind.missing, Kind.emptyArray, Kind.object])("refuses the kind %i", (kind) => {
    expect(() => fromValue({ kind, payload: 0 })).toThrow(TypeError)
  })
})

it("values order as scalars do", () => {
  fc.assert(
    fc.property(scalars, scalars, (a, b) => {
      expect(Math.sign(compareValues(valueFor(a), valueFor(b)))).toBe(
        Math.sign(compareScalars(a, b)),
      )
    }),
  )
})
