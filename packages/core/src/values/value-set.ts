import { compareValues } from "./compare.ts"
import { KIND_COUNT, type Kind, type Value } from "./kind.ts"

/**
 * A place between two neighbours in the total order of values: just before or just after a value,
 * or before all values of a kind. Every condition on one value is a set of intervals between
 * cuts, so that a dictionary has to answer one question only: how many entries lie before a cut.
 */
export interface Cut {
  /** `KIND_COUNT` for the cut after everything. */
  readonly kind: number
  /** Undefined: before every value of the kind. */
  readonly value: Value | undefined
  /** With a value: the cut lies after it instead of before. */
  readonly after: boolean
}

/** The values between two cuts, `from` before `to`. */
export interface Interval {
  readonly from: Cut
  readonly to: Cut
}

/** Intervals in order that neither overlap nor touch. */
export type ValueSet = readonly Interval[]

export function beforeKind(kind: number): Cut {
  return { kind, value: undefined, after: false }
}

export function beforeValue(value: Value): Cut {
  return { kind: value.kind, value, after: false }
}

export function afterValue(value: Value): Cut {
  return { kind: value.kind, value, after: true }
}

/** All values of a kind. */
export function wholeKind(kind: Kind): Interval {
  return { from: beforeKind(kind), to: beforeKind(kind + 1) }
}

/** Exactly one value. */
export function point(value: Value): Interval {
  return { from: beforeValue(value), to: afterValue(value) }
}

export const NOTHING: ValueSet = []

/** The value if the interval is exactly one, else undefined. */
export function pointOf(interval: Interval): Value | undefined {
  const { from, to } = interval
  if (from.value === undefined || to.value === undefined || from.after || !to.after)
    return undefined
  return compareValues(from.value, to.value) === 0 ? from.value : undefined
}

export function compareCuts(a: Cut, b: Cut): number {
  if (a.kind !== b.kind) return a.kind - b.kind
  if (a.value === undefined || b.value === undefined) {
    return Number(a.value !== undefined) - Number(b.value !== undefined)
  }
  return compareValues(a.value, b.value) || Number(a.after) - Number(b.after)
}

/** Whether a value lies before a cut. */
export function isBefore(value: Value, cut: Cut): boolean {
  if (value.kind !== cut.kind) return value.kind < cut.kind
  if (cut.value === undefined) return false
  const order = compareValues(value, cut.value)
  return order < 0 || (order === 0 && cut.after)
}

/** Intervals in any order, overlapping or empty, as a set. */
export function union(intervals: readonly Interval[]): ValueSet {
  const sorted = intervals
    .filter((interval) => compareCuts(interval.from, interval.to) < 0)
    .sort((a, b) => compareCuts(a.from, b.from))
  const merged: Interval[] = []
  for (const interval of sorted) {
    const last = merged.at(-1)
    if (last === undefined || compareCuts(last.to, interval.from) < 0) merged.push(interval)
    else if (compareCuts(last.to, interval.to) < 0) {
      merged[merged.length - 1] = { from: last.from, to: interval.to }
    }
  }
  return merged
}

export function complement(set: ValueSet): ValueSet {
  const gaps: Interval[] = []
  let from = beforeKind(0)
  for (const interval of set) {
    gaps.push({ from, to: interval.from })
    from = interval.to
  }
  gaps.push({ from, to: beforeKind(KIND_COUNT) })
  return gaps.filter((gap) => compareCuts(gap.from, gap.to) < 0)
}

export function intersection(a: ValueSet, b: ValueSet): ValueSet {
  return complement(union([...complement(a), ...complement(b)]))
}

/** Whether a set holds a value: the definition that dictionaries must agree with. */
export function includes(set: ValueSet, value: Value): boolean {
  return set.some((interval) => isBefore(value, interval.to) && !isBefore(value, interval.from))
}
