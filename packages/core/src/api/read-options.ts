import type { Path } from "../filter/types.ts"

/** Options that every reading call takes. */
export interface ReadOptions {
  /** Ends the call with `TIERDEX_ABORTED`, the signal's reason as `cause`. */
  readonly signal?: AbortSignal | undefined
}

export type SortDirection = "asc" | "desc"

/**
 * Fields to sort by, the most significant first: `{ price: "asc" }`, or
 * `[["price", "asc"], ["createdAt", "desc"]]`, which also suits keys that look like integers
 * (JavaScript moves those to the front of an object).
 *
 * Values of different types order as in MongoDB: null and missing, numbers, strings, objects,
 * booleans, dates. Strings order by their UTF-8 bytes. An array counts with its least element
 * ascending and its greatest descending; an empty array comes before all else. Records that tie
 * keep the order in which they were written.
 */
export type SortSpec<T> =
  | { readonly [P in Path<T>]?: SortDirection }
  | readonly (readonly [field: Path<T>, direction: SortDirection])[]

/** Where a page ended. Opaque; valid for the same filter and sort on the same index. */
export type Cursor = string

/** How `find` orders and cuts its answer. */
export interface FindOptions<T> extends ReadOptions {
  /** Default: the order in which the records were written. */
  readonly sort?: SortSpec<T> | undefined
  /** At most so many records: a positive integer. Default 100. */
  readonly limit?: number | undefined
  /**
   * Continue behind the page that returned this cursor. `TIERDEX_CURSOR_INVALID` if it is from
   * another filter, another sort or another index.
   */
  readonly after?: Cursor | undefined
  /** Also return these fields of each record, with all below them, as `records`. */
  readonly select?: readonly Path<T>[] | undefined
}

/** How `ids` orders its stream. */
export interface IdsOptions<T> extends ReadOptions {
  /** Default: the order in which the records were written. */
  readonly sort?: SortSpec<T> | undefined
}

/** What `entries` yields, and in which order. */
export interface EntriesOptions<T> extends IdsOptions<T> {
  /** Only these fields, with all below them. Default: all that are indexed. */
  readonly select?: readonly Path<T>[] | undefined
}

export interface FacetsOptions extends ReadOptions {
  /** At most so many values of each field: a positive integer. Default 10. */
  readonly limit?: number | undefined
}

/** Asks `matching` for the values of a field instead of the ids. */
export interface MatchingIntegersOptions<T> extends ReadOptions {
  /** A field of integers from 0 to 2^32 - 1, such as the label of a vector. */
  readonly field: Path<T>
}

export interface SnapshotOptions {
  /** Milliseconds after which the snapshot ends by itself. Default 10 minutes. */
  readonly ttlMs?: number | undefined
}

/** How far a long call has come. */
export interface Progress {
  readonly done: number
  /** Undefined where it cannot be known, as with a stream of records. */
  readonly total: number | undefined
  readonly unit: "records" | "pages" | "bytes"
}

/** Options of calls that may take long. */
export interface LongCallOptions extends ReadOptions {
  /** Called now and then, at the latest when the call ends. What it throws ends the call. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}
