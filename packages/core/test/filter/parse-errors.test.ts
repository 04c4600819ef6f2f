import { describe, expect, it } from "vitest"
import { codeOf } from "../../src/errors.ts"
import { parseFilter } from "../../src/filter/parse.ts"

/** The code and the message of the error for a filter; `embedding` is not indexed. */
function refusal(filter: unknown): { code: string | undefined; message: string } {
  try {
    parseFilter(filter, (path) => path !== "embedding")
  } catch (error) {
    if (error instanceof Error) return { code: codeOf(error), message: error.message }
  }
  throw new Error("The filter was accepted.")
}

class Money {
  readonly amount = 1
}

const cycle: Record<string, unknown> = {}
cycle.$or = [cycle]

const cycleOfNot: Record<string, unknown> = {}
cycleOfNot.$not = cycleOfNot

/** What is at fault, the place that the message names first, and what else it says. */
type Case = [filter: unknown, place: string, advice: string]

const filters: Case[] = [
  [undefined, "filter", "a plain object"],
  [null, "filter", "is null"],
  [5, "filter", "is a number"],
  ["a", "filter", "is a string"],
  [[{ a: 1 }], "filter", "is an array"],
  [new Map(), "filter", "an instance of Map"],
  [new Money(), "filter", "an instance of Money"],
  [Object.create({ a: 1 }), "filter", "plain object"],
  [{ [Symbol("a")]: 1 }, "filter", "symbol"],
  [{ "": 1 }, 'filter[""]', "no path"],
  [{ "a..b": 1 }, 'filter["a..b"]', "no path"],
  [{ "a.": 1 }, 'filter["a."]', "no path"],
  [{ "a.$b": 1 }, 'filter["a.$b"]', "no path"],
  [{ "a\ud800": 1 }, 'filter["a\\ud800"]', "no path"],
  [{ $gt: 5 }, "filter.$gt", "{ field: { $gt: ... } }"],
  [{ $not: { a: 1 } }, "filter.$not", "$nor"],
  [{ $ro: [] }, "filter.$ro", "did you mean $or"],
  [{ $where: "1" }, "filter.$where", "known beside field names: $and, $or, $nor"],
  [{ $or: [] }, "filter.$or", "empty array"],
  [{ $and: [] }, "filter.$and", "empty array"],
  [{ $nor: [] }, "filter.$nor", "empty array"],
  [{ $or: { a: 1 } }, "filter.$or", "takes an array"],
  [{ $and: [{ a: 1 }, 5] }, "filter.$and[1]", "is a number"],
  [{ $nor: [{ a: 1 }, undefined] }, "filter.$nor[1]", "is undefined"],
  // biome-ignore lint/suspicious/noSparseArray: a hole must not be passed over
  [{ $and: [{ a: 1 }, , { b: 1 }] }, "filter.$and[1]", "is undefined"],
  [cycle, "filter.$or[0].$or[0].$or", "contains itself"],
]

const operands: Case[] = [
  [{ owner: undefined }, "filter.owner", "leave the key out"],
  [{ owner: { $eq: undefined } }, "filter.owner.$eq", "is undefined"],
  [{ a: { $in: [1, undefined] } }, "filter.a.$in[1]", "is undefined"],
  // biome-ignore lint/suspicious/noSparseArray: a hole must not be passed over
  [{ a: { $in: [1, , 2] } }, "filter.a.$in[1]", "is undefined"],
  [{ a: Number.NaN }, "filter.a", "is NaN"],
  [{ a: { $nin: [Number.NaN] } }, "filter.a.$nin[0]", "is NaN"],
  [{ a: "\ud800" }, "filter.a", "lone surrogate"],
  [{ a: { $prefix: "a\udc00" } }, "filter.a.$prefix", "lone surrogate"],
  [{ a: () => 1 }, "filter.a", "is a function"],
  [{ a: Symbol("a") }, "filter.a", "is a symbol"],
  [{ a: 5n }, "filter.a", "is a bigint"],
  [{ a: new Money() }, "filter.a", "an instance of Money"],
  [{ a: new Uint8Array(1) }, "filter.a", "an instance of Uint8Array"],
  [{ a: /x/ }, "filter.a", "$prefix"],
  [{ a: { $in: [/x/] } }, "filter.a.$in[0]", "$prefix"],
  [{ a: new Date("x") }, "filter.a", "is an invalid date"],
  [{ a: [1] }, "filter.a", "$all"],
  [{ a: { $eq: [1] } }, "filter.a.$eq", "$all"],
  [{ a: { $in: [[1]] } }, "filter.a.$in[0]", "$all"],
  [{ a: { $eq: { b: 1 } } }, "filter.a.$eq", "dotted paths"],
  [{ a: { $gt: { b: 1 } } }, "filter.a.$gt", "dotted paths"],
]

const operators: Case[] = [
  [{ a: {} }, "filter.a", "is an empty object"],
  [{ a: { b: 1 } }, "filter.a.b", "dotted path"],
  [{ a: { $gt: 1, b: 1 } }, "filter.a.b", "operators are expected"],
  [{ a: { $gt: 1, [Symbol("b")]: 1 } }, "filter.a", "symbol"],
  [{ $or: [{}, { price: { $gte: [1] } }] }, "filter.$or[1].price.$gte", "is an array"],
  [{ "maker.country": { $eq: undefined } }, 'filter["maker.country"].$eq', "is undefined"],
  [{ a: { $gtt: 1 } }, "filter.a.$gtt", "did you mean $gt"],
  [{ a: { $begins: 1 } }, "filter.a.$begins", "known on a field: $eq"],
  [{ a: { $IN: [] } }, "filter.a.$IN", "did you mean $in"],
  [{ a: { $regex: "x" } }, "filter.a.$regex", "$prefix"],
  [{ a: { $or: [{ $gt: 1 }] } }, "filter.a.$or", "combines whole filters"],
  [{ a: { $in: 5 } }, "filter.a.$in", "takes an array"],
  [{ a: { $nin: "abc" } }, "filter.a.$nin", "takes an array"],
  [{ a: { $in: new Set([1]) } }, "filter.a.$in", "an instance of Set"],
  [{ a: { $exists: 1 } }, "filter.a.$exists", "true or false"],
  [{ a: { $exists: undefined } }, "filter.a.$exists", "is undefined"],
  [{ a: { $all: "x" } }, "filter.a.$all", "takes an array"],
  [{ a: { $all: [[1]] } }, "filter.a.$all[0]", "is an array"],
  [{ a: { $all: [{ $gt: 1 }] } }, "filter.a.$all[0].$gt", "cannot stand in $all"],
  [{ a: { $all: [{ $elemMatch: { $gt: undefined } }] } }, "filter.a.$all[0].$elemMatch.$gt", ""],
  [{ a: { $size: -1 } }, "filter.a.$size", "is -1"],
  [{ a: { $size: 1.5 } }, "filter.a.$size", "is 1.5"],
  [{ a: { $size: "1" } }, "filter.a.$size", "is a string"],
  [{ a: { $size: Number.NaN } }, "filter.a.$size", "is NaN"],
  [{ a: { $size: { $gt: 1 } } }, "filter.a.$size", "is an object"],
  [{ a: { $prefix: 5 } }, "filter.a.$prefix", "is 5"],
  [{ a: { $prefix: null } }, "filter.a.$prefix", "is null"],
  [{ a: { $between: 5 } }, "filter.a.$between", "takes an array"],
  [{ a: { $between: [1] } }, "filter.a.$between", "[from, to]"],
  [{ a: { $between: [1, 2, 3] } }, "filter.a.$between", "[from, to]"],
  [{ a: { $between: [1, "2"] } }, "filter.a.$between", "[from, to]"],
  [{ a: { $between: [null, null] } }, "filter.a.$between", "[from, to]"],
  [{ a: { $between: [1, undefined] } }, "filter.a.$between[1]", "is undefined"],
  [{ a: { $between: [] } }, "filter.a.$between", "[from, to]"],
  [{ a: { $not: 5 } }, "filter.a.$not", "is 5"],
  [{ a: { $not: {} } }, "filter.a.$not", "is an empty object"],
  [{ a: { $not: /x/ } }, "filter.a.$not", "an instance of RegExp"],
  [{ a: { $not: { $gt: Number.NaN } } }, "filter.a.$not.$gt", "is NaN"],
  [{ a: cycleOfNot }, "filter.a.$not.$not", "contains itself"],
  [{ a: { $elemMatch: cycleOfNot } }, "filter.a.$elemMatch.$not", "contains itself"],
  [{ a: { $elemMatch: 5 } }, "filter.a.$elemMatch", "is 5"],
  [{ a: { $elemMatch: {} } }, "filter.a.$elemMatch", "is an empty object"],
  [{ a: { $elemMatch: { b: 1 } } }, "filter.a.$elemMatch.b", "arrays of objects are not indexed"],
  [{ a: { $elemMatch: { $size: 1 } } }, "filter.a.$elemMatch.$size", "cannot stand in $elemMatch"],
  [{ a: { $elemMatch: { $exists: true } } }, "filter.a.$elemMatch.$exists", "cannot stand"],
  [{ a: { $elemMatch: { $or: [] } } }, "filter.a.$elemMatch.$or", "cannot stand"],
  [{ a: { $elemMatch: { $gt: [1] } } }, "filter.a.$elemMatch.$gt", "is an array"],
]

describe.each([
  ["filter", filters],
  ["operand", operands],
  ["operator", operators],
])("a malformed %s is refused", (_, cases) => {
  it.each(cases)("%o at %s: %s", (filter, place, advice) => {
    const { code, message } = refusal(filter)
    expect(code).toBe("TIERDEX_INVALID_FILTER")
    expect(message).toMatch(/^filter\S* /)
    const isCycle = advice === "contains itself"
    if (isCycle) expect(message.startsWith(place)).toBe(true)
    else expect(message.slice(0, message.indexOf(" "))).toBe(place)
    expect(message).toContain(advice)
  })
})

it("keeps the name of a deep place short", () => {
  expect(refusal(cycle).message.length).toBeLessThan(450)
})

it("refuses a field that is not indexed, by name", () => {
  const { code, message } = refusal({ $or: [{ a: 1 }, { embedding: { $exists: true } }] })
  expect(code).toBe("TIERDEX_FIELD_NOT_INDEXED")
  expect(message).toContain("filter.$or[1].embedding")
})

it("accepts a filter nested as deep as people write them", () => {
  let filter: object = { a: 1 }
  for (let i = 0; i < 40; i++)
    filter = i % 2 === 0 ? { $or: [filter, { b: i }] } : { $nor: [filter] }
  expect(() => parseFilter(filter, () => true)).not.toThrow()
})
