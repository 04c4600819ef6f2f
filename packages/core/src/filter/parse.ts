import { TierdexError } from "../errors.ts"
import { describe, isPlainObject } from "../values/describe.ts"
import { parseCondition } from "./condition.ts"
import type { FilterNode } from "./node.ts"
import { parseArray, refuseSymbols } from "./operand.ts"
import { explainUnknown, isOneOf, LOGICAL_OPERATORS } from "./operators.ts"
import { inside, invalid, nameOf, type Place, ROOT } from "./place.ts"
import { and, not, or } from "./simplify.ts"

/** Whether the values at a path are in the index. */
export type IsIndexed = (path: string) => boolean

/**
 * Checks a filter and says what it asks, by MongoDB's rules for the operators that there are.
 *
 * @throws TIERDEX_INVALID_FILTER for anything malformed, naming its place in the filter
 * @throws TIERDEX_FIELD_NOT_INDEXED for a path that `isIndexed` denies
 */
export function parseFilter(filter: unknown, isIndexed: IsIndexed): FilterNode {
  return parseAt(filter, ROOT, isIndexed)
}

function parseAt(filter: unknown, place: Place, isIndexed: IsIndexed): FilterNode {
  if (!isPlainObject(filter)) {
    throw invalid(place, `is ${describe(filter)}; a filter is a plain object: { field: condition }`)
  }
  refuseSymbols(filter, place)
  return and(
    Object.entries(filter).map(([key, condition]) => {
      const at = inside(place, key)
      if (!key.startsWith("$")) return parseField(key, condition, at, isIndexed)
      if (!isOneOf(LOGICAL_OPERATORS, key)) {
        throw invalid(at, explainUnknown(key, LOGICAL_OPERATORS, "beside field names"))
      }
      const nodes = parseList(key, condition, at, isIndexed)
      return key === "$and" ? and(nodes) : key === "$or" ? or(nodes) : not(or(nodes))
    }),
  )
}

function parseList(
  operator: string,
  filters: unknown,
  place: Place,
  isIndexed: IsIndexed,
): FilterNode[] {
  const list = parseArray(filters, place, operator)
  if (list.length === 0) {
    throw invalid(place, `is an empty array; ${operator} takes one filter or more`)
  }
  return list.map((each, i) => parseAt(each, inside(place, i), isIndexed))
}

function parseField(
  path: string,
  condition: unknown,
  place: Place,
  isIndexed: IsIndexed,
): FilterNode {
  checkPath(path, place)
  if (!isIndexed(path)) {
    throw new TierdexError(
      "TIERDEX_FIELD_NOT_INDEXED",
      `${nameOf(place)} asks for the field "${path}", which the options of this index leave out. ` +
        "Build the index with that field, or filter by another.",
    )
  }
  return parseCondition(condition, path, place)
}

function checkPath(path: string, place: Place): void {
  const parts = path.split(".")
  if (parts.includes("") || !path.isWellFormed()) {
    throw invalid(place, 'is no path: names separated by single dots, such as "maker.country"')
  }
  if (parts.some((part) => part.startsWith("$"))) {
    throw invalid(place, "is no path: names do not begin with $; operators go into an object")
  }
}
