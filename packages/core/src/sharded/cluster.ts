import { randomUUID } from "node:crypto"
import { closedError } from "../engine/view.ts"
import { TierdexError } from "../errors.ts"
import type { FieldRules } from "../fields/field-options.ts"
import { FieldTable } from "../fields/field-table.ts"
import { Deletions } from "./deletions.ts"
import { Gate } from "./gate.ts"
import { Line } from "./line.ts"
import type { MapStore } from "./map-store.ts"
import { leastMark, numberOf } from "./marks.ts"
import { isShardFailure, named, type Shard } from "./shard.ts"
import type { ShardMap } from "./shard-map.ts"

/**
 * The shards of an index with their map, as one coordinator knows them. Whatever changes them goes
 * through the line, one after another.
 */
export class Cluster {
  /** Tells the numbers of this coordinator's fields from those of others. */
  readonly table: string = randomUUID()
  /** Numbers the fields of what is sent; shards have numbers of their own. */
  readonly fields: FieldTable
  readonly maps: MapStore
  /** Longest time that a question may take. */
  readonly timeoutMs: number
  /** Writes, in the order of their calls. */
  readonly line = new Line()
  /** Closed while records are in two shards at once. */
  readonly gate = new Gate()
  /** Steps of moves wait for them. */
  readonly deletions = new Deletions()
  /** Of the last write that was sent: shards share one count, which is the order of writing. */
  sequence = 0
  isClosed = false
  /** How many records there are, while they are in two shards at once. */
  heldSize: number | undefined
  /** Records that are in two shards, since a step of a move failed. */
  doubled = 0
  #map: ShardMap
  readonly #shards = new Map<string, Shard>()
  readonly #failures = new Map<string, unknown>()
  readonly #retiring = new Set<Shard>()

  constructor(map: ShardMap, maps: MapStore, rules: FieldRules, timeoutMs: number) {
    this.#map = map
    this.maps = maps
    this.timeoutMs = timeoutMs
    this.fields = new FieldTable(rules)
  }

  get map(): ShardMap {
    return this.#map
  }

  /** Goes by another map from now on, which is durable first. */
  async change(map: ShardMap): Promise<void> {
    await this.maps.save(map)
    this.#map = map
  }

  /** Another coordinator has changed the map. */
  async reload(): Promise<void> {
    const map = await this.maps.load()
    if (map !== undefined && map.epoch > this.#map.epoch) this.#map = map
  }

  /** Takes a shard into service. */
  join(shard: Shard): void {
    const { sequence, fields, mark } = shard.hello
    this.#shards.set(shard.name, shard)
    this.#failures.delete(shard.name)
    this.sequence = Math.max(this.sequence, sequence, numberOf(mark))
    for (const path of fields) this.fields.number(this.fields.nodeAt(path))
    this.fields.keep(this.fields.size)
  }

  /** A shard is out of service, until it joins again. */
  fail(name: string, error: unknown): void {
    this.#failures.set(name, outOfService(name, error))
  }

  /** A shard could not join, or is closed. */
  leave(name: string): void {
    this.#shards.delete(name)
    // Those that it has twice are not counted with it any more.
    this.doubled = 0
  }

  /** A shard has nothing any more: it closes once nobody reads what it had. */
  async retire(name: string): Promise<void> {
    const shard = this.shard(name)
    this.leave(name)
    this.#retiring.add(shard)
    await shard.rest()
    await shard.link.close()
    this.#retiring.delete(shard)
  }

  /** Closes all shards; all are, when the first failure is thrown. */
  async close(): Promise<void> {
    const shards = [...this.joined, ...this.#retiring]
    const closing = await Promise.allSettled(shards.map(({ link }) => link.close()))
    await this.maps.close()
    for (const each of closing) if (each.status === "rejected") throw each.reason
  }

  check(): void {
    if (this.isClosed) throw closedError("The index")
  }

  serves(name: string): boolean {
    return this.#shards.has(name) && !this.#failures.has(name)
  }

  /** @throws TIERDEX_SHARD_FAILED if it is out of service */
  shard(name: string): Shard {
    const failure = this.#failures.get(name)
    if (failure !== undefined) throw failure
    const shard = this.#shards.get(name)
    if (shard !== undefined) return shard
    throw new TierdexError("TIERDEX_SHARD_FAILED", `There is no shard ${JSON.stringify(name)}.`, {
      shard: name,
    })
  }

  /** All that are there, in service or not. */
  get joined(): Shard[] {
    return [...this.#shards.values()]
  }

  /** What all shards have reached, as they keep it; none, where it is not known of one. */
  get mark(): string {
    return leastMark(this.#map.names.map((name) => this.#shards.get(name)?.mark))
  }

  get size(): number {
    if (this.heldSize !== undefined) return this.heldSize
    return this.joined.reduce((sum, { link }) => sum + link.size, -this.doubled)
  }
}

/** An error that is a shard's own, whatever put it out of service. */
function outOfService(name: string, error: unknown): unknown {
  if (isShardFailure(error)) return named(name, error)
  const text = error instanceof Error ? error.message : String(error)
  const message = `It is out of service: ${text}`
  const details = { shard: name, cause: error }
  return named(name, new TierdexError("TIERDEX_SHARD_FAILED", message, details))
}
