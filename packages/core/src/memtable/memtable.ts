import { Buffer } from "node:buffer"
import type { IdKey } from "../parts/id-key.ts"
import { LiveSet } from "../parts/live-set.ts"
import type { ByteReader } from "../rows/byte-reader.ts"
import { type RowVisitor, visitRow } from "../rows/row.ts"
import type { Kind } from "../values/kind.ts"
import { ByteArena } from "./byte-arena.ts"
import { CellMemory } from "./cell-memory.ts"
import { MemoryField } from "./field.ts"
import type { MemtableImage } from "./frozen-memtable.ts"
import { GrowableF64, GrowableU32 } from "./growable.ts"
import { HashIndex } from "./hash-index.ts"
import { MemtableView } from "./view.ts"

/**
 * The mutable, newest part of an index. Records are appended and never changed; a rewritten or
 * deleted record leaves the live set. Columns and dictionaries are kept from the first record on,
 * postings and trees of a field from its first query on.
 */
export class Memtable implements RowVisitor {
  readonly live = new LiveSet(0)
  readonly arena = new ByteArena()
  readonly #cells = new CellMemory()
  readonly #fields: (MemoryField | undefined)[] = []
  readonly #ids = new GrowableF64()
  readonly #sequences = new GrowableF64()
  /** The newest version of each id. */
  readonly #byId = new HashIndex()
  /** Of each record, the version of the same id before it, plus 1. */
  readonly #previous = new GrowableU32()
  // The array that is being read.
  #array: Uint32Array | undefined
  #arrayLength = 0

  /** Records, dead ones included. */
  get size(): number {
    return this.#ids.length
  }

  /** Bytes of all it holds. Counts the fields, so not for every record. */
  get byteLength(): number {
    let bytes = this.arena.byteLength + this.#ids.byteLength + this.#sequences.byteLength
    bytes += this.#previous.byteLength
    for (const field of this.#fields) bytes += field?.byteLength ?? 0
    return bytes + this.#byId.byteLength + this.live.byteLength
  }

  /** The fields that some record has. */
  get fields(): number[] {
    return [...this.#fields.keys()].filter((field) => this.#fields[field] !== undefined)
  }

  field(field: number): MemoryField | undefined {
    return this.#fields[field]
  }

  /** Bytes of an id, as a view. */
  id(ordinal: number): Uint8Array {
    return this.arena.get(this.#ids.get(ordinal))
  }

  idText(ordinal: number): string {
    const id = this.id(ordinal)
    return Buffer.from(id.buffer, id.byteOffset, id.length).toString()
  }

  sequence(ordinal: number): number {
    return this.#sequences.get(ordinal)
  }

  /** The newest version with this id, dead or live, among the first `size` records, or -1. */
  find(id: IdKey, size: number): number {
    let ordinal = this.#newest(id)
    while (ordinal >= size) ordinal = this.#previous.get(ordinal) - 1
    return ordinal
  }

  #newest({ hash, source, from, to }: IdKey): number {
    let ordinal = this.#byId.first(hash)
    while (ordinal >= 0 && !this.arena.equals(this.#ids.get(ordinal), source, from, to)) {
      ordinal = this.#byId.next()
    }
    return ordinal
  }

  /**
   * Appends the record whose row is at the reader, in place of the one with this id, if any.
   * @param sequence greater than all before
   * @returns whether a live record was replaced
   */
  put(id: IdKey, row: ByteReader, sequence: number): boolean {
    const { hash, source, from, to } = id
    const previous = this.#newest(id)
    const ordinal = this.#ids.length
    const isReplaced = previous >= 0 && this.live.has(previous)
    if (isReplaced) this.live.kill(previous)
    // Versions of one record share the bytes of its id.
    this.#ids.push(previous >= 0 ? this.#ids.get(previous) : this.arena.add(source, from, to))
    this.#sequences.push(sequence)
    this.#previous.push(previous + 1)
    if (previous >= 0) this.#byId.replace(hash, previous, ordinal)
    else this.#byId.add(hash, ordinal)
    this.live.grow(ordinal + 1)
    visitRow(row, this)
    return isReplaced
  }

  /** Deletes the record with this id; returns whether it was there, live. */
  delete(id: IdKey): boolean {
    const ordinal = this.find(id, this.size)
    if (ordinal < 0 || !this.live.has(ordinal)) return false
    this.live.kill(ordinal)
    return true
  }

  /** All records, for another thread: nothing must be written here any more. */
  get image(): MemtableImage {
    return {
      arena: this.arena.chunks,
      ids: this.#ids.image,
      sequences: this.#sequences.image,
      fields: this.fields.flatMap((number) => {
        const field = this.#fields[number]
        if (field === undefined) return []
        const { dictionary, column } = field
        return [{ number, values: dictionary.image, column: column.image }]
      }),
    }
  }

  /** The records that there are now, for queries. */
  view(): MemtableView {
    return new MemtableView(this, this.size)
  }

  number(field: number, kind: Kind, payload: number): void {
    const own = this.#open(field)
    this.#take(own, own.dictionary.internNumber(kind, payload))
  }

  string(field: number, bytes: Uint8Array, from: number, to: number): void {
    const own = this.#open(field)
    this.#take(own, own.dictionary.internString(bytes, from, to))
  }

  beginArray(_field: number, length: number): void {
    this.#array = new Uint32Array(length)
    this.#arrayLength = 0
  }

  endArray(field: number): void {
    if (this.#array !== undefined) this.#open(field).setList(this.size - 1, this.#array)
    this.#array = undefined
  }

  #take(field: MemoryField, vid: number): void {
    if (this.#array === undefined) field.set(this.size - 1, vid)
    else this.#array[this.#arrayLength++] = vid
  }

  #open(field: number): MemoryField {
    const known = this.#fields[field]
    if (known !== undefined) return known
    const opened = new MemoryField(this.arena, this.#cells)
    this.#fields[field] = opened
    return opened
  }
}
