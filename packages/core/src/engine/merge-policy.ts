import { type InputSize, mergeBytes } from "../segment/build-memory.ts"

/** Segments of like size that are merged into one. */
export const MERGE_FACTOR = 8
/** A merge does not write more records than this into one segment. */
export const MAX_SEGMENT_SIZE = 2 ** 24
/** A segment with a greater share of dead records is written anew. */
const MAX_DEAD_SHARE = 0.25
/** Bytes of the smallest level; each level is `MERGE_FACTOR` times the one below. */
const FIRST_LEVEL_BYTES = 2 ** 20

/** What the policy must know of a segment. */
export interface MergeCandidate extends InputSize {
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

/** Whether they may become one segment: it is not too large, nor does it take too much memory. */
function fit(run: readonly MergeCandidate[], shareBytes: number): boolean {
  const live = run.reduce((sum, { size, dead }) => sum + size - dead, 0)
  // They are dropped without a look into them.
  if (live === 0) return true
  return live <= MAX_SEGMENT_SIZE && mergeBytes(run, shareBytes) <= shareBytes
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
 *
 * What does not fit the memory by itself, because it was written when there was more, stays as it
 * is.
 * @param shareBytes of the memory budget, for merging
 */
export function chooseMerge(
  segments: readonly MergeCandidate[],
  shareBytes: number,
): MergeRun | undefined {
  const levels = segments.map(levelOf)
  for (let level = 0; level <= Math.max(0, ...levels); level++) {
    for (let from = 0; from < segments.length; from++) {
      let to = from
      let bytes = 0
      let largest = 0
      let alike = 0
      let isCut = false
      while (to < segments.length && levels[to] <= level) {
        isCut = !fit(segments.slice(from, to + 1), shareBytes)
        if (isCut) break
        bytes += liveBytes(segments[to])
        largest = Math.max(largest, liveBytes(segments[to]))
        if (levels[to] === level) alike++
        to++
      }
      const isLong = isCut || to - from >= MERGE_FACTOR * 2
      const isDoubled = alike > 1 && bytes >= largest * 2
      if (alike >= MERGE_FACTOR || (isLong && isDoubled)) return { from, to }
      // A cut run may hold another that is doubled: without the large segment that it begins with.
      if (to > from && !isCut) from = to - 1
    }
  }
  const dead = segments.findIndex(
    (segment) => segment.dead > segment.size * MAX_DEAD_SHARE && fit([segment], shareBytes),
  )
  return dead < 0 ? undefined : { from: dead, to: dead + 1 }
}

/**
 * Which neighbouring segments to merge next for as few as possible; undefined: none. Those that
 * take least come first: how much of what is merged is the same shows only then, and a segment
 * would be written anew for every few that fit beside it after all.
 */
export function chooseCompaction(
  segments: readonly MergeCandidate[],
  shareBytes: number,
): MergeRun | undefined {
  let best: MergeRun | undefined
  let least = Number.POSITIVE_INFINITY
  for (let from = 0, to = 0; from < segments.length; from = to) {
    to = from + 1
    while (to < segments.length && fit(segments.slice(from, to + 1), shareBytes)) to++
    const run = segments.slice(from, to)
    const isGain = run.length > 1 || (run[0].dead > 0 && fit(run, shareBytes))
    const bytes = run.reduce((sum, segment) => sum + segment.bytes, 0)
    if (!isGain || bytes >= least) continue
    best = { from, to }
    least = bytes
  }
  return best
}

/** How many segments fewer there will be once all merges that are due are done. */
export function segmentsTooMany(segments: readonly MergeCandidate[], shareBytes: number): number {
  const left = [...segments]
  for (;;) {
    const run = chooseMerge(left, shareBytes)
    if (run === undefined) return segments.length - left.length
    const { from, to } = run
    left.splice(from, to - from, joined(left.slice(from, to)))
  }
}

/** What their merge will be at most. */
function joined(run: readonly MergeCandidate[]): MergeCandidate {
  return {
    size: run.reduce((sum, { size, dead }) => sum + size - dead, 0),
    dead: 0,
    bytes: run.reduce((sum, segment) => sum + liveBytes(segment), 0),
    maxDistinct: run.reduce((sum, { maxDistinct }) => sum + maxDistinct, 0),
    maxArray: Math.max(...run.map(({ maxArray }) => maxArray)),
  }
}
