import { LRUCache } from "lru-cache"
import type { CachedPage } from "../cache/page-cache.ts"
import type { DocSet } from "../docset/doc-set.ts"
import { fileNumber, type PageSource } from "../pages/page-file.ts"
import type { VidSet } from "./vid-set.ts"

/** Clauses that are remembered, each with how often it was asked for. */
const REMEMBERED = 64
/** What is asked for so many times is kept. */
const ENOUGH = 3

/** Clauses of more intervals are not kept: each is seldom asked for twice. */
const MAX_INTERVALS = 8

/**
 * The ordinals that clauses on one field of one segment select, kept in the hot cache if the same
 * clause comes again and again; there they are evicted as pages are. A segment never changes, so
 * they never go stale. Which to keep is decided as in Lucene (`UsageTrackingQueryCachingPolicy`).
 */
export class ClauseCache {
  readonly #source: PageSource
  /** With the first clause that is worth it. */
  #clauses: LRUCache<string, Clause> | undefined
  #number = 0
  #slots = 0

  constructor(source: PageSource) {
    this.#source = source
  }

  /** What a clause selects, if that is kept. */
  get(vids: VidSet): DocSet | undefined {
    const clause = this.#clauses?.get(keyOf(vids))
    if (clause === undefined || clause.uses < ENOUGH) return undefined
    const kept = this.#source.cache.get(this.#number + clause.slot)
    return kept instanceof KeptDocs ? kept.docs : undefined
  }

  /** Notes that a clause was asked for; returns whether what it selects is to be kept. */
  note(vids: VidSet): boolean {
    if (vids.intervals.length > 2 * MAX_INTERVALS) return false
    if (this.#clauses === undefined) {
      this.#clauses = new LRUCache({ max: REMEMBERED })
      this.#number = fileNumber(this.#source)
    }
    const key = keyOf(vids)
    const clause = this.#clauses.get(key) ?? { slot: this.#slots++, uses: 0 }
    this.#clauses.set(key, clause)
    return ++clause.uses >= ENOUGH
  }

  /** Keeps what a noted clause selects, dead or live. */
  keep(vids: VidSet, docs: DocSet): void {
    const clause = this.#clauses?.get(keyOf(vids))
    if (clause !== undefined) this.#source.cache.add(this.#number + clause.slot, new KeptDocs(docs))
  }
}

interface Clause {
  readonly slot: number
  uses: number
}

class KeptDocs implements CachedPage {
  readonly docs: DocSet

  constructor(docs: DocSet) {
    this.docs = docs
  }

  get byteLength(): number {
    return this.docs.byteLength
  }
}

function keyOf({ intervals }: VidSet): string {
  return intervals.length > 2 * MAX_INTERVALS ? "" : intervals.join()
}
