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
import { TierdexError } from "../errors.ts"
import type { FilterNode } from "../filter/node.ts"
import { parseFilter } from "../filter/parse.ts"
import type { Filter, Operand, Path, PathValue, ScalarOf } from "../filter/types.ts"
import { decodeCursor, encodeCursor, queryHash } from "../query/cursor.ts"
import type { SortKey } from "../query/sort-keys.ts"
import { describe } from "../values/describe.ts"
import type { CopySource } from "./copy.ts"
import { BatchedIdStream, startStream } from "./id-stream.ts"
import { idKey } from "./ids.ts"
import type { FindQuestion, Questions } from "./questions.ts"
import { checkOptions, parseLimit, parsePaths, parseSort } from "./read-options.ts"
import { onLeave } from "./streams.ts"
import { toExtent, toFacets, toFields } from "./typed.ts"

const DEFAULT_LIMIT = 100
const DEFAULT_FACETS = 10

/** The reading half of the API: checks arguments, asks, and gives answers the caller's types. */
export class Reader<T extends object> implements IndexReader<T> {
  readonly #questions: Questions

  constructor(questions: Questions) {
    this.#questions = questions
  }

  get size(): number {
    return this.#questions.size
  }

  /** As `Questions.copySource`. */
  copySource(): CopySource {
    return this.#questions.copySource()
  }

  async get(id: string): Promise<StoredFields<T> | undefined> {
    const record = await this.#questions.get(idKey(id))
    return record === undefined ? undefined : toFields<T>(record)
  }

  async has(id: string): Promise<boolean> {
    return await this.#questions.has(idKey(id))
  }

  async find(filter?: Filter<T>, options: FindOptions<T> = {}): Promise<FindResult<T>> {
    checkOptions(options, "find", ["signal", "sort", "limit", "after", "select"])
    const { question, hash } = this.#findRequest(filter, options)
    const { ids, records, end } = await this.#questions.find(question)
    return {
      ids,
      ...(records === undefined ? {} : { records: records.map((record) => toFields<T>(record)) }),
      ...(end === undefined ? {} : { cursor: encodeCursor(hash, end) }),
    }
  }

  /** What `explain` asks. */
  protected explainQuestion(filter: unknown, options: FindOptions<T>): FindQuestion {
    checkOptions(options, "explain", ["signal", "sort", "limit", "after", "select"])
    return this.#findRequest(filter, options).question
  }

  #findRequest(
    filter: unknown,
    options: FindOptions<T>,
  ): { question: FindQuestion; hash: Uint8Array } {
    const node = this.#parse(filter)
    const keys = this.#sort(options.sort)
    const hash = queryHash(this.#questions.indexId, node, keys)
    const after =
      options.after === undefined ? undefined : decodeCursor(options.after, hash, keys.length)
    const limit = parseLimit(options.limit, DEFAULT_LIMIT)
    const select = options.select === undefined ? undefined : this.#paths(options.select, "select")
    const { signal } = options
    return { question: { filter: node, keys, limit, after, select, signal }, hash }
  }

  ids(filter?: Filter<T>, options: IdsOptions<T> = {}): IdStream {
    const batches = startStream(() => {
      checkOptions(options, "ids", ["signal", "sort"])
      const { signal, sort } = options
      return this.#questions.ids({ filter: this.#parse(filter), keys: this.#sort(sort), signal })
    })
    return new BatchedIdStream(batches)
  }

  entries(
    filter?: Filter<T>,
    options: EntriesOptions<T> = {},
  ): AsyncIterable<readonly [id: string, fields: StoredFields<T>]> {
    const stream = startStream(() => {
      checkOptions(options, "entries", ["signal", "sort", "select"])
      const { signal, sort, select } = options
      return this.#questions.entries({
        filter: this.#parse(filter),
        keys: this.#sort(sort),
        signal,
        select: select === undefined ? undefined : this.#paths(select, "select"),
      })
    })
    const typed = mapStream(stream, ([id, record]) => [id, toFields<T>(record)] as const)
    return onLeave(typed, () => stream.return(undefined))
  }

  async count(filter?: Filter<T>, options: ReadOptions = {}): Promise<number> {
    checkOptions(options, "count")
    return await this.#questions.count(this.#parse(filter), { signal: options.signal })
  }

  async facets<const P extends Path<T>>(
    filter: Filter<T>,
    paths: readonly P[],
    options: FacetsOptions = {},
  ): Promise<Facets<T, P>> {
    checkOptions(options, "facets", ["signal", "limit"])
    const lists = await this.#questions.facets({
      filter: this.#parse(filter),
      paths: this.#paths(paths, "facets"),
      limit: parseLimit(options.limit, DEFAULT_FACETS),
      signal: options.signal,
    })
    return toFacets<T, P>(lists)
  }

  async extent<P extends Path<T>>(
    field: P,
    filter?: Filter<T>,
    options: ReadOptions = {},
  ): Promise<Extent<Exclude<ScalarOf<PathValue<T, P>>, null>> | undefined> {
    checkOptions(options, "extent")
    const [path] = this.#paths([field], "extent")
    const { signal } = options
    const found = await this.#questions.extent(this.#parse(filter), path, { signal })
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
    if (field === undefined) return await this.#questions.match(node, { signal })
    const [path] = this.#paths([field], "matching")
    return await this.#questions.integers(node, path, { signal })
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
    return await this.#questions.idsOf(node, { signal: options.signal })
  }

  async explain(filter?: Filter<T>, options: FindOptions<T> = {}): Promise<Explanation> {
    return await this.#questions.explain(this.explainQuestion(filter, options))
  }

  #parse(filter: unknown): FilterNode {
    const { fields } = this.#questions
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
    return parsePaths(paths, name, this.#questions.fields)
  }
}

async function* mapStream<A, B>(stream: AsyncIterable<A>, map: (item: A) => B): AsyncGenerator<B> {
  for await (const item of stream) yield map(item)
}
