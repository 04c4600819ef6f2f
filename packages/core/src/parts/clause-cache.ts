import { LRUCache } from "lru-cache"
import type { CachedPage, CacheFile } from "../cache/page-cache.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { Clauses } from "./part.ts"
import type { VidSet } from "./vid-set.ts"

/** Clauses that are remembered, each with how often it was asked for. */
const REMEMBERED = 64
/** What is asked for so many times is kept. */
const ENOUGH = 3

/**
 * The ordinals that clauses on one field of one segment select, kept if the same clause comes again
 * and again. A segment never changes, so they never go stale. Which to keep is decided as in Lucene
 * (`UsageTrackingQueryCachingPolicy`).
 */
export class ClauseCache implements Clauses {
  readonly #kept: CacheFile<KeptDocs>
  /** With the first clause that is worth it. */
  #clauses: LRUCache<string, Clause> | undefined
  #slots = 0

  constructor(kept: CacheFile<KeptDocs>) {
    this.#kept = kept
  }

  /** What a clause selects, if that is kept. */
  get(vids: VidSet): DocSet | undefined {
    const key = this.#clauses === undefined ? undefined : vids.key
    const clause = key === undefined ? undefined : this.#clauses?.get(key)
    if (clause === undefined || clause.uses < ENOUGH) return undefined
    const kept = this.#kept.get(clause.slot)
    if (kept !== undefined) return kept.docs
    // Others are asked for more often. It has to prove itself anew.
    clause.uses = 0
    return undefined
  }

  /** Notes that a clause was asked for; returns whether what it selects is to be kept. */
  note(vids: VidSet): boolean {
    const { key } = vids
    if (key === undefined) return false
    this.#clauses ??= new LRUCache({ max: REMEMBERED })
    const clause = this.#clauses.get(key) ?? { slot: this.#slots++, uses: 0 }
    this.#clauses.set(key, clause)
    return ++clause.uses >= ENOUGH
  }

  /** Keeps what a noted clause selects, dead or live. */
  keep(vids: VidSet, docs: DocSet): void {
    const { key } = vids
    const clause = key === undefined ? undefined : this.#clauses?.get(key)
    if (clause === undefined || this.#kept.add(clause.slot, new KeptDocs(docs))) return
    // It is larger than all that may be kept, and not worth another try.
    clause.uses = Number.NEGATIVE_INFINITY
  }
}

interface Clause {
  readonly slot: number
  uses: number
}

/** What a clause selects. */
export class KeptDocs implements CachedPage {
  readonly docs: DocSet

  constructor(docs: DocSet) {
    this.docs = docs
  }

  get byteLength(): number {
    return this.docs.byteLength
  }
}
