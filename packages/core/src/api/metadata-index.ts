import type { Filter, Path, PathValue } from "../filter/types.ts"
import type { LongCallOptions, SnapshotOptions } from "./read-options.ts"
import type { IndexReader, Snapshot } from "./reader.ts"
import type { IndexStats, Tier, VerifyReport } from "./stats.ts"

/** A step of an atomic batch. Of two steps on an id the later wins. */
export type BatchOp<T> =
  | { readonly type: "put"; readonly id: string; readonly record: T }
  | { readonly type: "delete"; readonly id: string }

export interface BatchOptions {
  /** An opaque note of up to 1 KiB that is stored with the batch and read back as `index.mark`. */
  readonly mark?: string | undefined
}

/** Options of `putMany` and `deleteMany`. */
export interface WriteOptions extends LongCallOptions {}

/**
 * What `update` changes: fields by name or by dotted path, each with its new value. An object
 * replaces the one that was there; to change one field inside, name its path. `undefined` removes
 * a field. Two paths of which one lies below the other are an error.
 */
export type Patch<T> = { readonly [K in keyof T]?: T[K] | undefined } & {
  readonly [P in Exclude<Path<T>, keyof T>]?: PathValue<T, P> | undefined
}

/**
 * An index of records by id. Safe for concurrent calls from one process; writes take effect in the
 * order in which they were called, and a read sees every write that was awaited before it.
 *
 * Ids are well-formed strings of 1 to 512 UTF-8 bytes, else `TIERDEX_INVALID_ID`. Records are plain
 * objects of null, booleans, numbers, strings, dates, arrays of these and plain objects; what
 * cannot be indexed is refused with `TIERDEX_INVALID_VALUE`, which names the path, or left out if
 * `onUnindexable` says so. A property that is `undefined` is missing. Arguments of the wrong
 * kind, such as a batch that is no array, are refused with `TIERDEX_INVALID_OPTION`.
 *
 * An awaited write is as durable as the `durability` option says. When a write fails in the store,
 * it is there in whole or not at all, the index stays readable, and later writes are refused with
 * `TIERDEX_STORE_FAILED` until it is opened again. What else ends a flush has the same effect, and
 * they are refused with that error. Writers are made to wait while flushing or merging falls behind.
 */
export interface MetadataIndex<T extends object = Record<string, unknown>> extends IndexReader<T> {
  readonly tier: Tier

  /** The mark of the last batch that had one; undefined if there was none. */
  readonly mark: string | undefined

  /** Inserts a record or replaces the one with this id. Equal content changes nothing. */
  put(id: string, record: T): Promise<void>

  /**
   * Puts many records, in slices that are atomic each. Returns how many.
   *
   * It stops at the first record that is refused: all before it are committed, none after. The
   * error carries its `id` and `position`, and in `committed` how many were written. What the
   * source itself throws is passed on as it is, with all records before it committed. When the
   * store fails, memory runs out or the signal fires, the first `committed` records are written
   * and no others.
   */
  putMany(
    records:
      | Iterable<readonly [id: string, record: T]>
      | AsyncIterable<readonly [id: string, record: T]>,
    options?: WriteOptions,
  ): Promise<number>

  /** Changes some fields of a record. Returns whether there is one; without it nothing is done. */
  update(id: string, patch: Patch<T>): Promise<boolean>

  /** Deletes a record. Returns whether there was one. */
  delete(id: string): Promise<boolean>

  /**
   * Deletes the records that match now, in slices that are atomic each. A record that is written
   * meanwhile stays. Returns how many; an error carries in `committed` how many before it.
   */
  deleteMany(filter: Filter<T>, options?: WriteOptions): Promise<number>

  /** Deletes all records. The mark stays. */
  clear(): Promise<void>

  /**
   * Applies puts and deletes together: all or none, also across a crash. Too many for one write of
   * the store or for the memory budget fail with `TIERDEX_MEMORY_EXCEEDED`; use `putMany` then. A
   * refused record leaves the whole batch undone; the error carries its `id` and `position`.
   */
  batch(ops: readonly BatchOp<T>[], options?: BatchOptions): Promise<void>

  /** A frozen view for reading, to be closed. */
  snapshot(options?: SnapshotOptions): Promise<Snapshot<T>>

  /** Makes all writes so far durable against a power cut, and moves them into a segment. */
  flush(): Promise<void>

  /**
   * Flushes, then merges all segments into as few as possible and drops what was deleted. Aborted,
   * it ends its own merge, and no longer waits for flushes and merges that go on beside it.
   */
  compact(options?: LongCallOptions): Promise<void>

  /** Reads everything and checks it against checksums and structure. Damage is reported. */
  verify(options?: LongCallOptions): Promise<VerifyReport>

  stats(): IndexStats

  /**
   * Waits for pending writes, makes them durable and releases the store. From the call on, all else
   * fails with `TIERDEX_CLOSED`: calls, `size`, `tier` and `mark`, and open streams, snapshots and
   * sets. A second call does nothing.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
