import type { Explanation } from "../api/explanation.ts"
import type {
  EntriesOptions,
  FacetsOptions,
  FindOptions,
  IdsOptions,
  MatchingIntegersOptions,
  ReadOptions,
} from "../api/read-options.ts"
import type { IndexReader } from "../api/reader.ts"
import type {
  Extent,
  Facets,
  FindResult,
  IdStream,
  IntegerMatchSet,
  MatchSet,
  StoredFields,
} from "../api/results.ts"
import { drive, newWork, type Steps } from "../cache/steps.ts"
import { TierdexError } from "../errors.ts"
import type { FilterNode } from "../filter/node.ts"
import { parseFilter } from "../filter/parse.ts"
import type { Filter, Operand, Path, PathValue, ScalarOf } from "../filter/types.ts"
import type { IdKey } from "../parts/id-key.ts"
import { decodeCursor, encodeCursor, queryHash } from "../query/cursor.ts"
import { explain } from "../query/explain.ts"
import { type FindRequest, find } from "../query/find.ts"
import { integersOf } from "../query/integers.ts"
import type { FieldLookup } from "../query/part-filter.ts"
import { selectRecords } from "../query/select.ts"
import type { SortKey } from "../query/sort-keys.ts"
import type { Store } from "../store/store.ts"
import { describe } from "../values/describe.ts"
import { countMatches, extentOf, facetsOf } from "./aggregate.ts"
import type { CopySource } from "./copy.ts"
import { findLive, idKey } from "./ids.ts"
import { matchParts, ViewMatchSet } from "./match-set.ts"
import { matchesOf } from "./matches.ts"
import { allSetBytes, setBytes } from "./query-room.ts"
import { readHits } from "./read-hits.ts"
import { checkOptions, parseLimit, parsePaths, parseSort } from "./read-options.ts"
import { onLeave, type StreamSource, streamEntries, ViewIdStream } from "./streams.ts"
import { toExtent, toFacets, toFields } from "./typed.ts"
import type { View } from "./view.ts"

/**
 * What a reader reads: the views of an index, or the one view of a snapshot. `acquire` throws
 * TIERDEX_CLOSED or TIERDEX_SNAPSHOT_EXPIRED; views are to be released.
 */
export interface ViewSource extends StreamSource {
  /** Tells indexes apart. */
  readonly indexId: string
  /** Where segments have their pages. */
  readonly store: Store | undefined
  readonly size: number
}

const DEFAULT_LIMIT = 100
const DEFAULT_FACETS = 10

/** The reading half of the API, over views. */
export class Reader<T extends object> implements IndexReader<T> {
  readonly #source: ViewSource
  readonly #lookup: FieldLookup

  constructor(source: ViewSource) {
    this.#source = source
    this.#lookup = (path) => source.fields.find(path)
  }

  get size(): number {
    return this.#source.size
  }

  /** All that there is at this moment, to be copied; its view is to be released. */
  copySource(): CopySource {
    const { fields, indexId, store } = this.#source
    return { view: this.#source.acquire(), fields, indexId, store }
  }

  async get(id: string): Promise<StoredFields<T> | undefined> {
    const key = idKey(id)
    return await this.#read((view) => this.#get(view, key))
  }

  *#get(view: View, id: IdKey): Steps<StoredFields<T> | undefined> {
    const place = yield* findLive(view.parts, id)
    if (place === undefined) return undefined
    const { view: part, ordinal } = place
    const [record] = yield* selectRecords(part.part, Uint32Array.of(ordinal), this.#source.fields)
    return toFields<T>(record)
  }

  async has(id: string): Promise<boolean> {
    const key = idKey(id)
    return await this.#read(function* (view) {
      return (yield* findLive(view.parts, key)) !== undefined
    })
  }

  async find(filter?: Filter<T>, options: FindOptions<T> = {}): Promise<FindResult<T>> {
    checkOptions(options, "find", ["signal", "sort", "limit", "after", "select"])
    const { request, hash, select } = this.#findRequest(filter, options)
    const { fields } = this.#source
    const { filter: node } = request
    return await this.#ask(node, options.signal, function* (view, lookup): Steps<FindResult<T>> {
      const { hits, hasMore } = yield* find(view.parts, request, lookup)
      const { ids, records } = yield* readHits(view.parts, hits, fields, select)
      const last = hits.at(-1)
      return {
        ids,
        ...(records === undefined ? {} : { records: records.map((record) => toFields<T>(record)) }),
        ...(hasMore && last !== undefined ? { cursor: encodeCursor(hash, last.position) } : {}),
      }
    })
  }

  #findRequest(
    filter: unknown,
    options: FindOptions<T>,
  ): { request: FindRequest; hash: Uint8Array; select: readonly string[] | undefined } {
    const node = this.#parse(filter)
    const keys = this.#sort(options.sort)
    const hash = queryHash(this.#source.indexId, node, keys)
    const after =
      options.after === undefined ? undefined : decodeCursor(options.after, hash, keys.length)
    const limit = parseLimit(options.limit, DEFAULT_LIMIT)
    const select = options.select === undefined ? undefined : this.#paths(options.select, "select")
    return { request: { filter: node, keys, limit, after }, hash, select }
  }

  ids(filter?: Filter<T>, options: IdsOptions<T> = {}): IdStream {
    return new ViewIdStream(this.#source, () => {
      checkOptions(options, "ids", ["signal", "sort"])
      return {
        filter: this.#parse(filter),
        keys: this.#sort(options.sort),
        signal: options.signal,
      }
    })
  }

  entries(
    filter?: Filter<T>,
    options: EntriesOptions<T> = {},
  ): AsyncIterable<readonly [id: string, fields: StoredFields<T>]> {
    const stream = streamEntries(this.#source, () => {
      checkOptions(options, "entries", ["signal", "sort", "select"])
      return {
        filter: this.#parse(filter),
        keys: this.#sort(options.sort),
        signal: options.signal,
        select: options.select === undefined ? undefined : this.#paths(options.select, "select"),
      }
    })
    const typed = mapStream(stream, ([id, record]) => [id, toFields<T>(record)] as const)
    return onLeave(typed, () => stream.return(undefined))
  }

  async count(filter?: Filter<T>, options: ReadOptions = {}): Promise<number> {
    checkOptions(options, "count")
    const node = this.#parse(filter)
    return await this.#ask(node, options.signal, (view, lookup) =>
      countMatches(view.parts, node, lookup),
    )
  }

  async facets<const P extends Path<T>>(
    filter: Filter<T>,
    paths: readonly P[],
    options: FacetsOptions = {},
  ): Promise<Facets<T, P>> {
    checkOptions(options, "facets", ["signal", "limit"])
    const node = this.#parse(filter)
    const wanted = this.#paths(paths, "facets")
    const limit = parseLimit(options.limit, DEFAULT_FACETS)
    const lists = await this.#ask(
      node,
      options.signal,
      (view, lookup) => facetsOf(view.parts, node, wanted, limit, lookup),
      allSetBytes,
    )
    return toFacets<T, P>(lists)
  }

  async extent<P extends Path<T>>(
    field: P,
    filter?: Filter<T>,
    options: ReadOptions = {},
  ): Promise<Extent<Exclude<ScalarOf<PathValue<T, P>>, null>> | undefined> {
    checkOptions(options, "extent")
    const [path] = this.#paths([field], "extent")
    const node = this.#parse(filter)
    const found = await this.#ask(node, options.signal, (view, lookup) =>
      extentOf(view.parts, node, path, lookup),
    )
    return found === undefined ? undefined : toExtent<T, P>(found)
  }

  matching(
    filter?: Filter<T>,
    options?: ReadOptions & { readonly field?: undefined },
  ): Promise<MatchSet>
  matching(filter: Filter<T>, options: MatchingIntegersOptions<T>): Promise<IntegerMatchSet>
  async matching(
    filter?: Filter<T>,
    options: ReadOptions & { readonly field?: Path<T> | undefined } = {},
  ): Promise<MatchSet | IntegerMatchSet> {
    checkOptions(options, "matching", ["signal", "field"])
    const node = this.#parse(filter)
    const { field, signal } = options
    const [path] = field === undefined ? [undefined] : this.#paths([field], "matching")
    if (path !== undefined) {
      return await this.#ask(node, signal, (view, lookup) =>
        integersOf(view.parts, node, path, lookup),
      )
    }
    const view = this.#source.acquire()
    try {
      const matches = await this.#source.queries.run(
        setBytes(view.parts, node),
        matchParts(view.parts, node, this.#lookup),
        { signal },
      )
      const set = new ViewMatchSet(view, matches, () => this.#source.check())
      view.releaseWith(set)
      return set
    } catch (error) {
      view.release()
      throw error
    }
  }

  async getIds<P extends Path<T>>(
    field: P,
    value: Operand<PathValue<T, P>>,
    options: ReadOptions = {},
  ): Promise<string[]> {
    checkOptions(options, "getIds")
    const path: unknown = field
    if (typeof path !== "string") {
      throw new TierdexError(
        "TIERDEX_INVALID_FILTER",
        `getIds takes the path of a field, such as "maker.country", not ${describe(path)}.`,
      )
    }
    const node = this.#parse({ [path]: { $eq: value } })
    return await this.#ask(node, options.signal, function* (view, lookup) {
      const ids: string[] = []
      for (const part of view.parts) {
        const found = yield* matchesOf(part, node, lookup)
        for (const id of yield* part.part.ids(found.toArray())) ids.push(id)
      }
      return ids
    })
  }

  async explain(filter?: Filter<T>, options: FindOptions<T> = {}): Promise<Explanation> {
    checkOptions(options, "explain", ["signal", "sort", "limit", "after", "select"])
    const { request } = this.#findRequest(filter, options)
    const work = newWork()
    const view = this.#source.acquire()
    try {
      const steps = explain(view.parts, request, this.#lookup, work)
      const bytes = setBytes(view.parts, request.filter)
      return await this.#source.queries.run(bytes, steps, { signal: options.signal, work })
    } finally {
      view.release()
    }
  }

  #parse(filter: unknown): FilterNode {
    const { fields } = this.#source
    return parseFilter(filter === undefined ? {} : filter, (path) => fields.isIndexed(path))
  }

  #sort(sort: unknown): SortKey[] {
    const keys = parseSort(sort)
    this.#paths(
      keys.map((key) => key.path),
      "sort",
    )
    return keys
  }

  #paths(paths: readonly string[], name: string): string[] {
    return parsePaths(paths, name, this.#source.fields)
  }

  /** Reads single records. */
  async #read<R>(steps: (view: View) => Steps<R>): Promise<R> {
    const view = this.#source.acquire()
    try {
      return await drive(steps(view))
    } finally {
      view.release()
    }
  }

  /** @param bytesOf what sets the answer takes at most */
  async #ask<R>(
    node: FilterNode,
    signal: AbortSignal | undefined,
    steps: (view: View, lookup: FieldLookup) => Steps<R>,
    bytesOf = setBytes,
  ): Promise<R> {
    const view = this.#source.acquire()
    try {
      const bytes = bytesOf(view.parts, node)
      return await this.#source.queries.run(bytes, steps(view, this.#lookup), { signal })
    } finally {
      view.release()
    }
  }
}

async function* mapStream<A, B>(stream: AsyncIterable<A>, map: (item: A) => B): AsyncGenerator<B> {
  for await (const item of stream) yield map(item)
}
