import { isSliceOver, type Steps } from "../cache/steps.ts"
import type { FieldClaim } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import {
  beginOperation,
  endOperation,
  type Operation,
  OperationType,
  readOperation,
} from "../log/operations.ts"
import { HashIndex } from "../memtable/hash-index.ts"
import type { IdKey } from "../parts/id-key.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import type { ByteWriter } from "../rows/byte-writer.ts"
import { ROW_END, readRow, writeField } from "../rows/row.ts"
import { locate, locateInSegments, locateMany, MAX_IDS, type Place } from "./locate.ts"
import type { PendingOps, PendingUpdate } from "./pending.ts"
import {
  applyPatch,
  isSameRecord,
  type RecordFields,
  type RecordPatch,
  readRecord,
} from "./records.ts"
import type { State } from "./state.ts"

/** A put or delete that needs no condition any more. */
export interface ResolvedOperation {
  readonly id: IdKey
  readonly sequence: number
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
  /** Of the last operation that remains. */
  lastSequence: number
  /** Fields that updates have. */
  readonly claim: FieldClaim
  readonly #state: State
  /** The last operation of this group on each id. */
  readonly #latest = new HashIndex()

  constructor(state: State, out: ByteWriter) {
    this.#state = state
    this.out = out
    this.claim = state.fields.claim()
    this.lastSequence = state.sequence
  }

  /** Returns how many of the operations found a record. */
  *ops({ bytes, count, expected, sequences }: PendingOps): Steps<number> {
    const reader = new ByteReader(bytes)
    let found = 0
    for (let first = 0; first < count; first += MAX_IDS) {
      const operations = Array.from({ length: Math.min(MAX_IDS, count - first) }, () =>
        readOperation(reader),
      )
      const places = locateMany(
        this.#state,
        operations.map(({ id }) => id),
      )
      for (const [i, operation] of operations.entries()) {
        if (isSliceOver()) yield
        const version = expected?.[first + i] ?? -1
        const wanted = sequences?.[first + i]
        if (yield* this.#op(operation, bytes, places[i], version, wanted)) found++
      }
    }
    return found
  }

  /** Returns whether it found a record. */
  *#op(
    { type, id, idAt, row, to }: Operation,
    bytes: Uint8Array,
    known: Place | "in segments" | undefined,
    version: number,
    wanted: number | undefined,
  ): Steps<boolean> {
    const isDelete = type === OperationType.delete
    const latest = this.#latestOn(id)
    let place: Place | undefined
    if (latest === undefined) {
      place = known === "in segments" ? yield* locateInSegments(this.#state, id) : known
    }
    const exists = latest === undefined ? place !== undefined : latest.row >= 0
    if (isDelete && !exists) return false
    if (version >= 0 && !(yield* isVersion(place, version))) return false
    if (!isDelete && exists) {
      const old = yield* this.#current(latest, place)
      if (this.#isInVain(old, readRow(new ByteReader(bytes, row)))) return true
    }
    const { out } = this
    const sequence = this.#next(wanted)
    const head = beginOperation(out, type, wanted === undefined ? undefined : sequence)
    const start = out.length
    out.raw(bytes.subarray(idAt, to))
    const rowStart = start + (row - idAt)
    endOperation(out, head, rowStart)
    this.#add({ id, sequence, row: isDelete ? -1 : rowStart, place })
    return exists
  }

  /**
   * Returns whether there is such a record.
   * @throws TIERDEX_INVALID_VALUE if the index cannot have its new fields; nothing has changed then
   */
  *update({ key, patch, skipped, sequence: wanted }: PendingUpdate): Steps<boolean> {
    const latest = this.#latestOn(key)
    const place = latest === undefined ? yield* locate(this.#state, key) : undefined
    if (latest === undefined ? place === undefined : latest.row < 0) return false
    const old = yield* this.#current(latest, place)
    const patched = this.#patched(old, patch, skipped)
    if (this.#isInVain(old, patched)) return true
    const { out } = this
    const sequence = this.#next(wanted)
    const head = beginOperation(out, OperationType.put, wanted === undefined ? undefined : sequence)
    out.varint(key.bytes.length)
    out.raw(key.bytes)
    const row = out.length
    for (const [field, value] of patched) writeField(out, field, value)
    out.u8(ROW_END)
    endOperation(out, head, row)
    this.#add({ id: key, sequence, row, place })
    return true
  }

  #patched(old: RecordFields, patch: RecordPatch, skipped: SkippedPaths): RecordFields {
    const { fields } = this.#state
    const known = fields.size
    try {
      const patched = applyPatch(old, patch, fields, skipped)
      this.claim.end = Math.max(this.claim.end, ...[...patched.keys()].map((field) => field + 1))
      return patched
    } catch (error) {
      fields.truncate(known)
      throw error
    }
  }

  /**
   * Whether a write would change nothing. While `deleteMany` goes on, a record that was written
   * meanwhile is a new version whatever is in it, so that it stays.
   */
  #isInVain(old: RecordFields, written: RecordFields): boolean {
    return this.#state.deletions === 0 && isSameRecord(old, written)
  }

  /** The sequence of the next operation. */
  #next(wanted = 0): number {
    this.lastSequence = Math.max(this.lastSequence + 1, wanted)
    return this.lastSequence
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
