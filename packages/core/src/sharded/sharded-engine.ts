import type { WriteOptions } from "../api/metadata-index.ts"
import type { LongCallOptions } from "../api/read-options.ts"
import type { ShardedStats } from "../api/sharded-index.ts"
import type { Tier, VerifyReport } from "../api/stats.ts"
import type { Engine } from "../engine/engine.ts"
import type { PendingOps, PendingUpdate, WriteResult } from "../engine/pending.ts"
import type { FrozenQuestions } from "../engine/questions.ts"
import { closedError } from "../engine/view.ts"
import { throwIfAborted } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import { SkippedPaths } from "../fields/skipped-paths.ts"
import type { FilterNode } from "../filter/node.ts"
import type { IdKey } from "../parts/id-key.ts"
import type { Cluster } from "./cluster.ts"
import { deleteVersions } from "./delete-versions.ts"
import { FrozenShardQuestions } from "./frozen-questions.ts"
import { freeze } from "./frozen-scope.ts"
import { markOf } from "./marks.ts"
import { mergeStats } from "./merge-stats.ts"
import type { Mover } from "./mover.ts"
import { NowScope } from "./scope.ts"
import { Sender, type Sent } from "./sender.ts"
import type { Shard } from "./shard.ts"
import { ShardQuestions } from "./shard-questions.ts"
import { openStreams } from "./shard-stream.ts"
import { idsOf } from "./split-operations.ts"
import { sumProgress } from "./sum-progress.ts"
import { verifyShards } from "./verify-shards.ts"

/** Many shards as one index. */
export class ShardedEngine implements Engine {
  readonly questions: ShardQuestions
  readonly skipped = new SkippedPaths()
  readonly #cluster: Cluster
  readonly #sender: Sender
  readonly #mover: Mover
  readonly #budgetBytes: number | undefined
  #closing: Promise<void> | undefined

  /** @param makeMover makes the one that moves records, with the engine's way to send */
  constructor(
    cluster: Cluster,
    makeMover: (sender: Sender) => Mover,
    budgetBytes: number | undefined,
  ) {
    this.#cluster = cluster
    this.questions = new ShardQuestions(cluster, new NowScope(cluster))
    this.#sender = new Sender(cluster, this.skipped, async (request) => {
      await cluster.reload()
      return await this.write(request)
    })
    this.#mover = makeMover(this.#sender)
    this.#budgetBytes = budgetBytes
  }

  get mover(): Mover {
    return this.#mover
  }

  get sender(): Sender {
    return this.#sender
  }

  get tier(): Tier {
    this.check()
    return 4
  }

  get fields(): FieldTable {
    return this.#cluster.fields
  }

  get groupBytes(): number {
    return Math.min(...this.#cluster.joined.map(({ hello }) => hello.groupBytes))
  }

  get mark(): string | undefined {
    this.check()
    return markOf(this.#cluster.mark)
  }

  check(): void {
    this.#cluster.check()
  }

  /** What a shard takes at once is looked at when it is known which shares there are. */
  checkBatch(): void {}

  discard({ claim }: PendingOps): void {
    if (claim !== undefined) this.fields.release(claim)
  }

  async write(request: PendingOps | PendingUpdate): Promise<WriteResult> {
    const { line, isClosed } = this.#cluster
    try {
      if (isClosed) throw closedError("The index")
      return await (await line.run(() => this.#send(request))).result
    } finally {
      // Those of what was sent are kept already.
      if (request.type === "ops") this.discard(request)
    }
  }

  /** Sends a write, at once if no records are being moved. */
  #send(request: PendingOps | PendingUpdate): Sent | Promise<Sent> {
    const send = () =>
      request.type === "ops" ? this.#sender.operations(request) : this.#sender.update(request)
    if (request.type === "ops" && request.chain?.failure !== undefined) {
      throw request.chain.failure.error
    }
    const { map } = this.#cluster
    if (map.move === undefined) return send()
    const keys: readonly IdKey[] = request.type === "ops" ? idsOf(request) : [request.key]
    const moving = keys.filter((key) => map.isMoving(key.bytes))
    if (moving.length === 0) return send()
    const decoder = new TextDecoder()
    const ids = [...new Set(moving.map((key) => decoder.decode(key.bytes)))]
    return this.#mover.bring(ids).then(send)
  }

  async deleteMany(filter: FilterNode, options: WriteOptions): Promise<number> {
    this.check()
    throwIfAborted(options.signal)
    const cluster = this.#cluster
    // Behind the writes that were called before, and never within a step of a move.
    const { opening } = await cluster.line.run(() => {
      cluster.deletions.begin()
      const { timeoutMs } = cluster
      const { signal } = options
      const of = { type: "versions", filter } as const
      const asked = { timeoutMs, signal, missing: undefined }
      return { opening: openStreams(new NowScope(cluster), of, asked) }
    })
    try {
      return await deleteVersions(await opening, this.#sender, this.fields, options)
    } finally {
      cluster.deletions.end()
    }
  }

  async clear(): Promise<void> {
    await this.#askEach((shard) => shard.ask({ call: "clear" }))
  }

  async flush(): Promise<void> {
    await this.#askEach((shard) => shard.ask({ call: "flush" }))
  }

  async compact({ signal, onProgress }: LongCallOptions): Promise<void> {
    throwIfAborted(signal)
    const progressOf = sumProgress(onProgress, this.#cluster.map.names.length)
    await this.#askEach((shard) =>
      shard.ask({ call: "compact" }, { signal, onProgress: progressOf(shard.name) }),
    )
  }

  async verify(options: LongCallOptions): Promise<VerifyReport> {
    throwIfAborted(options.signal)
    return await verifyShards(this.#cluster, options)
  }

  /** Asks all shards something behind the writes that were called before. */
  async #askEach(ask: (shard: Shard) => Promise<unknown>): Promise<void> {
    this.check()
    const cluster = this.#cluster
    const { asked } = await cluster.line.run(() => {
      const shards = cluster.map.names.map((name) => cluster.shard(name))
      return { asked: Promise.allSettled(shards.map(ask)) }
    })
    for (const settled of await asked) if (settled.status === "rejected") throw settled.reason
  }

  async snapshot(ttlMs: number): Promise<FrozenQuestions> {
    const frozen = await freeze(new NowScope(this.#cluster), ttlMs)
    return new FrozenShardQuestions(this.#cluster, frozen)
  }

  stats(): ShardedStats {
    this.check()
    return mergeStats(this.#cluster, this.skipped, this.#budgetBytes)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const cluster = this.#cluster
    cluster.isClosed = true
    // Writes and steps that were asked for come first.
    const { closing } = await cluster.line.run(() => ({ closing: cluster.close() }))
    await closing
  }
}
