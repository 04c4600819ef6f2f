import { expiredError } from "../engine/snapshot.ts"
import { closedError } from "../engine/view.ts"
import type { Scope } from "./scope.ts"
import { openViews, type ViewScope } from "./view-scope.ts"

/** Shards end a view by themselves only if nobody else has, so much later. */
const GRACE_MS = 60_000
const MAX_TTL_MS = 2 ** 31 - 1

/** Views of all shards for a snapshot. */
export interface FrozenScope {
  readonly views: ViewScope
  /** Lets go of them. A second call does nothing. */
  close(): void
}

/** Opens views that end by themselves after `ttlMs`. */
export async function freeze(parent: Scope, ttlMs: number): Promise<FrozenScope> {
  let state: "open" | "closed" | "expired" = "open"
  const check = () => {
    parent.check()
    if (state === "closed") throw closedError("The snapshot")
    if (state === "expired") throw expiredError()
  }
  const shardTtlMs = Math.min(MAX_TTL_MS, ttlMs + GRACE_MS)
  const views = await openViews(parent, { signal: undefined }, shardTtlMs, check)
  const end = (as: "closed" | "expired") => {
    if (state !== "open") return
    state = as
    clearTimeout(timer)
    views.release()
  }
  const timer = setTimeout(() => end("expired"), ttlMs)
  // A forgotten snapshot must not keep the process alive.
  timer.unref()
  return { views, close: () => end("closed") }
}
