import { describe, expect, it } from "vitest"
import type { FilterNode } from "../../src/filter/node.ts"
import { parseFilter } from "../../src/filter/parse.ts"
import { KIND_COUNT, Kind, type Value } from "../../src/values/kind.ts"
import { fromValue } from "../../src/values/scalar.ts"
import type { Cut, ValueSet } from "../../src/values/value-set.ts"

const kindNames = Object.keys(Kind)

/** A node in words: sets as intervals, `[` and `]` for ends that are included. */
function show(node: FilterNode): string {
  switch (node.type) {
    case "and":
    case "or":
      return `(${node.nodes.map(show).join(` ${node.type} `)})`
    case "not":
      return `not ${show(node.node)}`
    case "values":
      return `${node.path}: ${showSet(node.set)}`
    case "element":
      return `${node.path} element: ${showSet(node.set)}`
    case "size":
      return `${node.path} size: ${node.size}`
    default:
      return node.type
  }
}

function showSet(set: ValueSet): string {
  return set.map(({ from, to }) => `${showFrom(from)}, ${showTo(to)}`).join(" + ")
}

function showFrom({ kind, value, after }: Cut): string {
  return value === undefined ? `[${kindNames[kind]}` : `${after ? "(" : "["}${showValue(value)}`
}

function showTo({ kind, value, after }: Cut): string {
  if (value !== undefined) return `${showValue(value)}${after ? "]" : ")"}`
  return kind === KIND_COUNT ? "end]" : `${kindNames[kind]})`
}

function showValue(value: Value): string {
  const scalar = fromValue(value)
  if (scalar instanceof Date) return `date ${scalar.getTime()}`
  return typeof scalar === "string" ? JSON.stringify(scalar) : String(scalar)
}

function parsed(filter: unknown): string {
  return show(parseFilter(filter, () => true))
}

/** Null or missing. */
const NULLISH = "[missing, number)"
const ELEMENT_KINDS = "[null, object) + [boolean, end]"

describe("operators", () => {
  it.each<[filter: object, meaning: string]>([
    [{}, "all"],
    [{ a: 1 }, "a: [1, 1]"],
    [{ a: -0 }, "a: [0, 0]"],
    [{ a: "x" }, 'a: ["x", "x"]'],
    [{ a: true }, "a: [true, true]"],
    [{ a: new Date(5) }, "a: [date 5, date 5]"],
    [{ a: null }, `a: ${NULLISH}`],
    [{ "a.b": 1 }, "a.b: [1, 1]"],
    [{ a: 1, b: 2 }, "(a: [1, 1] and b: [2, 2])"],
    [{ a: { $eq: 1 } }, "a: [1, 1]"],
    [{ a: { $eq: null } }, `a: ${NULLISH}`],
    [{ a: { $ne: 1 } }, "not a: [1, 1]"],
    [{ a: { $ne: null } }, `not a: ${NULLISH}`],
    [{ a: { $gt: 1 } }, "a: (1, string)"],
    [{ a: { $gte: 1 } }, "a: [1, string)"],
    [{ a: { $lt: 1 } }, "a: [number, 1)"],
    [{ a: { $lte: 1 } }, "a: [number, 1]"],
    [{ a: { $gt: "x" } }, 'a: ("x", object)'],
    [{ a: { $gt: new Date(5) } }, "a: (date 5, end]"],
    [{ a: { $lt: true } }, "a: [boolean, true)"],
    [{ a: { $gt: null } }, "none"],
    [{ a: { $lt: null } }, "none"],
    [{ a: { $gte: null } }, `a: ${NULLISH}`],
    [{ a: { $lte: null } }, `a: ${NULLISH}`],
    [{ a: { $lte: Infinity } }, "a: [number, Infinity]"],
    [{ a: { $in: [2, 1, "x", 1] } }, 'a: [1, 1] + [2, 2] + ["x", "x"]'],
    [{ a: { $in: [null, 1] } }, `a: [missing, number) + [1, 1]`],
    [{ a: { $in: [] } }, "none"],
    [{ a: { $nin: [1, 2] } }, "not a: [1, 1] + [2, 2]"],
    [{ a: { $nin: [] } }, "all"],
    [{ a: { $between: [1, 2] } }, "a: [1, 2]"],
    [{ a: { $between: ["a", "b"] } }, 'a: ["a", "b"]'],
    [{ a: { $between: [2, 1] } }, "none"],
    [{ a: { $prefix: "ab" } }, 'a: ["ab", "ac")'],
    [{ a: { $prefix: "" } }, "a: [string, object)"],
    [{ a: { $exists: true } }, "a: [emptyArray, missing) + [null, end]"],
    [{ a: { $exists: false } }, "a: [missing, null)"],
    [{ a: { $all: [1, null] } }, `(a: [1, 1] and a: ${NULLISH})`],
    [{ a: { $all: [{ $elemMatch: { $gt: 1 } }, 5] } }, "(a element: (1, string) and a: [5, 5])"],
    [{ a: { $all: [] } }, "none"],
    [{ a: { $size: 0 } }, "a size: 0"],
    [{ a: { $size: 3 } }, "a size: 3"],
    [{ a: { $elemMatch: { $gt: 1, $lte: 5 } } }, "a element: (1, 5]"],
    [{ a: { $elemMatch: { $gt: 5, $lt: 1 } } }, "none"],
    [{ a: { $not: { $gt: 1 } } }, "not a: (1, string)"],
    [{ a: { $not: { $not: { $gt: 1 } } } }, "a: (1, string)"],
    [{ a: { $not: { $ne: 1 } } }, "a: [1, 1]"],
    [{ a: { $gt: 1, $lt: 5 } }, "(a: (1, string) and a: [number, 5))"],
    [{ $and: [{ a: 1 }, { b: 2 }] }, "(a: [1, 1] and b: [2, 2])"],
    [{ $or: [{ a: 1 }, { b: 2 }] }, "(a: [1, 1] or b: [2, 2])"],
    [{ $nor: [{ a: 1 }, { b: 2 }] }, "not (a: [1, 1] or b: [2, 2])"],
    [{ $nor: [{ a: { $ne: 1 } }] }, "a: [1, 1]"],
    [{ $or: [{}, { a: 1 }] }, "all"],
    [{ $or: [{ $or: [{ a: 1 }, { b: 1 }] }, { a: { $in: [] } }] }, "(a: [1, 1] or b: [1, 1])"],
    [{ $and: [{ a: 1 }, { a: { $in: [] } }] }, "none"],
    [{ $and: [{ $and: [{ a: 1 }, {}] }] }, "a: [1, 1]"],
    [{ $nor: [{}] }, "none"],
    [{ "a.0.constructor": 1 }, "a.0.constructor: [1, 1]"],
    [JSON.parse('{"__proto__": 1}'), "__proto__: [1, 1]"],
    [Object.assign(Object.create(null), { a: 1 }), "a: [1, 1]"],
  ])("%o means %s", (filter, meaning) => {
    expect(parsed(filter)).toBe(meaning)
  })
})

describe("operators on elements", () => {
  it.each<[operators: object, elements: string]>([
    [{ $eq: null }, "[null, number)"],
    [{ $in: [1, null] }, "[null, number) + [1, 1]"],
    [{ $ne: null }, "[number, object) + [boolean, end]"],
    [{ $nin: [] }, ELEMENT_KINDS],
    [{ $not: { $gte: 1, $lt: 2 } }, "[null, 1) + [2, object) + [boolean, end]"],
    [{ $not: { $not: { $eq: 1 } } }, "[1, 1]"],
    [{ $between: [1, 5], $ne: 3 }, "[1, 3) + (3, 5]"],
    [{ $prefix: "a", $gt: "ab" }, '("ab", "b")'],
  ])("%o", (operators, elements) => {
    expect(parsed({ a: { $elemMatch: operators } })).toBe(`a element: ${elements}`)
  })
})

describe("prefixes", () => {
  it.each(["é", "\u007f", "\u{10FFFF}", "a\uFFFF", "ÿ", "\u0000"])(
    "%j holds what begins so",
    (text) => {
      const node = parseFilter({ a: { $prefix: text } }, () => true)
      if (node.type !== "values") throw new Error("A prefix is a set of values.")
      const [{ from, to }] = node.set
      const bytes = Buffer.from(text)
      expect(from.value?.payload).toEqual(new Uint8Array(bytes))
      // The upper end: the last byte, which is never 0xff in UTF-8, plus one.
      bytes[bytes.length - 1]++
      expect(to).toEqual({
        kind: Kind.string,
        value: { kind: Kind.string, payload: new Uint8Array(bytes) },
        after: false,
      })
    },
  )
})

it("compares with strings longer than those that are indexed", () => {
  expect(() => parsed({ a: { $gt: "x".repeat(100_000) } })).not.toThrow()
})
