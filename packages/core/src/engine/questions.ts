import type { Explanation } from "../api/explanation.ts"
import type { IntegerMatchSet, MatchSet } from "../api/results.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { FilterNode } from "../filter/node.ts"
import type { IdKey } from "../parts/id-key.ts"
import type { FindRequest } from "../query/find.ts"
import type { Position, SortKey } from "../query/sort-keys.ts"
import type { Scalar } from "../values/kind.ts"
import type { CopySource } from "./copy.ts"

/** A record as it is handed out: nested objects nested. */
export type PlainRecord = Record<string, unknown>

export type Entry = readonly [id: string, record: PlainRecord]

/** What an answer needs besides the question, in any of its calls. */
export interface Asking {
  readonly signal: AbortSignal | undefined
}

export interface FindQuestion extends FindRequest, Asking {
  /** Undefined: only ids. */
  readonly select: readonly string[] | undefined
}

/** The records of a page. */
export interface FoundRecords {
  readonly ids: readonly string[]
  /** Undefined if no fields were asked for. */
  readonly records: readonly PlainRecord[] | undefined
  /** Where the page ends; undefined if there is no more. */
  readonly end: Position | undefined
}

export interface FacetsQuestion extends Asking {
  readonly filter: FilterNode
  readonly paths: readonly string[]
  /** Values of each field. */
  readonly limit: number
}

/** The records of a stream, and their order. */
export interface StreamRequest {
  readonly filter: FilterNode
  /** Empty: the order in which the records were written. */
  readonly keys: readonly SortKey[]
}

export interface StreamQuestion extends StreamRequest, Asking {}

export interface EntriesQuestion extends StreamQuestion {
  /** Undefined: all fields. */
  readonly select: readonly string[] | undefined
}

/**
 * What the reading half of the API asks, with arguments that are checked: of the views of one
 * index, or of many shards. Each call answers as of the moment in which it is made.
 */
export interface Questions {
  /** Says which fields are indexed. */
  readonly fields: FieldTable
  /** Tells indexes apart. */
  readonly indexId: string
  readonly size: number
  get(id: IdKey): Promise<PlainRecord | undefined>
  has(id: IdKey): Promise<boolean>
  find(question: FindQuestion): Promise<FoundRecords>
  explain(question: FindQuestion): Promise<Explanation>
  count(filter: FilterNode, asking: Asking): Promise<number>
  /** Lists of values with their counts, by path. */
  facets(question: FacetsQuestion): Promise<Record<string, unknown>>
  extent(
    filter: FilterNode,
    path: string,
    asking: Asking,
  ): Promise<{ min: Scalar; max: Scalar } | undefined>
  match(filter: FilterNode, asking: Asking): Promise<MatchSet>
  integers(filter: FilterNode, path: string, asking: Asking): Promise<IntegerMatchSet>
  /** All matching ids, in the order in which the records were written. */
  idsOf(filter: FilterNode, asking: Asking): Promise<string[]>
  /**
   * Ids in batches. Holds its moment until it is read to an end, left or garbage.
   * @throws what is wrong with the index; what is wrong later fails the stream
   */
  ids(question: StreamQuestion): AsyncGenerator<readonly string[]>
  /** Records with their ids, in the same way. */
  entries(question: EntriesQuestion): AsyncGenerator<Entry>
  /**
   * All that there is at this moment, to be copied; its view is to be released.
   * @throws TIERDEX_INVALID_OPTION if it is not in one place
   */
  copySource(): CopySource
}

/** Questions that are all answered as of one moment, until they are closed or expire. */
export interface FrozenQuestions extends Questions {
  /** A second call does nothing. */
  close(): Promise<void>
}
