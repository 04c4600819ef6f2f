import type { Progress } from "./read-options.ts"

/**
 * How an index works at the moment: 1, all in memory; 2, in a store with every decoded page in the
 * hot cache; 3, in a store beyond the cache; 4, in shards.
 */
export type Tier = 1 | 2 | 3 | 4

/** Figures of an open index. Counters start when it is opened. */
export interface IndexStats {
  readonly tier: Tier
  readonly records: number
  /** From the oldest. */
  readonly segments: readonly SegmentStats[]
  /** As the store reports it; 0 without a store. */
  readonly bytesOnDisk: number
  readonly memory: {
    /** Undefined: no budget. */
    readonly budgetBytes: number | undefined
    readonly memtableBytes: number
    readonly cacheBytes: number
    /** What flushes and merges that are under way take at most, beside memtables. */
    readonly buildingBytes: number
    /** Which records of the segments are dead: within the share of the hot cache. */
    readonly liveSetBytes: number
    /** What the sets of questions under way are expected to take, and memory kept for the next. */
    readonly queryBytes: number
  }
  /** The hot cache. */
  readonly cache: {
    readonly hits: number
    readonly misses: number
    readonly evictions: number
    readonly pagesRead: number
  }
  readonly bloom: {
    readonly checked: number
    /** Checks that spared a look into the segment. */
    readonly excluded: number
  }
  /** The write-ahead log since the last flush. */
  readonly log: { readonly bytes: number; readonly entries: number }
  readonly flushes: number
  readonly merges: number
  /** Flushes and merges that are under way: each makes a segment. */
  readonly building: readonly BuildingStats[]
  /**
   * How many values were left out under `onUnindexable: "skip"`, by path. After the first 1,000
   * paths those at others are counted together, under `"..."`.
   */
  readonly skippedPaths: Readonly<Record<string, number>>
}

export interface BuildingStats {
  readonly by: "flush" | "merge"
  /** Whether a worker thread does it, or this one in slices, as for what is small. */
  readonly onThread: boolean
}

export interface SegmentStats {
  readonly segment: number
  /** Records it was written with. */
  readonly records: number
  /** Those of them that were not deleted or replaced since. */
  readonly liveRecords: number
  readonly fields: number
  readonly bytes: number
}

/** What `verify()` found. */
export interface VerifyReport {
  readonly ok: boolean
  readonly checked: Progress
  /** Empty if all is well. */
  readonly damage: readonly Damage[]
}

/** A place that failed its checksum or its structure's own check. */
export interface Damage {
  /** The shard that it is in, if the index has shards. */
  readonly shard?: string
  /** Absent if it is not in a segment, but in the log or the manifest. */
  readonly segment?: number
  /** Absent if the page belongs to no field, such as a page of ids. */
  readonly field?: string
  readonly page?: number
  readonly message: string
}
