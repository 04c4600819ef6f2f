import type { Filter, Operand, Path, PathValue, ScalarOf } from "../filter/types.ts"
import type { Explanation } from "./explanation.ts"
import type {
  EntriesOptions,
  FacetsOptions,
  FindOptions,
  IdsOptions,
  MatchingIntegersOptions,
  ReadOptions,
} from "./read-options.ts"
import type {
  Extent,
  Facets,
  FindResult,
  IdStream,
  IntegerMatchSet,
  MatchSet,
  StoredFields,
} from "./results.ts"

/**
 * The reading half of an index, and all of a snapshot. Each call answers as of one moment, the one
 * in which it was made; streams keep it to their end.
 *
 * Every filter may be refused with `TIERDEX_INVALID_FILTER`, which names the place in the filter;
 * a missing filter matches every record. A field that the index leaves out is refused with
 * `TIERDEX_FIELD_NOT_INDEXED`, in filters and wherever else one is named. Every call may fail with
 * `TIERDEX_INVALID_OPTION` (an argument of the wrong kind), `TIERDEX_CLOSED`, `TIERDEX_CORRUPT` (a
 * damaged page, which is named and never answered from), `TIERDEX_STORE_FAILED` and, given a
 * signal, `TIERDEX_ABORTED`.
 */
export interface IndexReader<T extends object = Record<string, unknown>> {
  /** How many records there are. */
  readonly size: number

  /** The indexed fields of a record, or undefined if there is no such id. */
  get(id: string): Promise<StoredFields<T> | undefined>

  has(id: string): Promise<boolean>

  /** A page of the matching ids. */
  find(filter?: Filter<T>, options?: FindOptions<T>): Promise<FindResult<T>>

  /**
   * All matching ids as a stream. It holds pages of its moment until it is read to its end or its
   * loop is left; one that is never read, until it is garbage.
   */
  ids(filter?: Filter<T>, options?: IdsOptions<T>): IdStream

  /** All matching records with their indexed fields, as such a stream. */
  entries(
    filter?: Filter<T>,
    options?: EntriesOptions<T>,
  ): AsyncIterable<readonly [id: string, fields: StoredFields<T>]>

  /** How many records match. */
  count(filter?: Filter<T>, options?: ReadOptions): Promise<number>

  /**
   * The commonest values of some fields among the matching records. A record counts once for each
   * distinct value that it holds in a field. Null counts as a value; a missing field, an empty
   * array and an object do not.
   */
  facets<const P extends Path<T>>(
    filter: Filter<T>,
    fields: readonly P[],
    options?: FacetsOptions,
  ): Promise<Facets<T, P>>

  /**
   * The least and the greatest number, string, boolean or date in a field among the matching
   * records, elements of arrays included; undefined if there is none.
   */
  extent<P extends Path<T>>(
    field: P,
    filter?: Filter<T>,
    options?: ReadOptions,
  ): Promise<Extent<Exclude<ScalarOf<PathValue<T, P>>, null>> | undefined>

  /** The matching records as a set that answers whether an id is in it. To be closed. */
  matching(
    filter?: Filter<T>,
    options?: ReadOptions & { readonly field?: undefined },
  ): Promise<MatchSet>
  /**
   * The integers that `field` holds among the matching records, elements of arrays included.
   * Records without the field add nothing. Any other value there is an error,
   * `TIERDEX_INVALID_VALUE`.
   */
  matching(filter: Filter<T>, options: MatchingIntegersOptions<T>): Promise<IntegerMatchSet>

  /** Every id whose field has this value: `ids({ [field]: value })` as one array. */
  getIds<P extends Path<T>>(
    field: P,
    value: Operand<PathValue<T, P>>,
    options?: ReadOptions,
  ): Promise<string[]>

  /** Runs `find` and says how: access path and estimate of each clause, pages read, time. */
  explain(filter?: Filter<T>, options?: FindOptions<T>): Promise<Explanation>
}

/**
 * The index as it was when the snapshot was taken. Holds the pages of that moment until it is
 * closed or its time is over; calls after that fail with `TIERDEX_SNAPSHOT_EXPIRED` or, after
 * `close`, `TIERDEX_CLOSED`.
 */
export interface Snapshot<T extends object = Record<string, unknown>> extends IndexReader<T> {
  /** A second call does nothing. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
