import type { IndexStats, Tier } from "../api/stats.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import type { Maintenance } from "./maintenance.ts"
import type { State } from "./state.ts"

/** Decoded pages take up to so many times their bytes in the store. */
const DECODED = 4

/**
 * 1 without segments; 2 while all of their pages fit the hot cache; else 3. Whether they do shows
 * once pages had to leave: from then on only what fits in any case is taken to fit.
 */
export function tierOf({ segments, cache }: State): Tier {
  if (segments.length === 0) return 1
  const bytes = segments.reduce((sum, { segment }) => sum + segment.meta.bytes, 0)
  return bytes > (cache.evictions > 0 ? cache.maxBytes / DECODED : cache.maxBytes) ? 3 : 2
}

/** @param bytesOnDisk as the store last reported it */
export function statsOf(
  state: State,
  maintenance: Maintenance | undefined,
  skipped: SkippedPaths,
  bytesOnDisk: number,
): IndexStats {
  return {
    tier: tierOf(state),
    records: state.size,
    segments: state.segments.map(({ segment, live }) => ({
      segment: segment.meta.segment,
      records: segment.size,
      liveRecords: segment.size - live.dead,
      fields: segment.meta.fields.length,
      bytes: segment.meta.bytes,
    })),
    bytesOnDisk,
    memory: {
      budgetBytes: state.options.budget?.total,
      memtableBytes: state.active.byteLength + (state.frozen?.byteLength ?? 0),
      cacheBytes: state.cache.bytes + state.kept.bytes,
      buildingBytes: maintenance?.buildingBytes ?? 0,
      liveSetBytes: state.liveSetBytes,
      queryBytes: state.queries.bytes,
    },
    cache: {
      hits: state.cache.hits,
      misses: state.cache.misses,
      evictions: state.cache.evictions,
      pagesRead: state.pagesRead,
    },
    bloom: { ...state.bloom },
    log: { bytes: state.log.bytes, entries: state.log.entries },
    flushes: maintenance?.flushes ?? 0,
    merges: maintenance?.merges ?? 0,
    building: maintenance?.building ?? [],
    skippedPaths: skipped.counts,
  }
}
