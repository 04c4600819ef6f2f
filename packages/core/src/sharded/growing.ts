import type { LongCallOptions } from "../api/read-options.ts"
import type { ShardOptions } from "../api/sharded-index.ts"
import { waitFor } from "../engine/wait-for.ts"
import { TierdexError, throwIfAborted } from "../errors.ts"
import type { ShardLink } from "./calls.ts"
import type { Cluster } from "./cluster.ts"
import { Line } from "./line.ts"
import { numberOf } from "./marks.ts"
import type { Mover } from "./mover.ts"
import { movesOfAll, movesOfHalf, movesToNew } from "./plan-moves.ts"
import type { Sender } from "./sender.ts"
import { Shard } from "./shard.ts"
import type { Move } from "./shard-map.ts"
import type { ShardedEngine } from "./sharded-engine.ts"
import { ignore } from "./within.ts"

/** Why a shard does not answer while it is opened again. */
const reopening = new TierdexError("TIERDEX_SHARD_FAILED", "It is being opened again.")

/** Ids by which the middle of a shard is found: to about 3% of its records. */
const SAMPLE = 1024

/** Adds, splits, merges and opens shards while reads and writes go on; one such call at a time. */
export class Growing {
  readonly #cluster: Cluster
  readonly #mover: Mover
  readonly #sender: Sender
  readonly #open: (shard: ShardOptions) => Promise<ShardLink>
  readonly #line = new Line()

  constructor(
    cluster: Cluster,
    { mover, sender }: ShardedEngine,
    open: (shard: ShardOptions) => Promise<ShardLink>,
  ) {
    this.#cluster = cluster
    this.#mover = mover
    this.#sender = sender
    this.#open = open
  }

  /** A new shard with its share of the records: of all slots, or half of the largest shard. */
  async add(added: ShardOptions, options: LongCallOptions): Promise<void> {
    const cluster = this.#cluster
    await this.#grow(options, async () => {
      await this.#addWith(added, async () => {
        const { map } = cluster
        if (map.data.by === "hash") return movesToNew(map, added.name)
        const sizes = map.names.map((name) => [name, cluster.shard(name).link.size] as const)
        const [largest] = sizes.reduce((most, each) => (each[1] > most[1] ? each : most))
        return await this.#half(largest, added.name, undefined)
      })
    })
  }

  async split(
    name: string,
    added: ShardOptions,
    at: string | undefined,
    options: LongCallOptions,
  ): Promise<void> {
    await this.#grow(options, async () => {
      await this.#addWith(added, () => this.#half(name, added.name, at))
    })
  }

  /** All records of a shard go to another, and the shard goes. */
  async merge(from: string, into: string, options: LongCallOptions): Promise<void> {
    const cluster = this.#cluster
    await this.#grow(options, async () => {
      this.#checkKnown(from)
      this.#checkKnown(into)
      if (from === into) throw invalid("A shard cannot be merged with itself.")
      const moves = movesOfAll(cluster.map, from, into)
      await cluster.line.run(async () => {
        if (moves.length === 0) await this.#keepMark(from)
        await cluster.change(cluster.map.growing({ moves, remove: from }))
      })
      // One that owns nothing has nothing to be moved.
      if (moves.length === 0) await waitFor(cluster.retire(from), options.signal)
    })
  }

  /** Completes what was aborted, failed or cut short by a crash. */
  async resume(options: LongCallOptions): Promise<void> {
    await this.#grow(options, async () => {})
  }

  /** Opens a shard again whose store failed or whose worker ended. */
  async reopen(options: ShardOptions): Promise<void> {
    const cluster = this.#cluster
    const { name } = options
    cluster.check()
    this.#checkKnown(name)
    const old = cluster.joined.find((known) => known.name === name)
    cluster.leave(name)
    cluster.fail(name, reopening)
    try {
      // It is given up for it does not work.
      await old?.giveUp().catch(ignore)
      const shard = await this.#openKnown(options)
      await cluster.line.run(() => this.#takeBack(shard))
    } catch (error) {
      cluster.fail(name, error)
      throw error
    }
  }

  async #openKnown(options: ShardOptions): Promise<Shard> {
    const link = await this.#open(options)
    try {
      const shard = await Shard.meet(options.name, link, () => this.#cluster.map.epoch)
      checkIdentity(this.#cluster, shard)
      return shard
    } catch (error) {
      await link.close().catch(ignore)
      throw error
    }
  }

  /** Takes a shard into service; whatever a step of a move left half done is completed first. */
  async #takeBack(shard: Shard): Promise<void> {
    const cluster = this.#cluster
    cluster.gate.close()
    try {
      cluster.check()
      this.#checkKnown(shard.name)
      cluster.join(shard)
      await this.#mover.recover()
    } catch (error) {
      cluster.leave(shard.name)
      await shard.link.close().catch(ignore)
      throw error
    } finally {
      cluster.gate.open()
    }
  }

  /** Plans moves after those that are left, and makes them. */
  async #grow(options: LongCallOptions, plan: () => Promise<void>): Promise<void> {
    this.#cluster.check()
    throwIfAborted(options.signal)
    await this.#line.run(async () => {
      this.#cluster.check()
      await this.#moveAll(options)
      await plan()
      await this.#moveAll(options)
    })
  }

  async #addWith(added: ShardOptions, plan: () => Promise<Move[]>): Promise<void> {
    const cluster = this.#cluster
    const { name } = added
    if (cluster.map.names.includes(name)) throw invalid(`There is a shard ${quoted(name)} already.`)
    const link = await this.#open(added)
    try {
      const shard = await Shard.meet(name, link, () => cluster.map.epoch)
      checkEmpty(cluster, shard)
      const moves = await plan()
      await cluster.line.run(async () => {
        await this.#giveMark(shard)
        cluster.join(shard)
        const entry = { name, index: shard.hello.index }
        await cluster.change(cluster.map.growing({ moves }, entry))
      })
    } catch (error) {
      cluster.leave(name)
      await link.close().catch(ignore)
      throw error
    }
  }

  /** What all shards have reached, a new one has reached as well. */
  async #giveMark(shard: Shard): Promise<void> {
    const cluster = this.#cluster
    const known = cluster.map.names.map((name) => cluster.shard(name))
    // Behind the marks that are on their way.
    await Promise.all(known.map((each) => each.ask({ call: "present", ids: [] })))
    await this.#sender.marks([shard], cluster.mark)
    await this.#mover.sync([shard])
  }

  /** What a shard that goes had not reached, the others have not reached either. */
  async #keepMark(gone: string): Promise<void> {
    const cluster = this.#cluster
    const { mark } = cluster
    const ahead = cluster.joined.filter((shard) => shard.name !== gone && shard.mark !== mark)
    if (numberOf(cluster.shard(gone).mark) >= leastNumber(ahead)) return
    await this.#sender.marks(ahead, mark)
    await this.#mover.sync(ahead)
  }

  async #half(from: string, to: string, at: string | undefined): Promise<Move[]> {
    this.#checkKnown(from)
    const { map } = this.#cluster
    const isSampled = at === undefined && map.data.by === "range"
    const sample = isSampled
      ? await this.#cluster.shard(from).ask({ call: "sample", count: SAMPLE })
      : []
    return movesOfHalf(map, from, to, at, sample)
  }

  async #moveAll({ signal, onProgress }: LongCallOptions): Promise<void> {
    const cluster = this.#cluster
    let done = 0
    for (;;) {
      const { move, data } = cluster.map
      if (move === undefined) return
      await this.#mover.drain(move, (ids) => {
        done += ids
        onProgress?.({ done, total: undefined, unit: "records" })
        throwIfAborted(signal)
      })
      const { growth } = data
      const gone = growth?.moves.length === 1 ? growth.remove : undefined
      await cluster.line.run(async () => {
        if (gone !== undefined) await this.#keepMark(gone)
        await this.#mover.end(move)
      })
      if (gone !== undefined) await waitFor(cluster.retire(gone), signal)
    }
  }

  #checkKnown(name: string): void {
    if (this.#cluster.map.names.includes(name)) return
    throw invalid(`There is no shard ${quoted(name)}.`)
  }
}

/** @throws TIERDEX_INVALID_OPTION if a shard is not the one that the map names */
export function checkIdentity({ map }: Cluster, { name, hello }: Shard): void {
  const entry = map.data.shards.find((known) => known.name === name)
  if (entry?.index === hello.index) return
  throw invalid(
    `The store of shard ${quoted(name)} is not the one that it had: it is empty, or another's.`,
  )
}

/** @throws TIERDEX_INVALID_OPTION if a new shard is not empty, or another's */
export function checkEmpty({ map }: Cluster, { name, link, hello }: Shard): void {
  const isKnown = map.data.shards.some(({ index }) => index === hello.index)
  if (link.size === 0 && !isKnown) return
  throw invalid(`The store of the new shard ${quoted(name)} holds an index. Give it an empty one.`)
}

function leastNumber(shards: readonly Shard[]): number {
  return Math.min(...shards.map(({ mark }) => numberOf(mark)))
}

export function invalid(message: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", message)
}

export function quoted(name: string): string {
  return JSON.stringify(name)
}
