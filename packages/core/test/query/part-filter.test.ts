import { describe, expect, test } from "vitest"
import type { FilterNode } from "../../src/filter/node.ts"
import { compile, type PartFilter } from "../../src/query/part-filter.ts"
import { Kind } from "../../src/values/kind.ts"
import {
  beforeKind,
  beforeValue,
  complement,
  NOTHING,
  point,
  wholeKind,
} from "../../src/values/value-set.ts"
import { number } from "../btree/stored-tree.ts"
import { run } from "../pages/page-store.ts"
import { lookup, rowOf, viewsOf } from "./parts.ts"

// `a` has single values, `b` lists, `c` is there in a tenth.
const rows = Array.from({ length: 100 }, (_, i) =>
  rowOf(i, [
    [0, number(i)],
    [1, i % 2 === 0 ? [number(i), number(i + 50)] : number(i)],
    ...(i % 10 === 0 ? [[2, number(1)] as const] : []),
  ]),
)

const atLeast = (path: string, least: number): FilterNode => ({
  type: "values",
  path,
  set: [{ from: beforeValue(number(least)), to: beforeKind(Kind.number + 1) }],
})
const below = (path: string, limit: number): FilterNode => ({
  type: "values",
  path,
  set: [{ from: beforeKind(Kind.number), to: beforeValue(number(limit)) }],
})
const is = (path: string, value: number): FilterNode => ({
  type: "values",
  path,
  set: [point(number(value))],
})
const not = (node: FilterNode): FilterNode => ({ type: "not", node })
const and = (...nodes: FilterNode[]): FilterNode => ({ type: "and", nodes })
const or = (...nodes: FilterNode[]): FilterNode => ({ type: "or", nodes })

/** A compiled filter in a few words. */
function words(filter: PartFilter): string {
  switch (filter.type) {
    case "values":
      return `${filter.path}:${filter.vids.entries}`
    case "element":
      return `element ${words(filter.values)}`
    case "size":
      return `size ${filter.path}`
    case "not":
      return `not(${words(filter.filter)})`
    case "or":
      return filter.filters.map(words).join(" or ")
    case "and":
      return [...filter.positive.map(words), ...filter.negative.map((f) => `not ${words(f)}`)].join(
        " and ",
      )
    default:
      return filter.type
  }
}

const cases: [string, FilterNode, string][] = [
  ["two bounds on single values are one range", and(atLeast("a", 10), below("a", 30)), "a:20"],
  ["three too", and(atLeast("a", 10), below("a", 30), atLeast("a", 20)), "a:10"],
  ["bounds that exclude each other match nothing", and(atLeast("a", 30), below("a", 10)), "none"],
  ["bounds on lists stay two", and(atLeast("b", 100), below("b", 30)), "b:25 and b:30"],
  ["that exclude each other too", and(atLeast("b", 140), below("b", 10)), "b:5 and b:10"],
  [
    "the cheapest comes first",
    and(below("a", 90), is("b", 60), atLeast("c", 1)),
    "b:2 and c:10 and a:90",
  ],
  [
    "negations come last",
    and(not(is("a", 1)), is("b", 3), not(is("b", 4))),
    "b:1 and not a:1 and not b:1",
  ],
  ["one negation is a negation", and(not(is("a", 1)), { type: "all" }), "not(a:1)"],
  [
    "ands within an and",
    and(and(is("b", 3), not(is("a", 5))), is("c", 1)),
    "b:1 and c:10 and not a:1",
  ],
  ["an and of one", and(is("a", 1)), "a:1"],
  ["an and of everything", and({ type: "all" }, not({ type: "none" })), "all"],
  ["an and with nothing in it", and(is("a", 1), is("a", 1000)), "none"],
  ["an or of one", or(is("a", 1), is("a", 1000)), "a:1"],
  ["an or of nothing", or(is("a", 1000), { type: "none" }), "none"],
  ["an or with everything in it", or(is("a", 1), { type: "all" }), "all"],
  ["a value that is not there", is("a", 1000), "none"],
  ["all values", { type: "values", path: "a", set: complement(NOTHING) }, "all"],
  [
    "all values that there are",
    { type: "values", path: "a", set: [wholeKind(Kind.number)] },
    "all",
  ],
  ["twice not", not(not(is("a", 1))), "a:1"],
  ["not nothing", not(is("a", 1000)), "all"],
  ["not everything", not(atLeast("a", 0)), "none"],
  [
    "a missing field is missing",
    { type: "values", path: "z", set: [wholeKind(Kind.missing)] },
    "all",
  ],
  ["a missing field has no values", atLeast("z", 0), "none"],
  [
    "a field that the part lacks",
    { type: "values", path: "h", set: [wholeKind(Kind.missing)] },
    "all",
  ],
  ["elements of lists", { type: "element", path: "b", set: [point(number(60))] }, "element b:2"],
  [
    "elements of a field without lists",
    { type: "element", path: "a", set: [point(number(60))] },
    "none",
  ],
  [
    "elements of any kind",
    { type: "element", path: "b", set: complement(NOTHING) },
    "element b:150",
  ],
  ["elements that are not there", { type: "element", path: "b", set: [point(number(-1))] }, "none"],
  ["the size of lists", { type: "size", path: "b", size: 2 }, "size b"],
  ["the size of no lists", { type: "size", path: "a", size: 2 }, "none"],
  ["no empty lists", { type: "size", path: "b", size: 0 }, "none"],
]

describe("compiled for a segment", () => {
  test.each(cases)("%s", async (_name, node, expected) => {
    const { segment } = await viewsOf(rows)
    expect(words(run(compile(node, segment.part, lookup)))).toBe(expected)
  })
})

describe("compiled for a memtable", () => {
  test.each(cases)("%s", async (_name, node, expected) => {
    const { memtable } = await viewsOf(rows)
    const found = words(run(compile(node, memtable.part, lookup)))
    // Its dictionaries always hold `missing`: what all records have is not all values there are.
    expect(found.replace("not(a:100)", "none").replace("a:100", "all")).toBe(expected)
  })
})
