import { compareValues } from "../values/compare.ts"
import { Kind, type Value } from "../values/kind.ts"
import { afterValue, beforeKind, beforeValue, type Cut } from "../values/value-set.ts"

export interface SortKey {
  readonly path: string
  readonly descending: boolean
}

/** Where a record stands in an order: its value for each key, then its write sequence. */
export interface Position {
  readonly values: readonly Value[]
  readonly sequence: number
}

const NULL: Value = { kind: Kind.null, payload: 0 }

/** A record without the field sorts as null. */
export function asSortValue(value: Value): Value {
  return value.kind === Kind.missing ? NULL : value
}

export function comparePositions(keys: readonly SortKey[], a: Position, b: Position): number {
  for (let i = 0; i < keys.length; i++) {
    const order = compareValues(a.values[i], b.values[i])
    if (order !== 0) return keys[i].descending ? -order : order
  }
  return a.sequence - b.sequence
}

/** The cut before (or after) a value and all that sort like it: null and missing sort alike. */
export function sortCut(value: Value, after: boolean): Cut {
  if (value.kind === Kind.null) return beforeKind(after ? Kind.null + 1 : Kind.missing)
  return after ? afterValue(value) : beforeValue(value)
}
