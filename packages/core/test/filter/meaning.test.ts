import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { FilterNode } from "../../src/filter/node.ts"
import { parseFilter } from "../../src/filter/parse.ts"
import { facts, filters, matcher, records } from "../oracle.ts"
import { evaluate } from "./evaluate.ts"

const anyField = () => true

describe("a parsed filter means what MongoDB means", () => {
  for (const [topic, table] of Object.entries(facts)) {
    it(topic, () => {
      for (const [filter, record, expected] of table) {
        const said = { filter, record, matches: evaluate(parseFilter(filter, anyField), record) }
        expect(said).toEqual({ filter, record, matches: expected })
      }
    })
  }

  it("for any filter and records", () => {
    fc.assert(
      fc.property(
        filters,
        fc.array(records, { minLength: 1, maxLength: 60, size: "max" }),
        (filter, all) => {
          const node = parseFilter(filter, anyField)
          const matches = matcher(filter)
          expect(all.map((record) => evaluate(node, record))).toEqual(all.map(matches))
        },
      ),
    )
  })
})

describe("a parsed filter is simple", () => {
  it("for any filter", () => {
    fc.assert(fc.property(filters, (filter) => expectSimple(parseFilter(filter, anyField))))
  })
})

/** No constants inside, no `and` in `and`, no `or` in `or`, no double negation, no lone parts. */
function expectSimple(node: FilterNode): void {
  const inner = "nodes" in node ? node.nodes : "node" in node ? [node.node] : []
  for (const each of inner) {
    expect(["all", "none", node.type]).not.toContain(each.type)
    expectSimple(each)
  }
  if ("nodes" in node) expect(node.nodes.length).toBeGreaterThan(1)
  if ("set" in node) expect(node.set.length).toBeGreaterThan(0)
}
