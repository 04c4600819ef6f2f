/** Segments of like size that are merged into one. */
export const MERGE_FACTOR = 8
/** A merge does not write more records than this into one segment. */
export const MAX_SEGMENT_SIZE = 2 ** 24
/** A segment with a greater share of dead records is written anew. */
const MAX_DEAD_SHARE = 0.25
/** Bytes of the smallest level; each level is `MERGE_FACTOR` times the one below. */
const FIRST_LEVEL_BYTES = 2 ** 20

/** What the policy must know of a segment. */
export interface MergeCandidate {
  /** Records, dead ones included. */
  readonly size: number
  readonly dead: number
  /** Of its pages. */
  readonly bytes: number
}

/** A run of segments to merge, by place: `from` up to `to`. */
export interface MergeRun {
  readonly from: number
  readonly to: number
}

/** Bytes that a segment would take without its dead records. */
function liveBytes({ size, dead, bytes }: MergeCandidate): number {
  return (bytes * (size - dead)) / Math.max(1, size)
}

/** By bytes, for these are what a merge costs: a few large records make a large segment. */
function levelOf(segment: MergeCandidate): number {
  const share = Math.max(1, liveBytes(segment)) / FIRST_LEVEL_BYTES
  return Math.max(0, Math.ceil(Math.log(share) / Math.log(MERGE_FACTOR)))
}

/**
 * Which neighbouring segments to merge next, oldest first; undefined: none. Small merges come
 * first. Only neighbours are merged, so that records stay in write order.
 *
 * A run is merged when it has `MERGE_FACTOR` segments of one level; smaller ones between them come
 * along, but do not count: else a large segment would be written anew for every few small ones.
 * It is also merged when it cannot grow, or is long for what lies in between, if that at least
 * doubles the largest of it.
 */
export function chooseMerge(segments: readonly MergeCandidate[]): MergeRun | undefined {
  const levels = segments.map(levelOf)
  for (let level = 0; level <= Math.max(0, ...levels); level++) {
    for (let from = 0; from < segments.length; from++) {
      let to = from
      let size = 0
      let bytes = 0
      let largest = 0
      let alike = 0
      let isCut = false
      while (to < segments.length && levels[to] <= level) {
        const live = segments[to].size - segments[to].dead
        isCut = size + live > MAX_SEGMENT_SIZE
        if (isCut) break
        size += live
        bytes += liveBytes(segments[to])
        largest = Math.max(largest, liveBytes(segments[to]))
        if (levels[to] === level) alike++
        to++
      }
      const isLong = isCut || to - from >= MERGE_FACTOR * 2
      const isDoubled = alike > 1 && bytes >= largest * 2
      if (alike >= MERGE_FACTOR || (isLong && isDoubled)) return { from, to }
      if (to > from) from = to - 1
    }
  }
  const dead = segments.findIndex((segment) => segment.dead > segment.size * MAX_DEAD_SHARE)
  return dead < 0 ? undefined : { from: dead, to: dead + 1 }
}

/** Runs that leave as few segments as possible, each within the greatest size. */
export function chooseCompaction(segments: readonly MergeCandidate[]): MergeRun | undefined {
  for (let from = 0; from < segments.length; from++) {
    let to = from
    let size = 0
    while (to < segments.length) {
      const next = size + segments[to].size - segments[to].dead
      if (next > MAX_SEGMENT_SIZE && to > from) break
      size = next
      to++
    }
    if (to - from > 1 || segments[from].dead > 0) return { from, to }
  }
  return undefined
}
