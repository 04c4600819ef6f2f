import type { MatchSet } from "../api/results.ts"
import type { IndexStats } from "../api/stats.ts"
import type { Steps } from "../cache/steps.ts"
import { readHits } from "../engine/read-hits.ts"
import type { SingleEngine } from "../engine/single-engine.ts"
import { SnapshotSource } from "../engine/snapshot.ts"
import { ViewQuestions, type ViewSource } from "../engine/view-questions.ts"
import { TierdexError } from "../errors.ts"
import { IdKey } from "../parts/id-key.ts"
import { find } from "../query/find.ts"
import type { Answer, AnswerValue, Request, SendOptions, SentOperations } from "./calls.ts"
import { detachedPosition } from "./detached.ts"
import { Handles } from "./handles.ts"
import { SenderTable } from "./sender-table.ts"
import { presentIds, sampleIds, takeRecords } from "./server-records.ts"
import { ServerStream } from "./server-streams.ts"
import { verifyShard } from "./server-verify.ts"

/**
 * A shard: an index that answers requests. A request takes effect, in what it writes and in what it
 * sees, before `handle` returns its promise.
 */
export class ShardServer {
  readonly #engine: SingleEngine
  readonly #tables = new Map<string, SenderTable>()
  readonly #views = new Handles<SnapshotSource>("The view")
  readonly #sets = new Handles<MatchSet>("The set")
  readonly #streams = new Handles<ServerStream>("The stream")
  /** The latest of a request. */
  #epoch = 0
  #isClosed = false

  constructor(engine: SingleEngine) {
    this.#engine = engine
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get size(): number {
    return this.#engine.source.size
  }

  /** Why writes are refused; undefined: they are not. */
  get writeFailure(): unknown {
    return this.#engine.writeFailure
  }

  get stats(): IndexStats {
    return this.#engine.stats()
  }

  async handle(request: Request, options: SendOptions): Promise<Answer> {
    const { call } = request
    // Whoever closes a shard need not know the map.
    if (call !== "close") this.#meet(options.epoch)
    switch (call) {
      case "hello":
        return { call, value: this.#hello() }
      case "write":
        return { call, value: await this.#write(request.operations) }
      case "update": {
        const { id, patch, sequence } = request
        const { skipped } = this.#engine
        const key = new IdKey(id)
        const update = { type: "update", key, patch, sequence, skipped } as const
        return { call, value: (await this.#engine.write(update)).found }
      }
      case "clear":
        return { call, value: await done(this.#engine.clear()) }
      case "flush":
        return { call, value: await done(this.#engine.flush()) }
      case "sync":
        return { call, value: await done(this.#engine.sync()) }
      case "compact":
        return { call, value: await done(this.#engine.compact(options)) }
      case "verify":
        return { call, value: await verifyShard(this.#engine, request.owned, options) }
      case "get":
        return { call, value: await this.#at(request.view).get(new IdKey(request.id)) }
      case "has":
        return { call, value: await this.#at(request.view).has(new IdKey(request.id)) }
      case "find":
        return { call, value: await this.#find(request, options) }
      case "explain": {
        const { signal } = options
        const question = { ...request.request, select: undefined, signal }
        return { call, value: await this.#at(request.view).explain(question) }
      }
      case "count":
        return { call, value: await this.#at(request.view).count(request.filter, asking(options)) }
      case "extent": {
        const { view, filter, path } = request
        return { call, value: await this.#at(view).extent(filter, path, asking(options)) }
      }
      case "integers": {
        const { view, filter, path } = request
        const integers = await this.#at(view).integers(filter, path, asking(options))
        return { call, value: integers.chunks }
      }
      case "view": {
        const source = new SnapshotSource(this.#engine.source, request.ttlMs)
        return { call, value: { view: this.#views.add(source), size: source.size } }
      }
      case "release":
        this.#views.take(request.view)?.end("closed")
        return { call, value: undefined }
      case "match": {
        const set = await this.#at(request.view).match(request.filter, asking(options))
        return { call, value: { set: this.#sets.add(set), size: set.size } }
      }
      case "hasMany":
        return { call, value: await this.#sets.get(request.set).hasMany(request.ids) }
      case "drop":
        return { call, value: await done(this.#sets.take(request.set)?.close()) }
      case "stream": {
        const source = this.#source(request.view)
        const number = this.#streams.add(new ServerStream(this.#engine, source, request.of))
        return { call, value: await this.#next(number) }
      }
      case "next":
        return { call, value: await this.#next(request.stream) }
      case "end":
        return { call, value: await done(this.#streams.take(request.stream)?.end()) }
      case "take":
        return { call, value: await takeRecords(this.#engine, request.ids, request.maxBytes) }
      case "present":
        return { call, value: await presentIds(this.#engine, request.ids) }
      case "sample":
        return { call, value: await sampleIds(this.#engine, request.count) }
      case "rest":
        return { call, value: await done(this.#rest()) }
      case "close":
        return { call, value: await done(this.close()) }
    }
  }

  /** Gives up what coordinators have open, and closes the index. */
  async close(): Promise<void> {
    this.#isClosed = true
    const streams = this.#streams.takeAll()
    for (const view of this.#views.takeAll()) view.end("closed")
    await Promise.all([
      ...streams.map((stream) => stream.end()),
      ...this.#sets.takeAll().map((set) => set.close()),
    ])
    await this.#engine.close()
  }

  async #rest(): Promise<void> {
    const all = [this.#views, this.#sets, this.#streams]
    while (all.some(({ size }) => size > 0)) {
      await Promise.all(all.map((handles) => handles.whenEmpty()))
    }
  }

  #meet(epoch: number): void {
    if (epoch < this.#epoch) {
      throw new TierdexError(
        "TIERDEX_STALE_MAP",
        `The request goes by map ${epoch} of the shards, and there is map ${this.#epoch}.`,
      )
    }
    this.#epoch = epoch
  }

  #hello(): AnswerValue<"hello"> {
    const { source, sequence, mark, fields, maxBatchBytes, groupBytes } = this.#engine
    const index = source.indexId
    return { index, sequence, mark, fields: fields.keptPaths, maxBatchBytes, groupBytes }
  }

  async #write({ fields: sent, ...operations }: SentOperations): Promise<number> {
    const { fields } = this.#engine
    let table = this.#tables.get(sent.table)
    if (table === undefined) {
      table = new SenderTable(fields)
      this.#tables.set(sent.table, table)
    }
    table.add(sent)
    const claim = fields.claim()
    let bytes: Uint8Array
    try {
      bytes = table.translate(operations.bytes, claim, operations.isMove)
    } catch (error) {
      fields.release(claim)
      throw error
    }
    return (await this.#engine.write({ ...optional(operations), type: "ops", bytes, claim })).found
  }

  async #find(
    { view, request, select }: Extract<Request, { call: "find" }>,
    { signal }: SendOptions,
  ): Promise<AnswerValue<"find">> {
    const { fields } = this.#engine
    const at = this.#at(view)
    return await at.ask(request.filter, signal, function* ({ parts }, lookup): Steps<
      AnswerValue<"find">
    > {
      const { hits, hasMore } = yield* find(parts, request, lookup)
      const { ids, records } = yield* readHits(parts, hits, fields, select)
      return { ids, records, positions: hits.map((hit) => detachedPosition(hit.position)), hasMore }
    })
  }

  async #next(number: number): Promise<AnswerValue<"next">> {
    try {
      const answer = await this.#streams.get(number).next(number)
      if (answer.stream === undefined) this.#streams.take(number)
      return answer
    } catch (error) {
      await this.#streams.take(number)?.end()
      throw error
    }
  }

  #at(view: number | undefined): ViewQuestions {
    return view === undefined ? this.#engine.questions : new ViewQuestions(this.#views.get(view))
  }

  #source(view: number | undefined): ViewSource {
    return view === undefined ? this.#engine.source : this.#views.get(view)
  }
}

/** What is undefined in a message is absent in what is written. */
function optional({ expected, isMove: _, ...operations }: Omit<SentOperations, "fields">) {
  return expected === undefined ? operations : { ...operations, expected }
}

function asking({ signal }: SendOptions): { signal: AbortSignal | undefined } {
  return { signal }
}

async function done(work: Promise<void> | undefined): Promise<undefined> {
  await work
  return undefined
}
