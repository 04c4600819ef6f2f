import fc from "fast-check"
import { expect, test } from "vitest"
import type { FilterNode } from "../../src/filter/node.ts"
import { IntegerSet, integersOf } from "../../src/query/integers.ts"
import { Kind } from "../../src/values/kind.ts"
import { point } from "../../src/values/value-set.ts"
import { number, text } from "../btree/stored-tree.ts"
import { run } from "../pages/page-store.ts"
import { lookup, rowOf, viewsOf } from "./parts.ts"

const integers = fc.oneof(
  fc.constantFrom(0, 1, 31, 32, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1),
  fc.nat(2 ** 32 - 1),
  fc.nat(100),
)

test("a set of integers is a set", () => {
  fc.assert(
    fc.property(fc.array(integers), fc.array(integers), (list, probes) => {
      const set = new IntegerSet()
      const model = new Set(list)
      for (const integer of list) set.add(integer)
      expect(set.size).toBe(model.size)
      expect([...set]).toEqual([...model].sort((a, b) => a - b))
      for (const probe of [...list, ...probes]) expect(set.has(probe)).toBe(model.has(probe))
    }),
  )
})

test("has nothing else than integers from 0 to 2^32 - 1", () => {
  const set = new IntegerSet()
  for (const integer of [0, 1, 65_535, 2 ** 32 - 1]) set.add(integer)
  for (const other of [0.5, -1, -65_536, 2 ** 32, 2 ** 33, Number.NaN, Infinity, -Infinity]) {
    expect(set.has(other)).toBe(false)
  }
})

test("the integers of a field are those of the matching records, from lists too", async () => {
  const rows = Array.from({ length: 50 }, (_, i) =>
    rowOf(i, [
      [0, number(i % 5)],
      ...(i % 3 === 0
        ? []
        : [[1, i % 2 === 0 ? number(i) : [number(i), number(1000 + i)]] as const]),
      [2, i === 7 ? text("seven") : { kind: Kind.emptyArray, payload: 0 }],
    ]),
  )
  const node: FilterNode = { type: "values", path: "a", set: [point(number(2))] }
  for (const view of Object.values(await viewsOf(rows, (ordinal) => ordinal === 32))) {
    const found = run(integersOf([view], node, "b", lookup))
    expect([...found]).toEqual([2, 7, 17, 22, 37, 47, 1007, 1017, 1037, 1047])
    expect(() => run(integersOf([view], node, "c", lookup))).toThrow(
      expect.objectContaining({ code: "TIERDEX_INVALID_VALUE" }),
    )
    const others: FilterNode = { type: "values", path: "a", set: [point(number(3))] }
    expect(run(integersOf([view], others, "c", lookup)).size).toBe(0)
    expect(run(integersOf([view], node, "z", lookup)).size).toBe(0)
  }
})
