import { describe, isPlainObject } from "../values/describe.ts"
import type { Value } from "../values/kind.ts"
import { toValue } from "../values/scalar.ts"
import { inside, invalid, type Place } from "./place.ts"

/** A scalar to compare with. Strings may be longer than those that are indexed. */
export function parseOperand(operand: unknown, place: Place): Value {
  const value = toValue(operand)
  if (typeof value === "object") return value
  throw invalid(place, `is ${value}; ${adviceFor(operand)}`)
}

/** The scalars of a list, in its order. */
export function parseOperands(operands: unknown, place: Place, operator: string): Value[] {
  return parseArray(operands, place, operator).map((operand, i) => {
    const value = toValue(operand)
    return typeof value === "object" ? value : parseOperand(operand, inside(place, i))
  })
}

/** A list without holes: they count as undefined. */
export function parseArray(list: unknown, place: Place, operator: string): unknown[] {
  if (Array.isArray(list)) return Array.from<unknown>(list)
  throw invalid(place, `is ${describe(list)}; ${operator} takes an array`)
}

/** Refuses keys that would go unseen. */
export function refuseSymbols(object: object, place: Place): void {
  if (Object.getOwnPropertySymbols(object).length > 0) {
    throw invalid(place, "has a symbol as a key; fields and operators are named by strings")
  }
}

function adviceFor(operand: unknown): string {
  if (operand === undefined) {
    return "leave the key out to ask nothing, or write null to match records without the field"
  }
  if (Array.isArray(operand)) {
    return "arrays are matched by their elements: { $all: [...], $size: n } or { $in: [...] }"
  }
  if (operand instanceof RegExp) return "for strings that begin alike use $prefix"
  if (isPlainObject(operand)) {
    return 'objects are matched by the fields inside, with dotted paths: { "object.field": ... }'
  }
  return "a field is compared with null, a boolean, a number, a string or a Date"
}
