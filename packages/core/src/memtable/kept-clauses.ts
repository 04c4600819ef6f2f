import { LRUCache } from "lru-cache"
import type { DocSet } from "../docset/doc-set.ts"
import type { Clauses } from "../parts/part.ts"
import type { VidSet } from "../parts/vid-set.ts"

/** Clauses that are remembered, each with how often it was asked for. */
const REMEMBERED = 64
/** What is asked for so many times is kept. */
const ENOUGH = 3

interface Clause {
  uses: number
  /** Dead or live, of the records that there were when it was last asked for. */
  docs: DocSet | undefined
}

/**
 * The ordinals that clauses on one field of a memtable select, kept if the same clause comes again
 * and again. Records never change, so what is kept only has to be continued when there are more.
 */
export class KeptClauses {
  readonly #clauses = new LRUCache<string, Clause>({
    max: REMEMBERED,
    dispose: ({ docs }) => {
      this.#byteLength -= docs?.byteLength ?? 0
    },
  })
  #byteLength = 0

  /** Bytes of what is kept. */
  get byteLength(): number {
    return this.#byteLength
  }

  get(key: string): DocSet | undefined {
    return this.#clauses.get(key)?.docs
  }

  /** Notes that a clause was asked for; returns whether what it selects is to be kept. */
  note(key: string): boolean {
    const clause = this.#clauses.get(key) ?? { uses: 0, docs: undefined }
    if (clause.uses === 0) this.#clauses.set(key, clause)
    return ++clause.uses >= ENOUGH
  }

  /**
   * Keeps what a noted clause selects.
   * @param maxBytes for which those that were not asked for longest make room
   */
  keep(key: string, docs: DocSet, maxBytes: number): void {
    const clause = this.#clauses.get(key)
    if (clause === undefined) return
    if (docs.byteLength > maxBytes) {
      // Not worth another try.
      clause.uses = Number.NEGATIVE_INFINITY
      return
    }
    this.#replace(clause, docs)
    for (const other of this.#clauses.rvalues()) {
      if (this.#byteLength <= maxBytes) return
      if (other === undefined || other === clause || other.docs === undefined) continue
      this.#replace(other, undefined)
      // It has to prove itself anew.
      other.uses = 0
    }
  }

  #replace(clause: Clause, docs: DocSet | undefined): void {
    this.#byteLength += (docs?.byteLength ?? 0) - (clause.docs?.byteLength ?? 0)
    clause.docs = docs
  }
}

/** How a query sees a field of a memtable that grows. */
export interface ClausesScope {
  /** Records that it sees. */
  readonly size: number
  /** Whether these are all: what older queries find is of no use to others. */
  isNewest(): boolean
  /** Bytes that may be kept. */
  maxBytes(): number
  /** What a clause selects of the records that the query sees, given what it selects of the first. */
  continued(docs: DocSet, vids: VidSet): DocSet
}

/** Kept clauses as a query sees them. */
export class ClausesView implements Clauses {
  readonly #kept: KeptClauses
  readonly #scope: ClausesScope

  constructor(kept: KeptClauses, scope: ClausesScope) {
    this.#kept = kept
    this.#scope = scope
  }

  get(vids: VidSet): DocSet | undefined {
    const { size } = this.#scope
    const { key } = vids
    if (key === undefined) return undefined
    const docs = this.#kept.get(key)
    if (docs === undefined || docs.universe > size) return undefined
    if (docs.universe === size) return docs
    const continued = this.#scope.continued(docs, vids)
    this.#kept.keep(key, continued, this.#scope.maxBytes())
    return continued
  }

  note({ key }: VidSet): boolean {
    return key !== undefined && this.#scope.isNewest() && this.#kept.note(key)
  }

  keep({ key }: VidSet, docs: DocSet): void {
    if (key === undefined || !this.#scope.isNewest()) return
    this.#kept.keep(key, docs, this.#scope.maxBytes())
  }
}
