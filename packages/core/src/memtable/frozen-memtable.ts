import type { ValueRef } from "../values/value-ref.ts"
import { ByteArena } from "./byte-arena.ts"
import { CellMemory } from "./cell-memory.ts"
import { Column, type ColumnImage } from "./column.ts"
import { GrowableF64, type GrowableImage } from "./growable.ts"
import { ValueTable, type ValueTableImage } from "./value-table.ts"

/** What a memtable consists of: plain objects over shared memory, for another thread. */
export interface MemtableImage {
  readonly arena: readonly Uint8Array[]
  readonly ids: GrowableImage<Float64Array>
  readonly sequences: GrowableImage<Float64Array>
  readonly fields: readonly {
    readonly number: number
    readonly values: ValueTableImage
    readonly column: ColumnImage
  }[]
}

/** A field of a frozen memtable. */
export interface FrozenField {
  readonly number: number
  readonly values: ValueTable
  readonly column: Column
}

/** The records of a memtable that is not written to any more, as they go to a segment. */
export class FrozenMemtable {
  readonly arena: ByteArena
  readonly fields: readonly FrozenField[]
  readonly #ids: GrowableF64
  readonly #sequences: GrowableF64

  constructor({ arena, ids, sequences, fields }: MemtableImage) {
    this.arena = new ByteArena(arena)
    this.#ids = new GrowableF64(ids)
    this.#sequences = new GrowableF64(sequences)
    // Never asked for more.
    const cells = new CellMemory()
    this.fields = fields.map(({ number, values, column }) => ({
      number,
      values: new ValueTable(this.arena, values),
      column: new Column(cells, column),
    }))
  }

  /** Lets a reference look at an id. */
  lookAtId(ordinal: number, into: ValueRef): void {
    this.arena.look(this.#ids.get(ordinal), into)
  }

  /** Where the bytes of an id are in the arena. */
  idRef(ordinal: number): number {
    return this.#ids.get(ordinal)
  }

  sequence(ordinal: number): number {
    return this.#sequences.get(ordinal)
  }
}
