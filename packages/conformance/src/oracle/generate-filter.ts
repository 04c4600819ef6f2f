import type {
  Condition,
  ElementOperators,
  FieldOperators,
  Scalar,
  UntypedFilter,
} from "@tierdex/core"
import fc from "fast-check"
import { dates, numbers, poolOf, texts, weightedPaths } from "./pools.ts"
import { simplerFilters, simplified } from "./simplify.ts"

/** Every operator that filters may hold. */
export const operatorNames = [
  ...["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$between", "$prefix"],
  ...["$exists", "$all", "$size", "$elemMatch", "$not", "$and", "$or", "$nor"],
]

type Element = ElementOperators<unknown>

/** The beginning of a string, in whole characters. */
const prefixes = fc
  .tuple(texts, fc.nat({ max: 3 }))
  .map(([text, length]) => Array.from(text).slice(0, length).join(""))

const bounds = fc.oneof(
  pairOf(numbers, (a, b) => a - b),
  pairOf(dates, (a, b) => +a - +b),
  pairOf(texts, compareText),
)

function pairOf<V extends string | number | Date>(
  values: fc.Arbitrary<V>,
  compare: (a: V, b: V) => number,
): fc.Arbitrary<readonly [from: V, to: V]> {
  return fc.tuple(values, values).map(([a, b]) => (compare(a, b) <= 0 ? [a, b] : [b, a]))
}

function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"))
}

/** The properties of all, of which the later win; also one that is named `__proto__`. */
function merge<V extends object>(parts: readonly V[]): V {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part))) as V
}

/** Operators that may also stand in `$elemMatch`; one or two of them, or a range. */
function comparisons(pool: fc.Arbitrary<Scalar>): fc.Arbitrary<Element> {
  const list = fc.array(pool, { maxLength: 4 })
  const single: fc.Arbitrary<Element> = fc.oneof(
    fc.record({ $eq: pool }),
    fc.record({ $ne: pool }),
    fc.record({ $gt: pool }),
    fc.record({ $gte: pool }),
    fc.record({ $lt: pool }),
    fc.record({ $lte: pool }),
    fc.record({ $in: list }),
    fc.record({ $nin: list }),
    fc.record({ $prefix: prefixes }),
    fc.record({ $between: bounds }),
  )
  const range: fc.Arbitrary<Element> = fc.oneof(
    fc.record({ $gt: pool, $lt: pool }),
    fc.record({ $gte: pool, $lt: pool }),
    fc.record({ $gte: pool, $lte: pool }),
  )
  return fc.oneof(
    { weight: 6, arbitrary: single },
    { weight: 2, arbitrary: range },
    { weight: 1, arbitrary: fc.array(single, { minLength: 1, maxLength: 2 }).map(merge) },
  )
}

function elements(pool: fc.Arbitrary<Scalar>): fc.Arbitrary<Element> {
  const plain = comparisons(pool)
  return fc.oneof(
    { weight: 5, arbitrary: plain },
    { weight: 1, arbitrary: plain.map(($not): Element => ({ $not })) },
    { weight: 1, arbitrary: fc.tuple(plain, plain).map(([a, $not]): Element => ({ ...a, $not })) },
  )
}

function operators(pool: fc.Arbitrary<Scalar>): fc.Arbitrary<FieldOperators<unknown>> {
  const element = elements(pool)
  const all = fc.oneof(
    { weight: 5, arbitrary: pool },
    { weight: 1, arbitrary: element.map(($elemMatch) => ({ $elemMatch })) },
  )
  const { field } = fc.letrec<{ single: FieldOperators<unknown>; field: FieldOperators<unknown> }>(
    (tie) => ({
      single: fc.oneof(
        { maxDepth: 3 },
        { weight: 10, arbitrary: comparisons(pool) },
        { weight: 1, arbitrary: fc.record({ $exists: fc.boolean() }) },
        { weight: 2, arbitrary: fc.record({ $all: fc.array(all, { maxLength: 3 }) }) },
        { weight: 1, arbitrary: fc.record({ $size: fc.nat({ max: 4 }) }) },
        { weight: 2, arbitrary: fc.record({ $elemMatch: element }) },
        { weight: 2, arbitrary: fc.record({ $not: tie("field") }) },
      ),
      field: fc.oneof(
        { weight: 5, arbitrary: tie("single") },
        {
          weight: 1,
          arbitrary: fc.array(tie("single"), { minLength: 1, maxLength: 2 }).map(merge),
        },
      ),
    }),
  )
  return field
}

function condition(path: string): fc.Arbitrary<Condition<unknown>> {
  const pool = poolOf(path)
  return fc.oneof({ weight: 1, arbitrary: pool }, { weight: 4, arbitrary: operators(pool) })
}

const onOneField: fc.Arbitrary<UntypedFilter> = fc.oneof(
  ...weightedPaths.map(({ weight, path }) => ({
    weight,
    arbitrary: condition(path).map((asked): UntypedFilter => Object.fromEntries([[path, asked]])),
  })),
)

const onSomeFields = fc.array(onOneField, { maxLength: 3 }).map(merge)

const nestedFilters = fc.letrec<{
  filter: UntypedFilter
  combined: UntypedFilter
  several: UntypedFilter[]
}>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    { weight: 6, arbitrary: onOneField },
    { weight: 2, arbitrary: onSomeFields },
    { weight: 4, arbitrary: tie("combined") },
  ),
  combined: fc
    .tuple(
      fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: onSomeFields }),
      fc.oneof(
        { weight: 2, arbitrary: fc.record({ $or: tie("several") }) },
        { weight: 1, arbitrary: fc.record({ $and: tie("several") }) },
        { weight: 1, arbitrary: fc.record({ $nor: tie("several") }) },
      ),
    )
    .map(merge),
  several: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }),
})).filter

/** Filters that an index accepts; to depth 3, from a single condition up. */
export const filters = simplified<UntypedFilter>(nestedFilters, simplerFilters)
