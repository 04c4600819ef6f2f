import type { Asking } from "../engine/questions.ts"
import { TierdexError } from "../errors.ts"
import { Opened } from "./opened.ts"
import { askAll, type Missing, renewing, type Scope, type Target } from "./scope.ts"
import type { ShardMap } from "./shard-map.ts"
import { ignore, within } from "./within.ts"

/** A set or stream may be used as long as it likes; its owner lets go of its views. */
const FOR_EVER_MS = 2 ** 31 - 1

/** Views of all shards, of one moment with regard to moves. */
export class ViewScope implements Scope {
  readonly map: ShardMap
  readonly missing: Missing | undefined
  readonly timeoutMs: number
  readonly opening = undefined
  readonly #size: number
  readonly #targets: ReadonlyMap<string, Target>
  readonly #check: () => void
  #isReleased = false

  constructor(
    map: ShardMap,
    targets: readonly Target[],
    size: number,
    { missing, timeoutMs }: Scope,
    check: () => void,
  ) {
    this.map = map
    this.missing = missing
    this.timeoutMs = timeoutMs
    this.#size = size
    this.#targets = new Map(targets.map((target) => [target.shard.name, target]))
    this.#check = check
  }

  get size(): number {
    this.check()
    return this.#size
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
  parent: Scope,
  { signal }: Asking,
  ttlMs: number = FOR_EVER_MS,
  check: () => void = () => parent.check(),
): Promise<ViewScope> {
  return await renewing(parent, () => openOnce(parent, signal, ttlMs, check))
}

async function openOnce(
  parent: Scope,
  signal: AbortSignal | undefined,
  ttlMs: number,
  check: () => void,
): Promise<ViewScope> {
  const { timeoutMs } = parent
  const opened = new Opened<Target>(releaseOf)
  let map = parent.map
  try {
    const sizes = await askAll(
      parent,
      async ({ shard }) => {
        const asked = shard.ask({ call: "view", ttlMs })
        asked.then(({ view }) => opened.add({ shard, view }), ignore)
        return (await within(asked, { timeoutMs, signal }, shard.name)).size
      },
      signal,
      (now) => {
        map = now
        return now.names
      },
    )
    const size = sizes.reduce((sum, { value }) => sum + value, 0)
    return new ViewScope(map, opened.keep(), size, parent, check)
  } catch (error) {
    opened.release()
    throw error
  }
}

function releaseOf({ shard, view }: Target): void {
  // A shard that is gone has no views either.
  if (view !== undefined) shard.ask({ call: "release", view }).catch(ignore)
}
