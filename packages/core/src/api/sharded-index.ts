import type { Filter } from "../filter/types.ts"
import type { Store } from "../store/store.ts"
import type { Explanation } from "./explanation.ts"
import type { MetadataIndex } from "./metadata-index.ts"
import type { Durability, FieldsOptions } from "./options.ts"
import type { FindOptions, LongCallOptions } from "./read-options.ts"
import type { IndexReader } from "./reader.ts"
import type { IndexStats } from "./stats.ts"

/**
 * A shard: in this thread, or in a worker of its own. Without a store it lives in memory. Its name
 * stays with its store; a store that is another shard's is refused.
 */
export type ShardOptions =
  | {
      readonly name: string
      readonly store?: Store | undefined
      readonly worker?: undefined
    }
  | {
      readonly name: string
      readonly worker: WorkerShardOptions
      readonly store?: undefined
    }

/** The store of a worker, which is made there: none can be handed to another thread. */
export interface WorkerShardOptions {
  /**
   * The module that makes the store, as a URL such as
   * `import.meta.resolve("@tierdex/adapter-lmdb")`. Absent: the shard lives in memory.
   */
  readonly module?: string | undefined
  /** The function of the module that makes it, such as `"lmdbStore"`. */
  readonly factory?: string | undefined
  /** What the function is called with, such as `{ path: "./shard-1" }`. It is copied. */
  readonly options?: unknown
}

/** How to open an index over many shards. */
export interface ShardedIndexOptions {
  /** All shards that there are; at the first opening, those to begin with. */
  readonly shards: readonly ShardOptions[]
  /**
   * By what ids are parted among shards: `"hash"`, evenly, or `"range"`, so that neighbours are in
   * one shard. Default `"hash"`. Kept with the map: opening with another is refused.
   */
  readonly by?: "hash" | "range" | undefined
  /**
   * With `by: "range"`, at the first opening: the ids at which the second shard begins, the third
   * and so on, in the order of their UTF-8 bytes. Default: the first shard has all, to be split.
   */
  readonly splitKeys?: readonly string[] | undefined
  /** Where the map of the shards is kept. May be absent if all shards live in memory. */
  readonly map?: Store | undefined
  /**
   * The memory budget of all shards together, as in `IndexOptions`: each has an equal share. A shard
   * that is added later has a share of the same size beside it, until the index is opened again.
   */
  readonly memory?: number | string | undefined
  /** As in `IndexOptions`. */
  readonly durability?: Durability | undefined
  /** As in `IndexOptions`. */
  readonly fields?: FieldsOptions | undefined
  /**
   * Milliseconds in which a shard has to answer a question, or for the next part of a stream; then
   * it fails with `TIERDEX_TIMEOUT`. Default 1 minute. Writes have no such limit.
   */
  readonly timeoutMs?: number | undefined
  /** Open the index though some shards cannot be opened. Default: it fails, naming the first. */
  readonly allowPartial?: boolean | undefined
}

/** An answer that may lack what is in some shards. */
export interface PartialResult<R> {
  readonly result: R
  /** The shards that did not answer, by name, with the reason. Empty: the result is whole. */
  readonly missing: Readonly<Record<string, unknown>>
}

/** As `Explanation`, with that of each shard. */
export interface ShardedExplanation extends Explanation {
  readonly shards: Readonly<Record<string, Explanation>>
}

/** The figures of all shards together. Those of a worker are as of its last answer. */
export interface ShardedStats extends IndexStats {
  readonly shards: Readonly<Record<string, IndexStats>>
  /** Grows whenever the map of the shards changes. */
  readonly epoch: number
}

export interface SplitOptions extends LongCallOptions {
  /** With `by: "range"`: the first id of the new shard. Default: the middle of those there are. */
  readonly at?: string | undefined
}

/**
 * An index over many shards: Tier 4. What one index can do, it can do.
 *
 * - A batch, a slice of `putMany` or of `deleteMany` is atomic in each shard, and not over shards:
 *   when a shard fails, others may have their part of it, and the error names the failed one.
 *   Records are checked before anything is sent.
 * - The mark of a batch is stored in every shard; `mark` is the last one that all have reached,
 *   undefined while a shard is out of service. `size` and `stats()` count those in service.
 * - A snapshot, a stream and a set are of one moment in each shard. Writes that go on at that
 *   moment may be in one and not yet in another; of those that were awaited, all are.
 * - `TIERDEX_SHARD_FAILED`: a shard is gone. `TIERDEX_TIMEOUT`: it has not answered in time. These
 *   and errors of a shard's own name it in `shard`.
 */
export interface ShardedIndex<T extends object = Record<string, unknown>> extends MetadataIndex<T> {
  explain(filter?: Filter<T>, options?: FindOptions<T>): Promise<ShardedExplanation>
  stats(): ShardedStats

  /** The names of the shards. */
  readonly shards: readonly string[]

  /**
   * Whether records are to be moved yet: a growing call was aborted, failed or was cut short by a
   * crash. Everything works meanwhile; writes of what is to be moved are slower. See `resume`.
   */
  readonly isGrowing: boolean

  /**
   * Asks without the shards that fail, and tells which they were. Streams and sets that `ask` makes
   * are to be read within it.
   */
  allowPartial<R>(ask: (reader: IndexReader<T>) => Promise<R>): Promise<PartialResult<R>>

  /**
   * Adds an empty shard and moves its share to it, while reads and writes go on: with
   * `by: "hash"` an equal part from each shard, with `by: "range"` the upper half of the largest.
   * When it is aborted, records are where they are; `resume` goes on.
   */
  addShard(shard: ShardOptions, options?: LongCallOptions): Promise<void>

  /** Adds an empty shard and moves the upper half of another to it, in the same way. */
  splitShard(name: string, shard: ShardOptions, options?: SplitOptions): Promise<void>

  /**
   * Moves all of a shard to another in the same way, and closes it once no snapshot, set or stream
   * reads it any more. Then its store may be deleted.
   */
  mergeShards(from: string, into: string, options?: LongCallOptions): Promise<void>

  /** Moves what is to be moved yet. */
  resume(options?: LongCallOptions): Promise<void>

  /** Opens a shard again whose store failed or whose worker ended: with a new store object. */
  reopenShard(shard: ShardOptions): Promise<void>
}
