import type { IntegerMatchSet, MatchSet } from "../api/results.ts"
import type { ShardedExplanation } from "../api/sharded-index.ts"
import type { CopySource } from "../engine/copy.ts"
import type {
  Asking,
  EntriesQuestion,
  Entry,
  FacetsQuestion,
  FindQuestion,
  FoundRecords,
  PlainRecord,
  Questions,
  StreamQuestion,
} from "../engine/questions.ts"
import { onLeave } from "../engine/streams.ts"
import { TierdexError, throwIfAborted } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { FilterNode } from "../filter/node.ts"
import type { IdKey } from "../parts/id-key.ts"
import { better } from "../query/extent.ts"
import { IntegerSet } from "../query/integers.ts"
import type { Value } from "../values/kind.ts"
import { fromValue } from "../values/scalar.ts"
import type { AnswerValue, CallName, Request, StreamOf } from "./calls.ts"
import type { Cluster } from "./cluster.ts"
import { mergeCounts } from "./merge-counts.ts"
import { mergeExplanations } from "./merge-explanations.ts"
import { mergeFound } from "./merge-found.ts"
import { mergeRecords } from "./merge-records.ts"
import { scalarValue } from "./scalar-value.ts"
import { type Asked, askAll, renewing, type Scope, type Target } from "./scope.ts"
import { ShardMatchSet } from "./shard-match-set.ts"
import { openStreams, type ShardStream } from "./shard-stream.ts"
import { ignore, within } from "./within.ts"

/** Ids in a batch of a stream. */
const BATCH = 512

/** Ends streams that were forgotten. */
const forgotten = new FinalizationRegistry<() => void>((end) => end())

/** Asks all shards, and puts their answers together. */
export class ShardQuestions implements Questions {
  readonly #cluster: Cluster
  readonly #scope: Scope

  constructor(cluster: Cluster, scope: Scope) {
    this.#cluster = cluster
    this.#scope = scope
  }

  get fields(): FieldTable {
    return this.#cluster.fields
  }

  get indexId(): string {
    return this.#cluster.map.data.index
  }

  get size(): number {
    return this.#scope.size
  }

  async get(id: IdKey): Promise<PlainRecord | undefined> {
    const answers = await this.#atHomes(id, (view) => ({ call: "get", view, id: id.bytes }))
    return answers.find((record) => record !== undefined)
  }

  async has(id: IdKey): Promise<boolean> {
    return (await this.#atHomes(id, (view) => ({ call: "has", view, id: id.bytes }))).includes(true)
  }

  async find(question: FindQuestion): Promise<FoundRecords> {
    const { filter, keys, limit, after, select } = question
    const request = { filter, keys, limit, after }
    const found = await this.#all((view) => ({ call: "find", view, request, select }), question)
    return mergeFound(
      found.map(({ value }) => value),
      keys,
      limit,
      select !== undefined,
    )
  }

  async explain(question: FindQuestion): Promise<ShardedExplanation> {
    const { filter, keys, limit, after } = question
    const request = { filter, keys, limit, after }
    const start = performance.now()
    const answers = await this.#all((view) => ({ call: "explain", view, request }), question)
    const shards = answers.map(({ target, value }) => [target.shard.name, value] as const)
    return mergeExplanations(Object.fromEntries(shards), performance.now() - start)
  }

  async count(filter: FilterNode, asking: Asking): Promise<number> {
    const answers = await this.#all((view) => ({ call: "count", view, filter }), asking)
    return answers.reduce((sum, { value }) => sum + value, 0)
  }

  async facets(question: FacetsQuestion): Promise<Record<string, unknown>> {
    const { filter, paths, limit } = question
    const streams = await this.#open({ type: "values", filter, paths }, question)
    try {
      const lists = await mergeCounts(streams, paths.length, limit)
      return Object.fromEntries(
        paths.map((path, i) => [
          path,
          lists[i].map(({ value, count }) => ({ value: fromValue(value), count })),
        ]),
      )
    } finally {
      for (const stream of streams) stream.end()
    }
  }

  async extent(filter: FilterNode, path: string, asking: Asking) {
    const answers = await this.#all((view) => ({ call: "extent", view, filter, path }), asking)
    let min: Value | undefined
    let max: Value | undefined
    for (const { value } of answers) {
      if (value === undefined) continue
      min = better(min, scalarValue(value.min), false)
      max = better(max, scalarValue(value.max), true)
    }
    if (min === undefined || max === undefined) return undefined
    return { min: fromValue(min), max: fromValue(max) }
  }

  async match(filter: FilterNode, asking: Asking): Promise<MatchSet> {
    const idsOf = (scope: Scope) =>
      new ShardQuestions(this.#cluster, scope).ids({ filter, keys: [], signal: undefined })
    return await ShardMatchSet.of(this.#cluster, this.#scope, filter, asking, idsOf)
  }

  async integers(filter: FilterNode, path: string, asking: Asking): Promise<IntegerMatchSet> {
    const answers = await this.#all((view) => ({ call: "integers", view, filter, path }), asking)
    const integers = new IntegerSet()
    for (const { value } of answers) integers.addChunks(value)
    return integers
  }

  async idsOf(filter: FilterNode, { signal }: Asking): Promise<string[]> {
    const ids: string[] = []
    for await (const batch of this.ids({ filter, keys: [], signal })) ids.push(...batch)
    return ids
  }

  ids({ filter, keys, signal }: StreamQuestion): AsyncGenerator<readonly string[]> {
    return this.#stream({ type: "ids", filter, keys }, signal, async function* (streams) {
      for await (const run of mergeRecords(streams, keys, BATCH)) {
        yield run.map(({ batch, at }) => batch.ids[at])
      }
    })
  }

  entries({ filter, keys, select, signal }: EntriesQuestion): AsyncGenerator<Entry> {
    const of = { type: "entries", filter, keys, select } as const
    return this.#stream(of, signal, async function* (streams) {
      for await (const run of mergeRecords(streams, keys, BATCH)) {
        for (const { batch, at } of run) yield [batch.ids[at], batch.records[at]] as const
      }
    })
  }

  copySource(): CopySource {
    throw new TierdexError(
      "TIERDEX_INVALID_OPTION",
      "An index of many shards cannot be copied at once. Copy the store of each shard, and that of " +
        "the map.",
    )
  }

  /** Opens streams now, and reads them later. Those that are forgotten end when they are garbage. */
  #stream<S extends StreamOf, I>(
    of: S,
    signal: AbortSignal | undefined,
    read: (streams: ShardStream<S["type"]>[]) => AsyncGenerator<I>,
  ): AsyncGenerator<I> {
    const scope = this.#scope
    scope.check()
    const opening = this.#open(of, { signal })
    const endStreams = enderOf(opening)
    const end = () => {
      forgotten.unregister(opening)
      endStreams()
    }
    const items = (async function* () {
      try {
        for await (const item of read(await opening)) {
          throwIfAborted(signal)
          scope.check()
          yield item
        }
      } catch (error) {
        // That the index or snapshot is closed is why shards answer no more.
        scope.check()
        throw error
      } finally {
        end()
      }
    })()
    opening.catch(ignore)
    forgotten.register(items, endStreams, opening)
    return onLeave(items, end)
  }

  #open<S extends StreamOf>(of: S, { signal }: Asking): Promise<ShardStream<S["type"]>[]> {
    const { missing, timeoutMs } = this.#scope
    return openStreams(this.#scope, of, { timeoutMs, signal, missing })
  }

  async #atHomes<C extends CallName>(
    id: IdKey,
    request: (view: number | undefined) => Request & { readonly call: C },
  ): Promise<AnswerValue<C>[]> {
    const answers = await renewing(this.#scope, () =>
      askAll(
        this.#scope,
        (target) => this.#ask<C>(target, request, undefined),
        undefined,
        (map) => map.homesOf(id.bytes),
      ),
    )
    return answers.map(({ value }) => value)
  }

  async #all<C extends CallName>(
    request: (view: number | undefined) => Request & { readonly call: C },
    { signal }: Asking,
  ): Promise<Asked<AnswerValue<C>>[]> {
    return await renewing(this.#scope, () =>
      askAll(this.#scope, (target) => this.#ask<C>(target, request, signal), signal),
    )
  }

  async #ask<C extends CallName>(
    { shard, view }: Target,
    request: (view: number | undefined) => Request & { readonly call: C },
    signal: AbortSignal | undefined,
  ): Promise<AnswerValue<C>> {
    const answer = shard.ask<C>(request(view), { signal })
    return await within(answer, { timeoutMs: this.#scope.timeoutMs, signal }, shard.name)
  }
}

/** Ends streams. Holds nothing else, for it must not keep the one who forgot them. */
function enderOf(opening: Promise<readonly ShardStream<StreamOf["type"]>[]>): () => void {
  return () => {
    opening.then((streams) => {
      for (const stream of streams) stream.end()
    }, ignore)
  }
}
