import type { Steps } from "../cache/steps.ts"
import { AbsentField } from "../parts/absent-field.ts"
import type { IdKey } from "../parts/id-key.ts"
import type { Part, PartField } from "../parts/part.ts"
import { MemoryFieldView } from "./field-view.ts"
import type { Memtable } from "./memtable.ts"

/** The records that a memtable had at some moment, as a part. */
export class MemtableView implements Part {
  readonly segmentNumber = undefined
  readonly memtable: Memtable
  readonly size: number

  constructor(memtable: Memtable, size: number) {
    this.memtable = memtable
    this.size = size
  }

  *field(field: number): Steps<PartField> {
    const own = this.memtable.field(field)
    if (own === undefined) return new AbsentField(this.size)
    return new MemoryFieldView(own, this.size, () => this.memtable.size)
  }

  *ids(ordinals: Uint32Array): Steps<string[]> {
    return Array.from(ordinals, (ordinal) => this.memtable.idText(ordinal))
  }

  *find(id: IdKey): Steps<number | undefined> {
    const ordinal = this.memtable.find(id, this.size)
    return ordinal < 0 ? undefined : ordinal
  }

  *sequence(ordinal: number): Steps<number> {
    return this.memtable.sequence(ordinal)
  }

  *after(sequence: number): Steps<number> {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.memtable.sequence(middle) <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
