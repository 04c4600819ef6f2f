import type { Steps } from "../cache/steps.ts"
import type { FilterNode } from "../filter/node.ts"
import type { Part, PartField } from "../parts/part.ts"
import type { VidSet } from "../parts/vid-set.ts"
import { Kind } from "../values/kind.ts"
import { intersection, type ValueSet, wholeKind } from "../values/value-set.ts"

/** A filter in terms of one part: values have become numbers of its dictionaries. */
export type PartFilter =
  | { readonly type: "all" }
  | { readonly type: "none" }
  | ValuesFilter
  | ElementFilter
  | SizeFilter
  | AndFilter
  | { readonly type: "or"; readonly filters: readonly PartFilter[] }
  | { readonly type: "not"; readonly filter: PartFilter }

export interface ValuesFilter {
  readonly type: "values"
  readonly path: string
  readonly set: ValueSet
  readonly field: PartField
  readonly vids: VidSet
}

/** `values` is a superset: records that hold a value there, in an array or not. */
export interface ElementFilter {
  readonly type: "element"
  readonly values: ValuesFilter
}

export interface SizeFilter {
  readonly type: "size"
  readonly path: string
  readonly field: PartField
  readonly size: number
}

export interface AndFilter {
  readonly type: "and"
  /** From the one that is expected to leave the fewest. */
  readonly positive: readonly PartFilter[]
  readonly negative: readonly PartFilter[]
}

const ALL: PartFilter = { type: "all" }
const NONE: PartFilter = { type: "none" }

/** Finds the number of a field by its path; undefined if no record has had it. */
export type FieldLookup = (path: string) => number | undefined

/** A field number that no part has. */
const NO_FIELD = -1

/** The field of a part by path. */
export function* fieldOf(part: Part, lookup: FieldLookup, path: string): Steps<PartField> {
  return yield* part.field(lookup(path) ?? NO_FIELD)
}

/** Looks the values of a filter up in a part. */
export function* compile(node: FilterNode, part: Part, lookup: FieldLookup): Steps<PartFilter> {
  switch (node.type) {
    case "all":
    case "none":
      return node
    case "values":
      return yield* compileValues(node.path, node.set, part, lookup)
    case "element": {
      const values = yield* compileValues(node.path, node.set, part, lookup)
      if (values.type === "none") return NONE
      const field = yield* fieldOf(part, lookup, node.path)
      if (!field.isMulti) return NONE
      const vids = yield* field.resolve(node.set)
      return {
        type: "element",
        values: { type: "values", path: node.path, set: node.set, field, vids },
      }
    }
    case "size": {
      if (node.size === 0) {
        return yield* compileValues(node.path, [wholeKind(Kind.emptyArray)], part, lookup)
      }
      const field = yield* fieldOf(part, lookup, node.path)
      return field.isMulti ? { type: "size", path: node.path, field, size: node.size } : NONE
    }
    case "not":
      return negate(yield* compile(node.node, part, lookup))
    case "or": {
      const filters: PartFilter[] = []
      for (const child of node.nodes) {
        const filter = yield* compile(child, part, lookup)
        if (filter.type === "all") return ALL
        if (filter.type !== "none") filters.push(filter)
      }
      if (filters.length === 0) return NONE
      return filters.length === 1 ? filters[0] : { type: "or", filters }
    }
    case "and":
      return yield* compileAnd(node.nodes, part, lookup)
  }
}

function* compileValues(
  path: string,
  set: ValueSet,
  part: Part,
  lookup: FieldLookup,
): Steps<PartFilter> {
  const field = yield* fieldOf(part, lookup, path)
  const vids = yield* field.resolve(set)
  if (vids.isEmpty) return NONE
  return vids.isEverything ? ALL : { type: "values", path, set, field, vids }
}

function* compileAnd(
  nodes: readonly FilterNode[],
  part: Part,
  lookup: FieldLookup,
): Steps<PartFilter> {
  const positive: PartFilter[] = []
  const negative: PartFilter[] = []
  for (const node of yield* joinRanges(nodes, part, lookup)) {
    const filter = yield* compile(node, part, lookup)
    if (filter.type === "none") return NONE
    if (filter.type === "not") negative.push(filter.filter)
    else if (filter.type === "and") {
      positive.push(...filter.positive)
      negative.push(...filter.negative)
    } else if (filter.type !== "all") positive.push(filter)
  }
  positive.sort((a, b) => estimate(a, part.size) - estimate(b, part.size))
  if (positive.length + negative.length === 0) return ALL
  if (positive.length === 0 && negative.length === 1) return { type: "not", filter: negative[0] }
  if (positive.length === 1 && negative.length === 0) return positive[0]
  return { type: "and", positive, negative }
}

/**
 * Where a field has one value in each record, conditions on it are one condition: two bounds are
 * a range. With arrays they are not, since different elements may meet them.
 */
function* joinRanges(
  nodes: readonly FilterNode[],
  part: Part,
  lookup: FieldLookup,
): Steps<FilterNode[]> {
  const byPath = new Map<string, ValueSet>()
  const rest: FilterNode[] = []
  for (const node of nodes) {
    if (node.type !== "values") {
      rest.push(node)
      continue
    }
    const known = byPath.get(node.path)
    if (known === undefined) byPath.set(node.path, node.set)
    else if ((yield* fieldOf(part, lookup, node.path)).isMulti) rest.push(node)
    else byPath.set(node.path, intersection(known, node.set))
  }
  const joined = [...byPath].map(([path, set]): FilterNode => ({ type: "values", path, set }))
  return [...joined, ...rest]
}

function negate(filter: PartFilter): PartFilter {
  if (filter.type === "all") return NONE
  if (filter.type === "none") return ALL
  return filter.type === "not" ? filter.filter : { type: "not", filter }
}

/** How many of `size` records a filter is expected to leave. */
export function estimate(filter: PartFilter, size: number): number {
  switch (filter.type) {
    case "all":
      return size
    case "none":
      return 0
    case "values":
      return Math.min(size, filter.vids.entries)
    case "element":
      return Math.min(size, filter.values.vids.entries)
    case "size":
      return size / 4
    case "not":
      return size - estimate(filter.filter, size)
    case "or": {
      // As if the conditions were independent of each other.
      const none = filter.filters.reduce(
        (share, child) => share * (1 - estimate(child, size) / Math.max(1, size)),
        1,
      )
      return size * (1 - none)
    }
    case "and": {
      const share = (child: PartFilter) => estimate(child, size) / Math.max(1, size)
      const kept = filter.positive.reduce((product, child) => product * share(child), 1)
      return size * filter.negative.reduce((product, child) => product * (1 - share(child)), kept)
    }
  }
}
