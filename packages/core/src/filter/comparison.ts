import { Kind, type Value } from "../values/kind.ts"
import {
  afterValue,
  beforeKind,
  beforeValue,
  complement,
  type Interval,
  NOTHING,
  point,
  union,
  type ValueSet,
  wholeKind,
} from "../values/value-set.ts"

/** Null, and no such field: for filters they are one. */
const NULLISH: ValueSet = union([wholeKind(Kind.missing), wholeKind(Kind.null)])

/** What an element of an array can be. */
export const ELEMENTS: ValueSet = union([
  wholeKind(Kind.null),
  wholeKind(Kind.number),
  wholeKind(Kind.string),
  wholeKind(Kind.boolean),
  wholeKind(Kind.date),
])

/** Any value of a record that has the field. */
export const PRESENT: ValueSet = complement([wholeKind(Kind.missing)])

export function equalTo(values: readonly Value[]): ValueSet {
  return union(
    values.flatMap((value): readonly Interval[] =>
      value.kind === Kind.null ? NULLISH : [point(value)],
    ),
  )
}

export type Bound = "$gt" | "$gte" | "$lt" | "$lte"

/** The values of the bound's own kind on one side of it. Nothing is less or greater than null. */
export function bounded(operator: Bound, value: Value): ValueSet {
  const { kind } = value
  if (kind === Kind.null) return operator === "$gte" || operator === "$lte" ? NULLISH : NOTHING
  switch (operator) {
    case "$gt":
      return union([{ from: afterValue(value), to: beforeKind(kind + 1) }])
    case "$gte":
      return union([{ from: beforeValue(value), to: beforeKind(kind + 1) }])
    case "$lt":
      return union([{ from: beforeKind(kind), to: beforeValue(value) }])
    case "$lte":
      return union([{ from: beforeKind(kind), to: afterValue(value) }])
  }
}

/** From one value to another of its kind, both included; nothing if they are the wrong way round. */
export function between(from: Value, to: Value): ValueSet {
  return union([{ from: beforeValue(from), to: afterValue(to) }])
}

/** The strings that begin with these bytes. */
export function prefixed(prefix: Uint8Array): ValueSet {
  const from = beforeValue({ kind: Kind.string, payload: prefix })
  const end = successor(prefix)
  const to =
    end === undefined
      ? beforeKind(Kind.string + 1)
      : beforeValue({ kind: Kind.string, payload: end })
  return prefix.length === 0 ? [wholeKind(Kind.string)] : [{ from, to }]
}

/** The least byte string above all that begin with these bytes; undefined if there is none. */
function successor(bytes: Uint8Array): Uint8Array | undefined {
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0xff) length--
  if (length === 0) return undefined
  const end = bytes.slice(0, length)
  end[length - 1]++
  return end
}
