import type { MatchSet } from "../api/results.ts"
import { idKey } from "../engine/ids.ts"
import { checkIds } from "../engine/inputs.ts"
import type { Asking } from "../engine/questions.ts"
import { closedError } from "../engine/view.ts"
import type { FilterNode } from "../filter/node.ts"
import type { Cluster } from "./cluster.ts"
import { Opened } from "./opened.ts"
import { askAll, type Scope, type Target } from "./scope.ts"
import { isShardFailure } from "./shard.ts"
import type { ShardMap } from "./shard-map.ts"
import { openViews, ViewScope } from "./view-scope.ts"
import { ignore, within } from "./within.ts"

/** A set in each shard. */
interface OwnSet {
  readonly target: Target
  readonly set: number
  readonly size: number
}

/** Drops what was forgotten. */
const forgotten = new FinalizationRegistry<() => void>((drop) => drop())

/** The ids of what matched, read from views. */
export type IdsOf = (scope: Scope) => AsyncGenerator<readonly string[]>

/** What matches, as a set in each shard over views of one moment. */
export class ShardMatchSet implements MatchSet {
  readonly size: number
  readonly #cluster: Cluster
  readonly #parent: Scope
  readonly #scope: ViewScope
  readonly #idsOf: IdsOf
  readonly #sets: ReadonlyMap<string, OwnSet>
  readonly #drop: () => void
  #isClosed = false

  private constructor(
    cluster: Cluster,
    parent: Scope,
    scope: ViewScope,
    sets: readonly OwnSet[],
    idsOf: IdsOf,
  ) {
    this.#cluster = cluster
    this.#parent = parent
    this.#scope = scope
    this.#idsOf = idsOf
    this.#sets = new Map(sets.map((own) => [own.target.shard.name, own]))
    this.size = sets.reduce((sum, { size }) => sum + size, 0)
    this.#drop = () => {
      for (const own of sets) drop(own)
      // Those of a snapshot are its own.
      if (scope !== parent) scope.release()
    }
    forgotten.register(this, this.#drop, this)
  }

  static async of(
    cluster: Cluster,
    parent: Scope,
    filter: FilterNode,
    { signal }: Asking,
    idsOf: IdsOf,
  ): Promise<ShardMatchSet> {
    const asking = { timeoutMs: cluster.timeoutMs, signal }
    const scope = parent instanceof ViewScope ? parent : await openViews(parent, asking)
    const made = new Opened<OwnSet>(drop)
    try {
      await askAll(
        scope,
        async (target) => {
          const { shard, view } = target
          const asked = shard.ask({ call: "match", view, filter }, { signal })
          asked.then(({ set, size }) => made.add({ target, set, size }), ignore)
          await within(asked, asking, shard.name)
        },
        signal,
      )
      return new ShardMatchSet(cluster, parent, scope, made.keep(), idsOf)
    } catch (error) {
      made.release()
      if (scope !== parent) scope.release()
      throw error
    }
  }

  async hasMany(ids: readonly string[]): Promise<boolean[]> {
    this.#check()
    checkIds(ids)
    const wanted = byShard(this.#scope.map, ids)
    const found = new Array<boolean>(ids.length).fill(false)
    await Promise.all(
      Array.from(wanted, async ([name, places]) => {
        const own = places.map((place) => ids[place])
        const has = await this.#hasIn(name, own)
        for (const [i, place] of places.entries()) if (has[i]) found[place] = true
      }),
    )
    return found
  }

  async #hasIn(name: string, ids: readonly string[]): Promise<readonly boolean[]> {
    const own = this.#sets.get(name)
    if (own === undefined) return []
    const { missing } = this.#scope
    const { timeoutMs } = this.#cluster
    try {
      const answer = own.target.shard.ask({ call: "hasMany", set: own.set, ids })
      return await within(answer, { timeoutMs, signal: undefined }, name)
    } catch (error) {
      if (missing === undefined || !isShardFailure(error)) throw error
      missing.set(name, error)
      return []
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    this.#check()
    for await (const batch of this.#idsOf(this.#scope)) {
      for (const id of batch) {
        this.#check()
        yield id
      }
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    forgotten.unregister(this)
    this.#drop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #check(): void {
    if (this.#isClosed) throw closedError("The set")
    this.#parent.check()
  }
}

/** The places of ids, by the shards that may have them. */
function byShard(map: ShardMap, ids: readonly unknown[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [place, id] of ids.entries()) {
    for (const name of map.homesOf(idKey(id).bytes)) {
      const own = places.get(name)
      if (own === undefined) places.set(name, [place])
      else own.push(place)
    }
  }
  return places
}

function drop({ target, set }: OwnSet): void {
  target.shard.ask({ call: "drop", set }).catch(ignore)
}
