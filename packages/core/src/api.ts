/** The public interfaces, in the order in which a reader meets them. */
export type { ExplainedClause, ExplainedPart, Explanation } from "./api/explanation.ts"
export type {
  BatchOp,
  BatchOptions,
  MetadataIndex,
  Patch,
  WriteOptions,
} from "./api/metadata-index.ts"
export type {
  Durability,
  FieldsOptions,
  IndexOptions,
  MemoryIndexOptions,
  OnUnindexable,
  PathOptions,
  StoredIndexOptions,
} from "./api/options.ts"
export type {
  Cursor,
  EntriesOptions,
  FacetsOptions,
  FindOptions,
  IdsOptions,
  LongCallOptions,
  MatchingIntegersOptions,
  Progress,
  ReadOptions,
  SnapshotOptions,
  SortDirection,
  SortSpec,
} from "./api/read-options.ts"
export type { IndexReader, Snapshot } from "./api/reader.ts"
export type {
  Extent,
  FacetCount,
  Facets,
  FindResult,
  IdStream,
  IntegerMatchSet,
  MatchSet,
  StoredFields,
} from "./api/results.ts"
export type {
  PartialResult,
  ShardedExplanation,
  ShardedIndex,
  ShardedIndexOptions,
  ShardedStats,
  ShardOptions,
  SplitOptions,
  WorkerShardOptions,
} from "./api/sharded-index.ts"
export type {
  BuildingStats,
  Damage,
  IndexStats,
  SegmentStats,
  Tier,
  VerifyReport,
} from "./api/stats.ts"
