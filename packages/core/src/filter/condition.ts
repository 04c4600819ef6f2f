import { describe, isPlainObject } from "../values/describe.ts"
import { Kind } from "../values/kind.ts"
import { complement, intersection, type ValueSet } from "../values/value-set.ts"
import { between, bounded, ELEMENTS, equalTo, PRESENT, prefixed } from "./comparison.ts"
import type { FilterNode } from "./node.ts"
import { parseArray, parseOperand, parseOperands, refuseSymbols } from "./operand.ts"
import {
  COMPARISONS,
  type Comparison,
  explainUnknown,
  FIELD_OPERATORS,
  type FieldOperator,
  isOneOf,
} from "./operators.ts"
import { inside, invalid, type Place } from "./place.ts"
import { and, element, NONE, not, values } from "./simplify.ts"

/** What a filter says of one field: a scalar, or an object of operators that must all hold. */
export function parseCondition(condition: unknown, path: string, place: Place): FilterNode {
  return isPlainObject(condition)
    ? parseFieldOperators(condition, path, place)
    : values(path, equalTo([parseOperand(condition, place)]))
}

function parseFieldOperators(operators: object, path: string, place: Place): FilterNode {
  const entries = operatorEntries(operators, FIELD_OPERATORS, place, "on a field")
  return and(
    entries.map(([operator, operand]) =>
      parseFieldOperator(operator, operand, path, inside(place, operator)),
    ),
  )
}

function parseFieldOperator(
  operator: FieldOperator,
  operand: unknown,
  path: string,
  place: Place,
): FilterNode {
  switch (operator) {
    case "$exists":
      if (typeof operand !== "boolean") {
        throw invalid(place, `is ${describe(operand)}; $exists takes true or false`)
      }
      return values(path, operand ? PRESENT : complement(PRESENT))
    case "$all":
      return parseAll(operand, path, place)
    case "$size":
      if (!Number.isSafeInteger(operand) || Number(operand) < 0) {
        throw invalid(place, `is ${shown(operand)}; $size takes an integer from 0`)
      }
      return { type: "size", path, size: Number(operand) + 0 }
    case "$elemMatch":
      return element(path, parseElement(objectOf(operand, operator, place), place))
    case "$not":
      return not(parseFieldOperators(objectOf(operand, "$not", place), path, place))
    case "$ne":
    case "$nin":
      return not(values(path, excluded(operator, operand, place)))
    default:
      return values(path, parseComparison(operator, operand, place))
  }
}

/** An empty list matches nothing, as in MongoDB. */
function parseAll(operand: unknown, path: string, place: Place): FilterNode {
  const list = parseArray(operand, place, "$all")
  if (list.length === 0) return NONE
  return and(
    list.map((each, i) => {
      const at = inside(place, i)
      if (!isPlainObject(each)) return values(path, equalTo([parseOperand(each, at)]))
      const [[operator, operand]] = operatorEntries(each, ["$elemMatch"], at, "in $all")
      return parseFieldOperator(operator, operand, path, inside(at, operator))
    }),
  )
}

/** The elements that meet all operators. */
function parseElement(operators: object, place: Place): ValueSet {
  const entries = operatorEntries(operators, COMPARISONS, place, "in $elemMatch")
  return entries.reduce(
    (set, [operator, operand]) =>
      intersection(set, parseElementOperator(operator, operand, inside(place, operator))),
    ELEMENTS,
  )
}

function parseElementOperator(operator: Comparison, operand: unknown, place: Place): ValueSet {
  switch (operator) {
    case "$not":
      return complement(parseElement(objectOf(operand, operator, place), place))
    case "$ne":
    case "$nin":
      return complement(excluded(operator, operand, place))
    default:
      return parseComparison(operator, operand, place)
  }
}

/** The values that `$ne` and `$nin` deny. */
function excluded(operator: "$ne" | "$nin", operand: unknown, place: Place): ValueSet {
  return parseComparison(operator === "$ne" ? "$eq" : "$in", operand, place)
}

function parseComparison(
  operator: Exclude<Comparison, "$not" | "$ne" | "$nin">,
  operand: unknown,
  place: Place,
): ValueSet {
  switch (operator) {
    case "$eq":
      return equalTo([parseOperand(operand, place)])
    case "$in":
      return equalTo(parseOperands(operand, place, operator))
    case "$between":
      return parseBetween(operand, place)
    case "$prefix": {
      const { kind, payload } = parseOperand(operand, place)
      if (kind === Kind.string && typeof payload !== "number") return prefixed(payload)
      throw invalid(place, `is ${shown(operand)}; $prefix takes a string`)
    }
    default:
      return bounded(operator, parseOperand(operand, place))
  }
}

function parseBetween(operand: unknown, place: Place): ValueSet {
  const bounds = parseOperands(operand, place, "$between")
  const [from, to] = bounds
  if (bounds.length !== 2 || from.kind !== to.kind || from.kind === Kind.null) {
    throw invalid(place, "takes [from, to]: two numbers, strings, dates or booleans")
  }
  return between(from, to)
}

function objectOf(operand: unknown, operator: string, place: Place): object {
  if (isPlainObject(operand)) return operand
  throw invalid(place, `is ${shown(operand)}; ${operator} takes operators, such as { $gt: 5 }`)
}

/** The operators of an object that must hold some, and nothing else. */
function operatorEntries<Name extends string>(
  operators: object,
  allowed: readonly Name[],
  place: Place,
  where: string,
): [Name, unknown][] {
  refuseSymbols(operators, place)
  const entries = Object.entries(operators)
  if (entries.length === 0) {
    throw invalid(place, "is an empty object; put operators into it, such as { $exists: true }")
  }
  return entries.map(([name, operand]) => {
    if (isOneOf(allowed, name)) return [name, operand]
    if (name.startsWith("$")) {
      throw invalid(inside(place, name), explainUnknown(name, allowed, where))
    }
    throw invalid(
      inside(place, name),
      "stands where operators are expected; a field inside an object is named by a dotted path, " +
        `such as { "object.${name}": ... }, and arrays of objects are not indexed`,
    )
  })
}

function shown(operand: unknown): string {
  return typeof operand === "number" ? String(operand) : describe(operand)
}
