import type { ShardedStats } from "../api/sharded-index.ts"
import type { IndexStats } from "../api/stats.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import type { Cluster } from "./cluster.ts"

/** The figures of all shards together, and of each by itself. */
export function mergeStats(
  cluster: Cluster,
  skipped: SkippedPaths,
  budgetBytes: number | undefined,
): ShardedStats {
  // How many records there are comes with every answer of a shard.
  const shards = cluster.joined.map(
    ({ name, link }) => [name, { ...link.stats, records: link.size }] as const,
  )
  const all = shards.map(([, stats]) => stats)
  const sum = (of: (stats: IndexStats) => number) =>
    all.reduce((total, stats) => total + of(stats), 0)
  return {
    tier: 4,
    records: cluster.size,
    segments: all.flatMap(({ segments }) => segments),
    bytesOnDisk: sum(({ bytesOnDisk }) => bytesOnDisk),
    memory: {
      budgetBytes,
      memtableBytes: sum(({ memory }) => memory.memtableBytes),
      cacheBytes: sum(({ memory }) => memory.cacheBytes),
      buildingBytes: sum(({ memory }) => memory.buildingBytes),
      liveSetBytes: sum(({ memory }) => memory.liveSetBytes),
      queryBytes: sum(({ memory }) => memory.queryBytes),
    },
    cache: {
      hits: sum(({ cache }) => cache.hits),
      misses: sum(({ cache }) => cache.misses),
      evictions: sum(({ cache }) => cache.evictions),
      pagesRead: sum(({ cache }) => cache.pagesRead),
    },
    bloom: {
      checked: sum(({ bloom }) => bloom.checked),
      excluded: sum(({ bloom }) => bloom.excluded),
    },
    log: { bytes: sum(({ log }) => log.bytes), entries: sum(({ log }) => log.entries) },
    flushes: sum(({ flushes }) => flushes),
    merges: sum(({ merges }) => merges),
    building: all.flatMap(({ building }) => building),
    skippedPaths: addAll([skipped.counts, ...all.map(({ skippedPaths }) => skippedPaths)]),
    shards: Object.fromEntries(shards),
    epoch: cluster.map.epoch,
  }
}

function addAll(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const each of counts) {
    for (const [path, count] of Object.entries(each)) sums[path] = (sums[path] ?? 0) + count
  }
  return sums
}
