import { TierdexError } from "../errors.ts"
import type { Cluster } from "./cluster.ts"
import { askAll, type Missing, renewing, type Scope, type Target } from "./scope.ts"
import type { ShardMap } from "./shard-map.ts"
import { within } from "./within.ts"

/** A set or stream may be used as long as it likes; its owner lets go of its views. */
const FOR_EVER_MS = 2 ** 31 - 1

/** Views of all shards, of one moment with regard to moves. */
export class ViewScope implements Scope {
  readonly map: ShardMap
  readonly missing: Missing | undefined
  readonly size: number
  readonly opening = undefined
  readonly #targets: ReadonlyMap<string, Target>
  readonly #check: () => void
  #isReleased = false

  constructor(
    map: ShardMap,
    targets: readonly Target[],
    size: number,
    missing: Missing | undefined,
    check: () => void,
  ) {
    this.map = map
    this.missing = missing
    this.size = size
    this.#targets = new Map(targets.map((target) => [target.shard.name, target]))
    this.#check = check
  }

  check(): void {
    this.#check()
  }

  /** Views stay with the map by which they were opened. */
  async renew(): Promise<void> {}

  target(name: string): Target {
    const target = this.#targets.get(name)
    if (target !== undefined) return target
    throw (
      this.missing?.get(name) ??
      new TierdexError("TIERDEX_SHARD_FAILED", `There is no view of shard ${JSON.stringify(name)}.`)
    )
  }

  /** Lets the shards go. A second call does nothing. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    for (const target of this.#targets.values()) releaseOf(target)
  }
}

/**
 * Opens views of all shards in one turn.
 * @param check throws when they are not to be used any more
 */
export async function openViews(
  cluster: Cluster,
  parent: Scope,
  ttlMs: number = FOR_EVER_MS,
  check: () => void = () => parent.check(),
): Promise<ViewScope> {
  return await renewing(parent, () => openOnce(cluster, parent, ttlMs, check))
}

async function openOnce(
  { timeoutMs }: Cluster,
  parent: Scope,
  ttlMs: number,
  check: () => void,
): Promise<ViewScope> {
  const opened: Target[] = []
  let map = parent.map
  let isGivenUp = false
  try {
    const sizes = await askAll(
      parent,
      async ({ shard }) => {
        const asked = shard.ask({ call: "view", ttlMs })
        asked.then((answer) => {
          const target = { shard, view: answer.view }
          // Another shard may have failed already, or time be over.
          if (isGivenUp) releaseOf(target)
          else opened.push(target)
        }, ignore)
        return (await within(asked, timeoutMs, undefined, shard.name)).size
      },
      (now) => {
        map = now
        return now.names
      },
    )
    const size = sizes.reduce((sum, { value }) => sum + value, 0)
    return new ViewScope(map, [...opened], size, parent.missing, check)
  } catch (error) {
    for (const target of opened) releaseOf(target)
    throw error
  } finally {
    isGivenUp = true
  }
}

function ignore(): void {}

function releaseOf({ shard, view }: Target): void {
  // A shard that is gone has no views either.
  if (view !== undefined) shard.ask({ call: "release", view }).catch(ignore)
}
