/*
 * A mark goes to every shard with its batch, in the same atomic write, and numbered: a shard that has
 * it has all that was written before. So the least of all shards' marks tells how far all are.
 */

/** What shards keep of a mark: its number, a space, the mark. */
export function formatMark(number: number, mark: string): string {
  return `${number} ${mark}`
}

/** What a shard keeps that is to have none again. */
export const NO_MARK = "0"

/** Of the marks that shards keep, the one that all have reached. */
export function leastMark(marks: readonly (string | undefined)[]): string {
  let least: string | undefined
  for (const mark of marks) {
    if (least === undefined || numberOf(mark) < numberOf(least)) least = mark ?? NO_MARK
  }
  return least ?? NO_MARK
}

/** Of a mark as shards keep it; 0: there is none. */
export function numberOf(mark: string | undefined): number {
  return mark === undefined || mark === NO_MARK ? 0 : Number(mark.slice(0, mark.indexOf(" ")))
}

/** The mark as it was given; undefined: there is none. */
export function markOf(kept: string): string | undefined {
  return kept === NO_MARK ? undefined : kept.slice(kept.indexOf(" ") + 1)
}
