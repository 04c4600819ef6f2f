import type { Steps } from "../cache/steps.ts"
import type { PartView } from "../parts/part.ts"
import { KIND_COUNT, type Value } from "../values/kind.ts"
import { beforeKind, type Interval } from "../values/value-set.ts"
import { estimate, type FieldLookup, fieldOf, type PartFilter } from "./part-filter.ts"
import { asSortValue, type Position, type SortKey, sortCut } from "./sort-keys.ts"

/** Records within a guess, as a multiple of what is needed, that make it not worth trying. */
const TOO_MANY = 4
const ATTEMPTS = 3

/** The values of a key that come neither before one value nor behind another. */
export function between(key: SortKey, first: Value | undefined, last: Value | undefined): Interval {
  const [low, high] = key.descending ? [last, first] : [first, last]
  return {
    from: low === undefined ? beforeKind(0) : sortCut(low, false),
    to: high === undefined ? beforeKind(KIND_COUNT) : sortCut(high, true),
  }
}

/**
 * Guesses a value of the first key so that probably all records of a page, but not many more, do
 * not come behind it: as if each part had its share of them. Undefined if that is not so, as with
 * times, where the newest part has them all, or if most records would be among them.
 *
 * Without it every part would be searched for a whole page.
 * @param lead the largest part, with the filter in its terms
 * @param wanted records of the page
 */
export function* guessBound(
  views: readonly PartView[],
  lead: PartView,
  filter: PartFilter,
  key: SortKey,
  wanted: number,
  after: Position | undefined,
  lookup: FieldLookup,
): Steps<Value | undefined> {
  const { part } = lead
  const records = views.reduce((sum, view) => sum + view.part.size, 0)
  // Enough that chance seldom leaves a page short: three standard deviations of a Poisson process.
  const needed = wanted + 3 * Math.sqrt(wanted)
  const share = (needed / Math.max(1, estimate(filter, part.size))) * (part.size / records)
  if (share > 1 / 2) return undefined
  const field = yield* fieldOf(part, lookup, key.path)
  const start = after?.values[0]
  const behind = yield* field.resolve([between(key, start, undefined)])
  const passed = field.entries - behind.entries
  let rank = Math.ceil(share * field.entries)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++, rank *= 2) {
    const entry = passed + rank
    if (entry >= field.entries) return undefined
    const value = yield* field.valueAt(key.descending ? field.entries - 1 - entry : entry)
    if (value === undefined) return undefined
    const bound = asSortValue(value)
    let within = 0
    for (const view of [...views].reverse()) {
      const own = yield* fieldOf(view.part, lookup, key.path)
      within += (yield* own.resolve([between(key, start, bound)])).entries
      if (within > TOO_MANY * share * records) return undefined
    }
    if (within >= share * records) return bound
  }
  return undefined
}
