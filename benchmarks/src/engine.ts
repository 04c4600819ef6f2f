import type { CatalogueEntry } from "./catalogue.ts"
import type { Source } from "./source.ts"

/** What is asked of records: all that is given here has to hold. */
export interface Where {
  readonly category?: string
  readonly notCategory?: string
  readonly brand?: string
  readonly brandIn?: readonly string[]
  readonly brandPrefix?: string
  readonly priceFrom?: number
  readonly priceBelow?: number
  readonly stockFrom?: number
  readonly ratingFrom?: number
  /** The record has this tag among others. */
  readonly tag?: string
  /** One of these has to hold. */
  readonly anyOf?: readonly Where[]
}

/** Records that tie are in the order in which they were written. */
export interface Order {
  readonly by: "price" | "createdAt"
  readonly direction: "asc" | "desc"
}

/** How often a value occurs. */
export type ValueCount = readonly [value: string, count: number]

/** Asks once. Only this is timed. */
export type Ask<R> = () => R | Promise<R>

/** An `Ask`, made ready outside of what is timed: its text, its parameters, where a page begins. */
export type Prepared<R> = Ask<R> | Promise<Ask<R>>

/**
 * What is measured. One process opens a new one, ingests, finishes and closes it; another opens it
 * again and asks. An engine in memory is asked by the process that filled it.
 */
export interface Engine {
  open(): Promise<void>
  /** Puts all records of the source. */
  ingest(source: Source): Promise<void>
  /** What has to be done before the first question: indexes, statistics, flushes. */
  finish(): Promise<void>
  close(): Promise<void>
  /** Bytes on the disk that hold something; asked after `close`. Null for an engine in memory. */
  usedBytes(): Promise<number | null>

  count(where: Where): Prepared<number>
  /** All ids, in any order. */
  ids(where: Where): Prepared<readonly string[]>
  /** The ids of the first records in an order. */
  top(where: Where, order: Order, limit: number): Prepared<readonly string[]>
  /** The ids behind the first `skip`, by rising price, the way that the engine has for it. */
  page(where: Where, skip: number, limit: number): Prepared<readonly string[]>
  /** How many records each category has, all categories that occur. */
  categories(where: Where): Prepared<readonly ValueCount[]>
  /** Replaces records that are there. */
  upsert(entries: readonly CatalogueEntry[]): Prepared<void>
  /** Answers with how many there were. */
  delete(where: Where): Prepared<number>

  /** Pages that the engine took from its store so far, if it counts them. */
  pagesRead?(): number
}
