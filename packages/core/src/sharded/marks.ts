/*
 * A mark goes to every shard with its batch, in the same atomic write, and numbered: a shard that has
 * it has all that was written before. So the least of all shards' marks tells how far all are.
 */

/** What shards keep of a mark: its number, a space, the mark. */
export function formatMark(number: number, mark: string): string {
  return `${number} ${mark}`
}

/** Of the marks that shards keep, the one that all have reached; undefined: none. */
export function leastMark(marks: readonly (string | undefined)[]): string | undefined {
  let least: string | undefined
  for (const mark of marks) {
    if (mark === undefined) return undefined
    if (least === undefined || numberOf(mark) < numberOf(least)) least = mark
  }
  return least
}

function numberOf(mark: string): number {
  return Number(mark.slice(0, mark.indexOf(" ")))
}

/** The mark as it was given. */
export function markOf(kept: string): string {
  return kept.slice(kept.indexOf(" ") + 1)
}
