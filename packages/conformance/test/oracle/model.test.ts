import type { SortSpec } from "@tierdex/core"
import { describe, expect, test } from "vitest"
import type { Fields } from "../../src/oracle/fields.ts"
import { Model } from "../../src/oracle/model.ts"

function modelOf(records: Readonly<Record<string, Fields>>): Model {
  const model = new Model()
  for (const [id, record] of Object.entries(records)) model.put(id, record)
  return model
}

describe("writes", () => {
  test("equal content keeps its place, other content moves to the end", () => {
    const model = modelOf({ x: { a: 1, b: 0 }, y: { a: 2 }, z: { a: 3 } })
    model.put("x", { b: -0, a: 1, c: undefined })
    expect(model.ids()).toEqual(["x", "y", "z"])
    model.put("y", { a: [2] })
    expect(model.ids()).toEqual(["x", "z", "y"])
    expect(model.update("z", { a: 3, gone: undefined })).toBe(true)
    expect(model.ids()).toEqual(["x", "z", "y"])
    expect(model.update("x", { a: 9 })).toBe(true)
    expect(model.ids()).toEqual(["z", "y", "x"])
  })

  test("records are kept as they will be read", () => {
    const date = new Date(5)
    const model = modelOf({
      x: { zero: -0, no: undefined, at: date, e: {}, l: [-0, null], n: { u: undefined } },
    })
    const read = model.get("x")
    expect(read).toStrictEqual({ zero: 0, at: new Date(5), e: {}, l: [0, null], n: {} })
    date.setTime(6)
    expect(read).toStrictEqual(model.get("x"))
  })

  test.each<[patch: Fields, before: Fields, after: Fields]>([
    [{ a: 2 }, { a: 1, b: 1 }, { a: 2, b: 1 }],
    [{ a: undefined }, { a: 1, b: 1 }, { b: 1 }],
    [{ n: { y: 2 } }, { n: { x: 1 } }, { n: { y: 2 } }],
    [{ "n.y": 2 }, { n: { x: 1 } }, { n: { x: 1, y: 2 } }],
    [{ "n.deep.z": 2 }, {}, { n: { deep: { z: 2 } } }],
    [{ "n.x": undefined }, { n: { x: 1 } }, { n: {} }],
    [{ "n.x": undefined }, {}, {}],
    [{ "n.x": undefined }, { n: 5 }, { n: 5 }],
    [{ "n.x": 1 }, { n: 5 }, { n: { x: 1 } }],
    [{ a: [] }, {}, { a: [] }],
  ])("update with %o makes %o into %o", (patch, before, after) => {
    const model = modelOf({ id: before })
    expect(model.update("id", patch)).toBe(true)
    expect(model.get("id")).toStrictEqual(after)
    expect(model.update("other", patch)).toBe(false)
    expect(model.size).toBe(1)
  })

  test("delete, deleteMany, clear and batch", () => {
    const model = modelOf({ x: { a: 1 }, y: { a: 1 }, z: {} })
    expect([model.delete("x"), model.delete("x")]).toEqual([true, false])
    expect(model.deleteMany({ a: 1 })).toBe(1)
    model.batch(
      [
        { type: "put", id: "w", record: { a: 1 } },
        { type: "delete", id: "z" },
        { type: "put", id: "w", record: { a: 2 } },
      ],
      { mark: "one" },
    )
    model.batch([])
    expect([model.ids(), model.get("w"), model.mark]).toEqual([["w"], { a: 2 }, "one"])
    const copy = model.clone()
    model.clear()
    expect([model.size, copy.size]).toEqual([0, 1])
  })
})

describe("find", () => {
  const model = modelOf({
    date: { v: new Date(0) },
    array: { v: [5, "x"] },
    true: { v: true },
    false: { v: false },
    object: { v: { x: 1 } },
    astral: { v: "😀" },
    high: { v: "\uFFFF" },
    number: { v: 6 },
    null: { v: null },
    missing: {},
    none: { v: [] },
    bare: { v: {} },
  })

  test.each<[SortSpec<Fields>, string]>([
    [{ v: "asc" }, "none null missing array number high astral object bare false true date"],
    [{ v: "desc" }, "date true false object bare astral high array number null missing none"],
    [[["absent", "desc"]], model.ids().join(" ")],
    [
      [
        ["v.x", "desc"],
        ["v", "desc"],
      ],
      "object date true false bare astral high array number null missing none",
    ],
  ])("sorted by %o", (sort, expected) => {
    expect(model.find({}, { sort }).join(" ")).toBe(expected)
  })

  test("limit and after cut the same list", () => {
    expect(model.find({}, { sort: { v: "asc" }, limit: 2, after: "null" })).toEqual([
      "missing",
      "array",
    ])
  })
})

test("facets count each value once per record, by count, then value", () => {
  const model = modelOf({
    p: { v: [1, 1, "b"] },
    q: { v: 1 },
    r: { v: null },
    s: {},
    t: { v: [] },
    u: { v: "b" },
    v: { v: { x: 1 } },
    w: { v: true },
  })
  expect(model.facets({}, ["v", "v.x"])).toStrictEqual({
    v: [
      { value: 1, count: 2 },
      { value: "b", count: 2 },
      { value: null, count: 1 },
      { value: true, count: 1 },
    ],
    "v.x": [{ value: 1, count: 1 }],
  })
  expect(model.facets({ v: "b" }, ["v"], { limit: 1 })).toStrictEqual({
    v: [{ value: "b", count: 2 }],
  })
})

test("extent spans types and elements, without null", () => {
  const model = modelOf({
    p: { v: [3, "b"] },
    q: { v: null },
    r: { v: 7 },
    s: { v: [] },
    t: { v: {} },
  })
  expect(model.extent("v")).toStrictEqual({ min: 3, max: "b" })
  expect(model.extent("v", { v: { $not: { $exists: true } } })).toBeUndefined()
  expect(model.extent("v", { v: null })).toBeUndefined()
})

test("labels are the distinct integers, or nothing at all", () => {
  const model = modelOf({
    p: { v: [3, 1] },
    q: { v: 3 },
    r: {},
    s: { v: 2 ** 32 - 1 },
    t: { v: [] },
  })
  expect(model.labels("v")).toEqual([1, 3, 2 ** 32 - 1])
  for (const other of [-1, 0.5, 2 ** 32, "1", null, {}, true]) {
    model.put("u", { v: other })
    expect(model.labels("v")).toBeUndefined()
    expect(model.labels("v", { v: 3 })).toEqual([1, 3])
  }
})

test("select leaves what is there at the paths", () => {
  const model = modelOf({ p: { a: 1, n: { x: 1, deep: { z: [] } }, l: [1] } })
  expect(model.select("p", ["n.x", "l", "l.0", "absent"])).toStrictEqual({ n: { x: 1 }, l: [1] })
  expect(model.select("p", ["n.deep.z", "n"])).toStrictEqual({ n: { x: 1, deep: { z: [] } } })
  expect(model.select("p", ["n.absent"])).toStrictEqual({})
})
