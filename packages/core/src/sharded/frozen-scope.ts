import { expiredError } from "../engine/snapshot.ts"
import { closedError } from "../engine/view.ts"
import type { Cluster } from "./cluster.ts"
import type { Scope } from "./scope.ts"
import { openViews, type ViewScope } from "./view-scope.ts"

/** Shards end a view by themselves only if nobody else has, so much later. */
const GRACE_MS = 60_000
const MAX_TTL_MS = 2 ** 31 - 1

/** Views of all shards for a snapshot, until it is closed or expires. */
export class FrozenScope {
  #views: ViewScope | undefined
  #state: "open" | "closed" | "expired" = "open"
  #timer: NodeJS.Timeout | undefined

  private constructor() {}

  static async open(cluster: Cluster, parent: Scope, ttlMs: number): Promise<FrozenScope> {
    const frozen = new FrozenScope()
    const check = () => {
      parent.check()
      frozen.#check()
    }
    const shardTtlMs = Math.min(MAX_TTL_MS, ttlMs + GRACE_MS)
    frozen.#views = await openViews(cluster, parent, shardTtlMs, check)
    frozen.#timer = setTimeout(() => frozen.end("expired"), ttlMs)
    // A forgotten snapshot must not keep the process alive.
    frozen.#timer.unref()
    return frozen
  }

  get views(): ViewScope {
    if (this.#views === undefined) throw new TypeError("The views are not open yet.")
    return this.#views
  }

  end(state: "closed" | "expired"): void {
    if (this.#state !== "open") return
    clearTimeout(this.#timer)
    this.#state = state
    this.#views?.release()
  }

  #check(): void {
    if (this.#state === "closed") throw closedError("The snapshot")
    if (this.#state === "expired") throw expiredError()
  }
}
