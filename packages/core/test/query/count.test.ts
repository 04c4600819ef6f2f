import { describe, expect, test } from "vitest"
import type { FilterNode } from "../../src/filter/node.ts"
import { count } from "../../src/query/count.ts"
import { compile } from "../../src/query/part-filter.ts"
import { Trace } from "../../src/query/trace.ts"
import { afterValue, beforeValue, point } from "../../src/values/value-set.ts"
import { number } from "../btree/stored-tree.ts"
import { run } from "../pages/page-store.ts"
import { memtableOf, putRow } from "../segment/rows.ts"
import { lookup, matches, rowOf, viewsOf } from "./parts.ts"

// `a` has 0 to 9 in turn; `b` has lists of two neighbours; `c` is there in every seventh record.
const SIZE = 2000
const rows = Array.from({ length: SIZE }, (_, i) =>
  rowOf(i, [
    [0, number(i % 10)],
    [1, [number(i % 5), number((i + 1) % 5)]],
    ...(i % 7 === 0 ? [[2, number(i)] as const] : []),
  ]),
)

const is = (path: string, value: number): FilterNode => ({
  type: "values",
  path,
  set: [point(number(value))],
})
const range = (path: string, from: number, to: number): FilterNode => ({
  type: "values",
  path,
  set: [{ from: beforeValue(number(from)), to: afterValue(number(to)) }],
})
const not = (node: FilterNode): FilterNode => ({ type: "not", node })
const and = (...nodes: FilterNode[]): FilterNode => ({ type: "and", nodes })

/** Filters, and whether the trees' counts alone answer them. */
const filters: [string, FilterNode, boolean][] = [
  ["everything", { type: "all" }, true],
  ["nothing", { type: "none" }, true],
  ["one value", is("a", 3), true],
  ["a value that is not there", is("a", 77), true],
  ["a range", range("a", 2, 5), true],
  ["a range that is everything", range("a", 0, 9), true],
  ["all but one value", not(is("a", 3)), true],
  ["one value of lists", is("b", 3), true],
  ["a range of lists", range("b", 1, 2), false],
  ["all but a range of lists", not(range("b", 1, 2)), false],
  ["a sparse field", range("c", 0, 1000), true],
  ["a value and not another field's", and(is("a", 3), not(is("b", 3))), false],
  ["neither of two", and(not(is("a", 3)), not(is("b", 3))), false],
  ["two of a list", and(is("b", 3), is("b", 4)), false],
  ["either of two", { type: "or", nodes: [is("a", 3), is("b", 3)] }, false],
]

/** Few dead, so that they are looked up; many, so that the matching are; all. */
const deaths: [string, (ordinal: number) => boolean][] = [
  ["no record dead", () => false],
  ["few records dead", (ordinal) => ordinal % 97 === 0],
  ["most records dead", (ordinal) => ordinal % 5 !== 0],
  ["all records dead", () => true],
]

describe.each(deaths)("a count with %s", (_name, isDead) => {
  test.each(filters)("of %s", async (_what, node, isCounted) => {
    const expected = rows.filter((row, i) => !isDead(i) && matches(node, row)).length
    for (const { part, live } of Object.values(await viewsOf(rows, isDead))) {
      const trace = new Trace()
      expect(run(count(run(compile(node, part, lookup)), live, trace))).toBe(expected)
      const ways = new Set(trace.clauses.map(({ access }) => access))
      ways.delete("statistics")
      if (isCounted) expect([...ways]).toEqual([])
    }
  })
})

test("a count of a memtable that has grown since counts what was there", () => {
  const memtable = memtableOf(rows.slice(0, 1000))
  const part = memtable.view()
  const live = memtable.live.view()
  // Compiled before and after, for the numbers of entries are taken when a filter is compiled.
  const before = filters.map(([, node]) => run(compile(node, part, lookup)))
  for (const row of rows.slice(1000)) putRow(memtable, row)
  for (const [i, [name, node]] of filters.entries()) {
    const expected = rows.slice(0, 1000).filter((row) => matches(node, row)).length
    expect(run(count(before[i], live)), name).toBe(expected)
    expect(run(count(run(compile(node, part, lookup)), live)), name).toBe(expected)
  }
})
