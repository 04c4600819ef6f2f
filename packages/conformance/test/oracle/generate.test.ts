import type { UntypedFilter } from "@tierdex/core"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Fields, isFields } from "../../src/oracle/fields.ts"
import {
  filters,
  operations,
  operatorNames,
  patches,
  records,
  sorts,
} from "../../src/oracle/generate.ts"
import { matcher } from "../../src/oracle/mingo.ts"
import { Model } from "../../src/oracle/model.ts"
import type { Operation } from "../../src/oracle/operation.ts"

const SAMPLES = 3000

/** Every value inside, arrays and objects as well. */
function valuesIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return [value, ...value.flatMap(valuesIn)]
  if (isFields(value)) return [value, ...Object.values(value).flatMap(valuesIn)]
  return [value]
}

function operatorsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(operatorsIn)
  if (!isFields(value)) return []
  const names = Object.keys(value).filter((name) => name.startsWith("$"))
  return [...names, ...Object.values(value).flatMap(operatorsIn)]
}

describe("filters and records", () => {
  const pairs = fc.sample(fc.tuple(filters, records), SAMPLES).map(([filter, record]) => ({
    filter,
    matched: matcher(filter)(record),
  }))

  test("match often, and often do not", () => {
    const share = pairs.filter(({ matched }) => matched).length / SAMPLES
    expect(share).toBeGreaterThan(0.05)
    expect(share).toBeLessThan(0.95)
  })

  test.each(operatorNames)("%s occurs in filters that match and in others", (name) => {
    const having = pairs.filter(({ filter }) => operatorsIn(filter).includes(name))
    const matched = having.filter((pair) => pair.matched).length
    expect(matched).toBeGreaterThan(5)
    expect(having.length - matched).toBeGreaterThan(5)
  })

  test("no operator occurs that is not listed", () => {
    const names = new Set(pairs.flatMap(({ filter }) => operatorsIn(filter)))
    expect([...names].sort()).toEqual(operatorNames.toSorted())
  })

  test("ranges that no single value meets occur, and match arrays", () => {
    const { $gt, $lt } = { $gt: 1, $lt: 4 }
    const range = matcher({ a: { $gt, $lt, $not: { $elemMatch: { $gt, $lt } } } })
    const arrays = fc.sample(records, SAMPLES).filter(({ a }) => Array.isArray(a))
    expect(arrays.filter(range).length).toBeGreaterThan(0)
  })
})

describe("records", () => {
  const values = fc.sample(records, SAMPLES).flatMap(valuesIn)
  const kinds: Record<string, (value: unknown) => boolean> = {
    null: (value) => value === null,
    undefined: (value) => value === undefined,
    "-0": (value) => Object.is(value, -0),
    infinity: (value) => value === Infinity,
    fraction: (value) => typeof value === "number" && value % 1 !== 0,
    boolean: (value) => typeof value === "boolean",
    "empty string": (value) => value === "",
    "astral string": (value) => typeof value === "string" && /[\u{10000}-\u{10FFFF}]/u.test(value),
    "U+E000 to U+FFFF": (value) => typeof value === "string" && /[\uE000-\uFFFF]/u.test(value),
    "long string": (value) => typeof value === "string" && value.length > 512,
    "date before 1970": (value) => value instanceof Date && Number(value) < 0,
    "empty array": (value) => Array.isArray(value) && value.length === 0,
    "array of one": (value) => Array.isArray(value) && value.length === 1,
    "array with duplicates": (value) =>
      Array.isArray(value) && new Set(value).size > 0 && new Set(value).size < value.length,
    "array of several types": (value) =>
      Array.isArray(value) && new Set(value.map((element) => typeof element)).size > 1,
    "empty object": (value) => isFields(value) && Object.keys(value).length === 0,
    "name `__proto__`": (value) => isFields(value) && Object.hasOwn(value, "__proto__"),
  }

  test.each(Object.keys(kinds))("%s occurs", (kind) => {
    expect(values.filter(kinds[kind]).length).toBeGreaterThan(5)
  })

  test("every string is well-formed", () => {
    const texts = values.filter((value) => typeof value === "string")
    expect(texts.filter((text) => !text.isWellFormed())).toEqual([])
  })
})

describe("operations", () => {
  const runs = fc.sample(operations(), 400).map(replay)
  const steps = runs.flat()

  test.each<Operation["type"]>([
    ...(["put", "putMany", "update", "delete", "deleteMany"] as const),
    ...(["batch", "clear", "flush", "compact", "reopen"] as const),
  ])("%s occurs", (type) => {
    expect(steps.filter((step) => step.type === type).length).toBeGreaterThan(5)
  })

  test("writes meet records that are there, with other content and with the same", () => {
    const puts = steps.filter((step) => step.type === "put" && step.existed)
    expect(puts.length / steps.length).toBeGreaterThan(0.05)
    expect(puts.filter((step) => step.moved === "to the end").length).toBeGreaterThan(20)
    expect(puts.filter((step) => step.moved === "stayed").length).toBeGreaterThan(20)
  })

  test("updates and deletions hit and miss", () => {
    for (const type of ["update", "delete", "deleteMany"] as const) {
      const hits = steps.filter((step) => step.type === type).map((step) => step.hit)
      expect(hits.filter(Boolean).length, type).toBeGreaterThan(5)
      expect(hits.filter((hit) => !hit).length, type).toBeGreaterThan(5)
    }
  })

  test("a dozen records gather", () => {
    expect(Math.max(...steps.map((step) => step.size))).toBeGreaterThan(12)
  })
})

interface Step {
  readonly type: Operation["type"]
  /** put: whether the id was there before. */
  readonly existed: boolean
  /** put of an id that was there and not last: where it is after. */
  readonly moved: "to the end" | "stayed" | undefined
  /** update, delete, deleteMany: whether it did anything. */
  readonly hit: boolean
  readonly size: number
}

/** What a sequence of calls does to a model. */
function replay(calls: readonly Operation[]): Step[] {
  const model = new Model()
  return calls.map((call) => {
    const before = model.ids()
    const hit = apply(model, call)
    const existed = call.type === "put" && before.includes(call.id)
    const wasLast = call.type === "put" && before.at(-1) === call.id
    const isLast = call.type === "put" && model.ids().at(-1) === call.id
    const moved = !existed || wasLast ? undefined : isLast ? "to the end" : "stayed"
    return { type: call.type, existed, moved, hit, size: model.size }
  })
}

function apply(model: Model, call: Operation): boolean {
  if (call.type === "put") model.put(call.id, call.record)
  if (call.type === "putMany") model.putMany(call.entries)
  if (call.type === "batch") model.batch(call.ops)
  if (call.type === "clear") model.clear()
  if (call.type === "update") return model.update(call.id, call.patch)
  if (call.type === "delete") return model.delete(call.id)
  if (call.type === "deleteMany") return model.deleteMany(call.filter) > 0
  return false
}

test("no patch has a path below another", () => {
  for (const patch of fc.sample(patches, 500)) {
    const changed = Object.keys(patch)
    for (const path of changed) {
      expect(changed.filter((other) => other.startsWith(`${path}.`))).toEqual([])
    }
  }
})

test("a sort has one to three keys, in both notations", () => {
  const made = fc.sample(sorts, 200)
  expect(new Set(made.map((sort) => Object.keys(sort).length))).toEqual(new Set([1, 2, 3]))
  expect(new Set(made.map(Array.isArray))).toEqual(new Set([true, false]))
})

describe("what fails shrinks", () => {
  function counterexample<V>(values: fc.Arbitrary<V>, fails: (value: V) => boolean): V | undefined {
    const found = fc.check(
      fc.property(values, (value) => !fails(value)),
      { numRuns: SAMPLES },
    )
    return found.counterexample?.[0]
  }

  test("to a record of one field", () => {
    const record = counterexample<Fields>(
      records,
      ({ tags }) => Array.isArray(tags) && tags.length > 1,
    )
    expect(Object.keys(record ?? {})).toEqual(["tags"])
    expect(record?.tags).toHaveLength(2)
  })

  test("to a filter of one condition", () => {
    const filter = counterexample<UntypedFilter>(filters, (f) => operatorsIn(f).includes("$prefix"))
    expect(Object.keys(filter ?? {})).toHaveLength(1)
    expect(operatorsIn(filter)).toEqual(["$prefix"])
  })

  test("to the calls that matter", () => {
    const calls = counterexample(operations(), (all) => {
      const types = all.map(({ type }) => type)
      return types.includes("delete") && types.includes("compact")
    })
    expect(calls).toHaveLength(2)
  })
})
