import { describe, expect, test } from "vitest"
import type { FieldsOptions } from "../../src/api.ts"
import {
  covers,
  isPathIndexed,
  mayHoldIndexed,
  parseFieldsOptions,
} from "../../src/fields/field-options.ts"
import { FieldTable } from "../../src/fields/field-table.ts"

test.each([
  ["a", "a", true],
  ["a", "a.b", true],
  ["a", "a.b.c", true],
  ["a", "ab", false],
  ["a.b", "a", false],
  ["a.b", "a.bc", false],
])("%s covers %s: %s", (path, other, expected) => {
  expect(covers(path, other)).toBe(expected)
})

/** For each path: whether its values are indexed, and whether some below may be. */
const cases: [FieldsOptions, path: string, isIndexed: boolean, mayHold: boolean][] = [
  [{}, "a", true, true],
  [{ exclude: ["a"] }, "a", false, false],
  [{ exclude: ["a"] }, "a.b", false, false],
  [{ exclude: ["a.b"] }, "a", true, true],
  [{ exclude: ["a.b"] }, "a.c", true, true],
  [{ include: ["a.b"] }, "a", false, true],
  [{ include: ["a.b"] }, "a.b", true, true],
  [{ include: ["a.b"] }, "a.b.c", true, true],
  [{ include: ["a.b"] }, "a.bc", false, false],
  [{ include: [] }, "a", false, false],
]

test.each(cases)("under %o, %s", (options, path, isIndexed, mayHold) => {
  const rules = parseFieldsOptions(options)
  expect(isPathIndexed(rules, path)).toBe(isIndexed)
  expect(mayHoldIndexed(rules, path)).toBe(mayHold)
  const node = new FieldTable(rules).nodeAt(path)
  expect(node).toMatchObject({ path, number: -1, isIndexed, isEntered: mayHold })
})

test("the longest path with an option decides, in whatever order they are given", () => {
  const paths = { "a.b": { onUnindexable: "error" }, a: { onUnindexable: "skip" } } as const
  for (const entries of [Object.entries(paths), Object.entries(paths).reverse()]) {
    const table = new FieldTable(parseFieldsOptions({ paths: Object.fromEntries(entries) }))
    const modes = ["a", "a.c", "a.b.c", "ab"].map((path) => table.nodeAt(path).onUnindexable)
    expect(modes).toEqual(["skip", "skip", "error", "error"])
  }
})

test("options that say the same have one form", () => {
  const same: [FieldsOptions | undefined, FieldsOptions][] = [
    [undefined, {}],
    [{ exclude: ["b", "a", "b"] }, { exclude: ["a", "b"], onUnindexable: "error", paths: {} }],
    [{ include: ["b", "a"] }, { include: ["a", "b"] }],
    [
      { paths: { b: {}, a: { onUnindexable: "skip" } } },
      { paths: { a: { onUnindexable: "skip" }, b: { onUnindexable: "error" } } },
    ],
  ]
  for (const [a, b] of same) {
    expect(JSON.stringify(parseFieldsOptions(a))).toBe(JSON.stringify(parseFieldsOptions(b)))
  }
  expect(parseFieldsOptions({ include: [] })).not.toEqual(parseFieldsOptions({}))
})

describe("a table of fields", () => {
  const rules = parseFieldsOptions()

  test("numbers paths when they are first used, and for good", () => {
    const table = new FieldTable(rules)
    const inner = table.nodeAt("a.b")
    expect(table.find("a.b")).toBeUndefined()
    expect(table.size).toBe(0)
    expect(table.number(inner)).toBe(0)
    expect(table.number(table.nodeAt("a"))).toBe(1)
    expect(table.number(inner)).toBe(0)
    expect(table.child(table.nodeAt("a"), "b")).toBe(inner)
    expect([table.find("a.b"), table.find("a"), table.find("b")]).toEqual([0, 1, undefined])
    expect(table.paths).toEqual(["a.b", "a"])
    expect(table.path(1)).toBe("a")
  })

  test("is the same when it is made from its paths", () => {
    const table = new FieldTable(rules, ["a.b", "__proto__", "constructor.x", "a", "0"])
    const again = new FieldTable(rules, table.paths)
    expect(again.paths).toEqual(table.paths)
    for (const [number, path] of table.paths.entries()) expect(again.find(path)).toBe(number)
    expect(again.find("toString")).toBeUndefined()
  })

  test("takes numbers back", () => {
    const table = new FieldTable(rules, ["a", "b"])
    table.number(table.nodeAt("c"))
    table.number(table.nodeAt("a.d"))
    table.truncate(3)
    table.truncate(2)
    expect(table.paths).toEqual(["a", "b"])
    expect(table.find("c")).toBeUndefined()
    expect(table.number(table.nodeAt("a.d"))).toBe(2)
    table.truncate(5)
    expect(table.size).toBe(3)
  })

  test("takes no number back that a committed write has, or one that is under way", () => {
    const table = new FieldTable(rules, ["a"])
    const [first, second, third] = ["b", "c", "d"].map((path) =>
      table.claim(table.number(table.nodeAt(path)) + 1),
    )
    table.truncate(0)
    expect(table.paths).toEqual(["a", "b", "c", "d"])
    // Those above keep it in its place.
    table.release(first)
    expect(table.paths).toEqual(["a", "b", "c", "d"])
    table.release(third)
    expect(table.paths).toEqual(["a", "b", "c"])
    expect(table.keptPaths).toEqual(["a"])
    table.keep(second.end)
    table.release(second)
    expect(table.keptPaths).toEqual(["a", "b", "c"])
    table.number(table.nodeAt("e"))
    table.release(table.claim())
    expect(table.paths).toEqual(["a", "b", "c"])
  })
})
