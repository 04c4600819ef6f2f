import type { Steps } from "../cache/steps.ts"
import { DocSet } from "../docset/doc-set.ts"
import { Kind, type Value } from "../values/kind.ts"
import { type Cut, includes, isBefore, type ValueSet } from "../values/value-set.ts"
import { ConstantRows, StoredColumnPage } from "./column-page.ts"
import type { ColumnPage, PartField, Walk, WalkBatch, Zone } from "./part.ts"
import { VidSet } from "./vid-set.ts"

const MISSING: Value = { kind: Kind.missing, payload: 0 }
const BATCH = 4096

/** A field that no record of a part has: its dictionary holds `missing` alone. */
export class AbsentField implements PartField {
  readonly distinct = 1
  readonly entries: number
  readonly isMulti = false
  readonly rowsPerPage: number

  constructor(size: number) {
    this.entries = size
    this.rowsPerPage = Math.max(1, size)
  }

  canonical(vid: number): number {
    return vid
  }

  compare(): number {
    return 0
  }

  order(): undefined {
    return undefined
  }

  *resolve(set: ValueSet): Steps<VidSet> {
    return includes(set, MISSING)
      ? VidSet.ofIntervals(Uint32Array.of(0, 1), 1, this.entries)
      : VidSet.ofIntervals(new Uint32Array(0), 1, 0)
  }

  get clauses(): undefined {
    return undefined
  }

  *docs(vids: VidSet, within = DocSet.all(this.entries)): Steps<DocSet> {
    return vids.isEmpty ? DocSet.none(this.entries) : within
  }

  *values(vids: Uint32Array): Steps<Value[]> {
    return Array.from(vids, () => MISSING)
  }

  *valueAt(): Steps<Value> {
    return MISSING
  }

  *counts(): Steps<Uint32Array> {
    return Uint32Array.of(this.entries)
  }

  *walk(from: Cut, to: Cut): Steps<Walk> {
    const isInside = isBefore(MISSING, to) && !isBefore(MISSING, from)
    return new OrdinalWalk(isInside ? this.entries : 0)
  }

  *column(): Steps<ColumnPage> {
    return this.columnInMemory()
  }

  columnInMemory(): ColumnPage {
    return new StoredColumnPage(new ConstantRows(0, this.entries, 0))
  }

  zoneInMemory(): Zone {
    return { min: 0, max: 0 }
  }

  *zone(): Steps<Zone> {
    return { min: 0, max: 0 }
  }
}

/** All ordinals in order, under the number 0. */
class OrdinalWalk implements Walk {
  readonly #end: number
  #at = 0

  constructor(end: number) {
    this.#end = end
  }

  *next(): Steps<WalkBatch | undefined> {
    const from = this.#at
    const count = Math.min(BATCH, this.#end - from)
    if (count === 0) return undefined
    this.#at += count
    const ordinals = Uint32Array.from({ length: count }, (_, i) => from + i)
    return { count, vids: new Uint32Array(count), ordinals }
  }
}
