import type { Store } from "../store/store.ts"

/**
 * What an awaited write survives. `"sync"`: a power cut, where the store can promise it. `"os"`:
 * the end of the process, killed or not; `flush()` makes it survive a power cut as well.
 */
export type Durability = "sync" | "os"

/**
 * What happens to a value that cannot be indexed, such as an array of objects or an array of more
 * than 1,024 elements. `"error"` refuses the record with `TIERDEX_INVALID_VALUE`. `"skip"` leaves
 * that path out of the index, keeps the rest of the record and counts it in `stats()`.
 */
export type OnUnindexable = "error" | "skip"

/** How to open an index. Without a store it lives in memory. */
export interface IndexOptions {
  /** Where the index is kept. The index opens it, owns it and closes it. */
  readonly store?: Store | undefined
  /**
   * The hard budget of anonymous memory, for recent writes, hot cache, merges and queries: bytes,
   * or a number with a unit such as `"256 MiB"` or `"1.5 GB"` (MB and GB are powers of 1000).
   * Beside it come Node's own memory, the store's mapped file and results that were handed out.
   *
   * Default with a store: `"256 MiB"`; without: no budget. Without a store, a write past the budget
   * fails with `TIERDEX_MEMORY_EXCEEDED`.
   */
  readonly memory?: number | string | undefined
  /** Default `"sync"`. Of no meaning without a store. */
  readonly durability?: Durability | undefined
  /** Which fields are indexed. Default: all. */
  readonly fields?: FieldsOptions | undefined
}

/** Options of an index in memory: Tier 1. */
export type MemoryIndexOptions = Omit<IndexOptions, "store" | "durability">

/** Options of an index in a store: Tiers 2 and 3, which follow from its size. */
export interface StoredIndexOptions extends IndexOptions {
  readonly store: Store
}

/**
 * Which fields of a record are indexed; the index holds nothing of others. Kept with the index:
 * opening it with other options fails with `TIERDEX_FIELDS_CHANGED`, and naming a field left out, in
 * a filter or an option, with `TIERDEX_FIELD_NOT_INDEXED`.
 *
 * A path stands for itself and for all paths below it: `"meta"` covers `"meta.author.name"`.
 */
export interface FieldsOptions {
  /** Only these paths. Not together with `exclude`. */
  readonly include?: readonly string[] | undefined
  /** All paths but these. */
  readonly exclude?: readonly string[] | undefined
  /** Default `"error"`. */
  readonly onUnindexable?: OnUnindexable | undefined
  /** Options of single paths; of two that cover a path the longer one wins. */
  readonly paths?: Readonly<Record<string, PathOptions>> | undefined
}

export interface PathOptions {
  /** Default: what `fields.onUnindexable` says. */
  readonly onUnindexable?: OnUnindexable | undefined
}
