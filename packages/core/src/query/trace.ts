import type { ExplainedClause } from "../api/explanation.ts"
import { Kind } from "../values/kind.ts"
import { fromValue } from "../values/scalar.ts"
import { type Cut, pointOf, type ValueSet } from "../values/value-set.ts"
import type { ValuesFilter } from "./part-filter.ts"

/** Takes down how a filter was evaluated in one part, for `explain`. */
export class Trace {
  readonly clauses: ExplainedClause[] = []

  values(
    filter: ValuesFilter,
    access: ExplainedClause["access"],
    answer: ExplainedClause["answer"],
  ): void {
    this.clause(`${filter.path} ${describe(filter.set)}`, filter.vids.entries, access, answer)
  }

  clause(
    clause: string,
    estimatedRecords: number,
    access: ExplainedClause["access"],
    answer: ExplainedClause["answer"],
  ): void {
    this.clauses.push({ clause, estimatedRecords, access, answer })
  }
}

const SHOWN = 3

/** A set in words, such as `in [10, 20)`. */
function describe(set: ValueSet): string {
  const shown = set.slice(0, SHOWN).map((interval) => {
    const value = pointOf(interval)
    if (value !== undefined) return describeCut({ kind: value.kind, value, after: false })
    const open = interval.from.after || interval.from.value === undefined ? "(" : "["
    const close = interval.to.after ? "]" : ")"
    return `${open}${describeCut(interval.from)}, ${describeCut(interval.to)}${close}`
  })
  const more = set.length > SHOWN ? `, and ${set.length - SHOWN} more` : ""
  return set.length === 1 ? `in ${shown[0]}` : `in ${shown.join(" or ")}${more}`
}

function describeCut(cut: Cut): string {
  if (cut.value === undefined) {
    const name = Object.entries(Kind).find(([, kind]) => kind === cut.kind)?.[0]
    return name === undefined ? "end" : `any ${name}`
  }
  switch (cut.value.kind) {
    case Kind.missing:
      return "missing"
    case Kind.emptyArray:
      return "[]"
    case Kind.object:
      return "{}"
    default: {
      const text = JSON.stringify(fromValue(cut.value)) ?? ""
      return text.length > 40 ? `${text.slice(0, 40)}...` : text
    }
  }
}
