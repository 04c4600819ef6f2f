import type { PathValue, ScalarOf } from "../filter/types.ts"
import type { Scalar } from "../values/kind.ts"
import type { Cursor } from "./read-options.ts"

/**
 * What the index holds of a record: its indexed fields as they were put, nested objects nested,
 * arrays in their order. A field that is excluded or was skipped is absent, which is why every
 * field is optional.
 */
export type StoredFields<T> = unknown extends T
  ? T
  : T extends Scalar | readonly unknown[]
    ? T
    : { [K in keyof T]?: StoredFields<T[K]> }

/** A page of an answer. */
export interface FindResult<T> {
  /** The matching ids, in the order asked for. */
  readonly ids: readonly string[]
  /** With `select`: the selected fields of the record with the id at the same position. */
  readonly records?: readonly StoredFields<T>[]
  /** For `after` of the next call; absent on the last page. */
  readonly cursor?: Cursor
}

/** Ids as they are found, in bounded memory. Can be iterated once. */
export interface IdStream extends AsyncIterable<string> {
  /** The same ids in arrays of some hundreds: several times faster. Instead of, not besides. */
  batches(): AsyncIterable<readonly string[]>
}

/** A value of a field and how many of the matching records hold it. */
export interface FacetCount<V> {
  readonly value: V
  readonly count: number
}

/** For each field its values, by falling count, then in the order of values. */
export type Facets<T, P extends string> = {
  readonly [Field in P]: readonly FacetCount<ScalarOf<PathValue<T, Field>>>[]
}

/** The least and the greatest value of a field. They may be of different types. */
export interface Extent<V> {
  readonly min: V
  readonly max: V
}

/**
 * The records that matched at one moment, kept as a compact set. It sees no later writes, and holds
 * memory and pages of the index until it is closed; calls after that fail with `TIERDEX_CLOSED`.
 */
export interface MatchSet extends AsyncIterable<string> {
  /** How many records. */
  readonly size: number
  /** For each id, in order, whether it is in the set. */
  hasMany(ids: readonly string[]): Promise<boolean[]>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * The integers that one field has among the records that matched: an allow-list for a vector
 * index. Lives in memory on its own; there is nothing to close.
 */
export interface IntegerMatchSet extends Iterable<number> {
  /** How many distinct integers. */
  readonly size: number
  /** Synchronous, and cheap enough for an inner loop. False for anything but a member. */
  has(integer: number): boolean
}
