import type { ValueSet } from "../values/value-set.ts"

/**
 * A filter after parsing: what it asks, without operators.
 *
 * Conditions on one field speak of the values of a record at that path: the elements if it is an
 * array, else the one value, where "no such field", `[]` and a nested object are values too
 * (kinds `missing`, `emptyArray`, `object`).
 */
export type FilterNode =
  | { readonly type: "all" }
  | { readonly type: "none" }
  | { readonly type: "and"; readonly nodes: readonly FilterNode[] }
  | { readonly type: "or"; readonly nodes: readonly FilterNode[] }
  | { readonly type: "not"; readonly node: FilterNode }
  | ValuesNode
  | ElementNode
  | SizeNode

/** At least one of the record's values at the path is in the set. */
export interface ValuesNode {
  readonly type: "values"
  readonly path: string
  readonly set: ValueSet
}

/** The field is an array, and one of its elements is in the set (`$elemMatch`). */
export interface ElementNode {
  readonly type: "element"
  readonly path: string
  readonly set: ValueSet
}

/** The field is an array of exactly this many elements. */
export interface SizeNode {
  readonly type: "size"
  readonly path: string
  readonly size: number
}
