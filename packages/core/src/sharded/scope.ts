import { codeOf, throwIfAborted } from "../errors.ts"
import type { Cluster } from "./cluster.ts"
import { isShardFailure, type Shard } from "./shard.ts"
import type { ShardMap } from "./shard-map.ts"
import { within } from "./within.ts"

/** A shard, and which of its views is asked; undefined: now. */
export interface Target {
  readonly shard: Shard
  readonly view: number | undefined
}

/** Shards that did not answer, by name, with the reason. */
export type Missing = Map<string, unknown>

/** Which shards are asked, and about which moment. */
export interface Scope {
  readonly size: number
  /** Shards that fail are noted here and left out; undefined: their errors are thrown. */
  readonly missing: Missing | undefined
  /** @throws TIERDEX_CLOSED, TIERDEX_SNAPSHOT_EXPIRED */
  check(): void
  /** Longest time that a question may take. */
  readonly timeoutMs: number
  /** What to wait for before asking; undefined: nothing. */
  readonly opening: Promise<void> | undefined
  readonly map: ShardMap
  /** Goes by the newest map there is. */
  renew(): Promise<void>
  /** @throws TIERDEX_SHARD_FAILED */
  target(name: string): Target
}

/** All shards as they are now. */
export class NowScope implements Scope {
  readonly missing: Missing | undefined
  readonly #cluster: Cluster

  constructor(cluster: Cluster, missing?: Missing) {
    this.#cluster = cluster
    this.missing = missing
  }

  get size(): number {
    this.check()
    return this.#cluster.size
  }

  check(): void {
    this.#cluster.check()
  }

  get timeoutMs(): number {
    return this.#cluster.timeoutMs
  }

  get opening(): Promise<void> | undefined {
    return this.#cluster.gate.opening
  }

  get map(): ShardMap {
    return this.#cluster.map
  }

  async renew(): Promise<void> {
    await this.#cluster.reload()
  }

  target(name: string): Target {
    return { shard: this.#cluster.shard(name), view: undefined }
  }
}

/** Asks, and once more by a newer map if a shard has heard of one. */
export async function renewing<R>(scope: Scope, ask: () => Promise<R>): Promise<R> {
  try {
    return await ask()
  } catch (error) {
    if (codeOf(error) !== "TIERDEX_STALE_MAP") throw error
    await scope.renew()
    return await ask()
  }
}

export interface Asked<R> {
  readonly target: Target
  readonly value: R
}

/**
 * Asks shards, all in the same turn, so that a step of a move comes before all of them or after.
 * @param names undefined: all
 */
export async function askAll<R>(
  scope: Scope,
  ask: (target: Target) => Promise<R>,
  signal: AbortSignal | undefined,
  namesIn: (map: ShardMap) => readonly string[] = (map) => map.names,
): Promise<Asked<R>[]> {
  throwIfAborted(signal)
  scope.check()
  const { timeoutMs } = scope
  for (let opening = scope.opening; opening !== undefined; opening = scope.opening) {
    await within(opening, { timeoutMs, signal }, undefined)
    scope.check()
  }
  const asked = namesIn(scope.map).map(async (name): Promise<Asked<R> | undefined> => {
    try {
      const target = scope.target(name)
      return { target, value: await ask(target) }
    } catch (error) {
      if (scope.missing === undefined || !isShardFailure(error)) throw error
      scope.missing.set(name, error)
      return undefined
    }
  })
  return (await Promise.all(asked)).filter((answer) => answer !== undefined)
}
