import { isSliceOver, type Steps } from "../cache/steps.ts"
import { beginOperation, endOperation, OperationType, readOperation } from "../log/operations.ts"
import { HashIndex } from "../memtable/hash-index.ts"
import type { IdKey } from "../parts/id-key.ts"
import type { Part } from "../parts/part.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import type { ByteWriter } from "../rows/byte-writer.ts"
import { ROW_END, readRow, writeField } from "../rows/row.ts"
import type { LiveSet } from "../segment/live-set.ts"
import type { PendingOps, PendingUpdate } from "./pending.ts"
import { applyPatch, isSameRecord, type RecordFields, readRecord } from "./records.ts"
import type { State } from "./state.ts"

/** Where the current version of a record is. */
export interface Place {
  readonly part: Part
  readonly live: LiveSet
  readonly ordinal: number
}

/** The current version of a record, live, or undefined. */
export function* locate(state: State, id: IdKey): Steps<Place | undefined> {
  const known = locateInMemory(state, id)
  return known === "elsewhere" ? yield* locateInSegments(state, id) : known
}

function* locateInSegments(state: State, id: IdKey): Steps<Place | undefined> {
  for (let i = state.segments.length - 1; i >= 0; i--) {
    const { segment, live } = state.segments[i]
    if (!segment.mayHold(id)) continue
    const ordinal = yield* segment.find(id)
    if (ordinal !== undefined && live.has(ordinal)) return { part: segment, live, ordinal }
  }
  return undefined
}

/** The same as far as memtables, and what is in memory of segments, tell. */
function locateInMemory(state: State, id: IdKey): Place | "elsewhere" | undefined {
  for (const memtable of [state.active, state.frozen]) {
    if (memtable === undefined) continue
    const ordinal = memtable.find(id, memtable.size)
    if (ordinal < 0) continue
    // The newest version decides: if it is dead, so is the record.
    if (!memtable.live.has(ordinal)) return undefined
    return { part: memtable.view(), live: memtable.live, ordinal }
  }
  return state.segments.some(({ segment }) => segment.mayHold(id)) ? "elsewhere" : undefined
}

/** A put or delete that needs no condition any more. */
export interface ResolvedOperation {
  readonly id: IdKey
  /** Where its row begins in `GroupResolver.out`; -1 for a delete. */
  readonly row: number
  /** The version that it replaces or deletes, if that was there before the group. */
  readonly place: Place | undefined
}

/**
 * Decides what a group of writes does: finds the versions that they replace, leaves out what
 * changes nothing, and turns updates into puts. What remains needs no condition and has one
 * meaning, now and when the log is replayed.
 */
export class GroupResolver {
  /** The operations that remain are appended, as in the log. */
  readonly out: ByteWriter
  readonly operations: ResolvedOperation[] = []
  readonly #state: State
  /** The last operation of this group on each id. */
  readonly #latest = new HashIndex()

  constructor(state: State, out: ByteWriter) {
    this.#state = state
    this.out = out
  }

  /** Returns how many of the operations found a record. */
  *ops(request: PendingOps): Steps<number> {
    const { bytes, count, expected } = request
    const reader = new ByteReader(bytes)
    let found = 0
    for (let index = 0; index < count; index++) {
      if (isSliceOver()) yield
      const { type, id, row, from, to } = readOperation(reader)
      const wanted = expected?.[index] ?? -1
      const isDelete = type === OperationType.delete
      const latest = this.#latestOn(id)
      let place = latest === undefined ? locateInMemory(this.#state, id) : undefined
      // Most new ids are found out without a pause, and a generator costs more than the look.
      if (place === "elsewhere") place = yield* locateInSegments(this.#state, id)
      const exists = latest === undefined ? place !== undefined : latest.row >= 0
      if (exists) found++
      if (isDelete && !exists) continue
      if (wanted >= 0 && !(yield* isVersion(place, wanted))) {
        found--
        continue
      }
      if (!isDelete && exists) {
        const old = yield* this.#current(latest, place)
        if (isSameRecord(old, readRow(new ByteReader(bytes, row)))) continue
      }
      const start = this.out.length
      this.out.raw(bytes.subarray(from, to))
      this.#add({ id, row: isDelete ? -1 : start + (row - from), place })
    }
    return found
  }

  /** Returns whether there is such a record. */
  *update({ key, patch }: PendingUpdate): Steps<boolean> {
    const latest = this.#latestOn(key)
    const place = latest === undefined ? yield* locate(this.#state, key) : undefined
    if (latest === undefined ? place === undefined : latest.row < 0) return false
    const old = yield* this.#current(latest, place)
    const patched = applyPatch(old, patch, this.#state.fields)
    if (isSameRecord(old, patched)) return true
    const { out } = this
    const head = beginOperation(out, OperationType.put)
    out.varint(key.bytes.length)
    out.raw(key.bytes)
    const row = out.length
    for (const [field, value] of patched) writeField(out, field, value)
    out.u8(ROW_END)
    endOperation(out, head, row)
    this.#add({ id: key, row, place })
    return true
  }

  #latestOn(id: IdKey): ResolvedOperation | undefined {
    return this.operations[this.#findLatest(id)]
  }

  #findLatest(id: IdKey): number {
    let entry = this.#latest.first(id.hash)
    while (entry >= 0 && !this.operations[entry].id.equals(id)) entry = this.#latest.next()
    return entry
  }

  #add(operation: ResolvedOperation): void {
    const { id } = operation
    const previous = this.#findLatest(id)
    const entry = this.operations.push(operation) - 1
    if (previous >= 0) this.#latest.replace(id.hash, previous, entry)
    else this.#latest.add(id.hash, entry)
  }

  *#current(latest: ResolvedOperation | undefined, place: Place | undefined): Steps<RecordFields> {
    if (latest !== undefined) return readRow(new ByteReader(this.out.bytes, latest.row))
    if (place === undefined) return new Map()
    return yield* readRecord(place.part, place.ordinal, this.#state.fields)
  }
}

function* isVersion(place: Place | undefined, sequence: number): Steps<boolean> {
  return place !== undefined && (yield* place.part.sequence(place.ordinal)) === sequence
}
