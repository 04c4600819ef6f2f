import type {
  EntriesOptions,
  Explanation,
  Extent,
  FacetCount,
  FacetsOptions,
  FindOptions,
  FindResult,
  IdStream,
  IdsOptions,
  IntegerMatchSet,
  MatchingIntegersOptions,
  MatchSet,
  ReadOptions,
  Scalar,
  UntypedFilter,
} from "@tierdex/core"
import type { Reader } from "./compare.ts"
import type { Fields } from "./fields.ts"
import type { Model } from "./model.ts"

/** A model as an index would answer: what `compareWithModel` must accept. */
export class ModelReader implements Reader {
  readonly #model: Model

  constructor(model: Model) {
    this.#model = model
  }

  get size(): number {
    return this.#model.size
  }

  async get(id: string): Promise<Fields | undefined> {
    return this.#model.get(id)
  }

  async has(id: string): Promise<boolean> {
    return this.#model.has(id)
  }

  /** The cursor is the last id. */
  async find(
    filter: UntypedFilter = {},
    { sort, limit = 100, after, select }: FindOptions<Fields> = {},
  ): Promise<FindResult<Fields>> {
    const rest = this.#model.find(filter, { sort, after })
    const ids = rest.slice(0, limit)
    const records = select && ids.map((id) => this.#model.select(id, select))
    const cursor = rest.length > limit ? ids.at(-1) : undefined
    return { ids, ...(records && { records }), ...(cursor !== undefined && { cursor }) }
  }

  ids(filter: UntypedFilter = {}, { sort }: IdsOptions<Fields> = {}): IdStream {
    const ids = this.#model.find(filter, { sort })
    return {
      [Symbol.asyncIterator]: () => stream(ids)[Symbol.asyncIterator](),
      batches: () => stream(ids.map((id) => [id])),
    }
  }

  entries(
    filter: UntypedFilter = {},
    { sort, select }: EntriesOptions<Fields> = {},
  ): AsyncIterable<readonly [id: string, fields: Fields]> {
    const ids = this.#model.find(filter, { sort })
    return stream(ids.map((id) => [id, this.#model.select(id, select)] as const))
  }

  async count(filter: UntypedFilter = {}): Promise<number> {
    return this.#model.count(filter)
  }

  async facets(
    filter: UntypedFilter,
    fields: readonly string[],
    options?: FacetsOptions,
  ): Promise<Record<string, FacetCount<Scalar>[]>> {
    return this.#model.facets(filter, fields, options)
  }

  async extent(
    field: string,
    filter?: UntypedFilter,
  ): Promise<Extent<Exclude<Scalar, null>> | undefined> {
    return this.#model.extent(field, filter)
  }

  matching(
    filter?: UntypedFilter,
    options?: ReadOptions & { readonly field?: undefined },
  ): Promise<MatchSet>
  matching(
    filter: UntypedFilter,
    options: MatchingIntegersOptions<Fields>,
  ): Promise<IntegerMatchSet>
  async matching(
    filter: UntypedFilter = {},
    { field }: { readonly field?: string | undefined } = {},
  ): Promise<MatchSet | IntegerMatchSet> {
    if (field === undefined) return matchSet(this.#model.ids(filter))
    const labels = this.#model.labels(field, filter)
    if (labels !== undefined) return new Set(labels)
    throw Object.assign(new Error(`No label in ${field}.`), { code: "TIERDEX_INVALID_VALUE" })
  }

  async getIds(field: string, value: Scalar): Promise<string[]> {
    return this.#model.getIds(field, value)
  }

  async explain(filter: UntypedFilter = {}): Promise<Explanation> {
    const matchedRecords = this.#model.count(filter)
    const effort = { pagesTouched: 0, pagesRead: 0, elapsedMs: 0 }
    return { estimatedRecords: 0, matchedRecords, order: "written", parts: [], ...effort }
  }
}

async function* stream<V>(values: readonly V[]): AsyncIterable<V> {
  yield* values
}

function matchSet(ids: readonly string[]): MatchSet {
  const close = async () => {}
  return {
    size: ids.length,
    hasMany: async (asked) => asked.map((id) => ids.includes(id)),
    close,
    [Symbol.asyncIterator]: () => stream(ids)[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: close,
  }
}
