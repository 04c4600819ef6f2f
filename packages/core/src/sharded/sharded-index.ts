import type { FindOptions, LongCallOptions } from "../api/read-options.ts"
import type { IndexReader } from "../api/reader.ts"
import type {
  PartialResult,
  ShardedExplanation,
  ShardedIndex,
  ShardedStats,
  ShardOptions,
  SplitOptions,
} from "../api/sharded-index.ts"
import { Index } from "../engine/index.ts"
import { checkOptions } from "../engine/read-options.ts"
import { Reader } from "../engine/reader.ts"
import type { Filter } from "../filter/types.ts"
import type { Cluster } from "./cluster.ts"
import { type Growing, invalid } from "./growing.ts"
import { checkShardOptions } from "./options.ts"
import { type Missing, NowScope } from "./scope.ts"
import { ShardQuestions } from "./shard-questions.ts"
import type { ShardedEngine } from "./sharded-engine.ts"

/** The API of an index over many shards. */
export class ShardIndex<T extends object> extends Index<T> implements ShardedIndex<T> {
  readonly #cluster: Cluster
  readonly #engine: ShardedEngine
  readonly #growing: Growing

  constructor(cluster: Cluster, engine: ShardedEngine, growing: Growing) {
    super(engine)
    this.#cluster = cluster
    this.#engine = engine
    this.#growing = growing
  }

  get shards(): readonly string[] {
    this.#engine.check()
    return this.#cluster.map.names
  }

  get isGrowing(): boolean {
    this.#engine.check()
    return this.#cluster.map.move !== undefined
  }

  override async explain(
    filter?: Filter<T>,
    options: FindOptions<T> = {},
  ): Promise<ShardedExplanation> {
    return await this.#engine.questions.explain(this.explainQuestion(filter, options))
  }

  override stats(): ShardedStats {
    return this.#engine.stats()
  }

  async allowPartial<R>(ask: (reader: IndexReader<T>) => Promise<R>): Promise<PartialResult<R>> {
    this.#engine.check()
    if (typeof ask !== "function") {
      throw invalid("allowPartial takes a function that asks, such as (shards) => shards.count().")
    }
    const missing: Missing = new Map()
    const scope = new NowScope(this.#cluster, missing)
    const result = await ask(new Reader<T>(new ShardQuestions(this.#cluster, scope)))
    return { result, missing: Object.fromEntries(missing) }
  }

  async addShard(shard: ShardOptions, options: LongCallOptions = {}): Promise<void> {
    checkShardOptions(shard)
    checkOptions(options, "addShard", ["signal", "onProgress"])
    await this.#growing.add(shard, options)
  }

  async splitShard(name: string, shard: ShardOptions, options: SplitOptions = {}): Promise<void> {
    checkShardOptions(shard)
    checkOptions(options, "splitShard", ["signal", "onProgress", "at"])
    const { at } = options
    if (at !== undefined && (typeof at !== "string" || at === "" || !at.isWellFormed())) {
      throw invalid("The option at must be a well-formed string that is not empty.")
    }
    await this.#growing.split(name, shard, at, options)
  }

  async mergeShards(from: string, into: string, options: LongCallOptions = {}): Promise<void> {
    checkOptions(options, "mergeShards", ["signal", "onProgress"])
    await this.#growing.merge(from, into, options)
  }

  async resume(options: LongCallOptions = {}): Promise<void> {
    checkOptions(options, "resume", ["signal", "onProgress"])
    await this.#growing.resume(options)
  }

  async reopenShard(shard: ShardOptions): Promise<void> {
    checkShardOptions(shard)
    await this.#growing.reopen(shard)
  }
}
