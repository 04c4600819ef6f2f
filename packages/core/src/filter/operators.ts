/** Operators that compare one value: on a field, and on an element inside `$elemMatch`. */
export const COMPARISONS = [
  "$eq",
  "$ne",
  "$gt",
  "$gte",
  "$lt",
  "$lte",
  "$in",
  "$nin",
  "$between",
  "$prefix",
  "$not",
] as const

export type Comparison = (typeof COMPARISONS)[number]

/** Operators on one field. */
export const FIELD_OPERATORS = [...COMPARISONS, "$exists", "$all", "$size", "$elemMatch"] as const

export type FieldOperator = (typeof FIELD_OPERATORS)[number]

/** Operators that combine whole filters. */
export const LOGICAL_OPERATORS = ["$and", "$or", "$nor"] as const

const EVERY_OPERATOR: readonly string[] = [...LOGICAL_OPERATORS, ...FIELD_OPERATORS]

export function isOneOf<Name extends string>(
  operators: readonly Name[],
  name: string,
): name is Name {
  return (operators as readonly string[]).includes(name)
}

/**
 * Why a name is none of the operators that may stand in a place, and what to write instead.
 * `where` names the place: `on a field`.
 */
export function explainUnknown(name: string, allowed: readonly string[], where: string): string {
  if (name === "$regex") return "is not supported; for strings that begin alike use $prefix"
  if (EVERY_OPERATOR.includes(name)) return `cannot stand ${where}; ${whereItBelongs(name)}`
  const near = nearest(name, allowed)
  const list = `known ${where}: ${allowed.join(", ")}`
  return near === undefined
    ? `is no operator; ${list}`
    : `is no operator; did you mean ${near}? (${list})`
}

function whereItBelongs(name: string): string {
  if (isOneOf(LOGICAL_OPERATORS, name)) {
    return `it combines whole filters: { ${name}: [{ field: ... }, { field: ... }] }`
  }
  if (name === "$not") return "write { field: { $not: { ... } } }, or { $nor: [{ ... }] }"
  return `write { field: { ${name}: ... } }`
}

/** The name with the fewest edits, if they are few. */
function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let fewest = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase(), fewest)
    if (edits < fewest) {
      fewest = edits
      best = candidate
    }
  }
  return best
}

/** Insertions, deletions and replacements between two words (Wagner and Fischer), up to a limit. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + Number(a[i - 1] !== b[j - 1])
      row.push(Math.min(replaced, above[j] + 1, row[j - 1] + 1))
    }
  }
  return row[b.length]
}
