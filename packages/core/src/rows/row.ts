import { Kind, type Value } from "../values/kind.ts"
import type { ByteReader } from "./byte-reader.ts"
import type { ByteWriter } from "./byte-writer.ts"

/**
 * A row is a record in bytes, as it goes to the log and from there into the memtable: for each
 * field a varint with its number plus 1, then its value; a 0 ends the row.
 *
 * A value is a tag and a payload. Tags 0 to 7 are kinds: a number or date has 8 bytes, a boolean 1,
 * a string a varint length and UTF-8; the others have none. Two tags more:
 */
export const RowTag = {
  /** A number that is an integer of 32 bits. */
  int32: 8,
  /** A varint length, then so many values that are no arrays. */
  array: 9,
} as const

export const ROW_END = 0

/** Tags by kind, so that a reader need not search. */
const KIND_OF_TAG = Object.values(Kind)

/** A field's value in a record: one value, or the elements of an array. */
export type FieldValue = Value | readonly Value[]

export function isArray(value: FieldValue): value is readonly Value[] {
  return Array.isArray(value)
}

/** Takes the values of rows one after another, without objects. */
export interface RowVisitor {
  /** A value with a numeric payload. */
  number(field: number, kind: Kind, payload: number): void
  /** A string: its UTF-8 bytes. */
  string(field: number, bytes: Uint8Array, from: number, to: number): void
  /** The next `length` values, if `number` and `string` say so, are elements of one array. */
  beginArray(field: number, length: number): void
  endArray(field: number): void
}

/** Reads one row and hands its values to a visitor. */
export function visitRow(reader: ByteReader, visitor: RowVisitor): void {
  for (let mark = reader.varint(); mark !== ROW_END; mark = reader.varint()) {
    const field = mark - 1
    const tag = reader.u8()
    if (tag !== RowTag.array) visitValue(reader, field, tag, visitor)
    else {
      const length = reader.varint()
      visitor.beginArray(field, length)
      for (let i = 0; i < length; i++) visitValue(reader, field, reader.u8(), visitor)
      visitor.endArray(field)
    }
  }
}

function visitValue(reader: ByteReader, field: number, tag: number, visitor: RowVisitor): void {
  switch (tag) {
    case Kind.string: {
      const length = reader.varint()
      const from = reader.skip(length)
      visitor.string(field, reader.bytes, from, from + length)
      return
    }
    case RowTag.int32:
      visitor.number(field, Kind.number, reader.i32())
      return
    case Kind.number:
    case Kind.date:
      visitor.number(field, tag, reader.f64())
      return
    case Kind.boolean:
      visitor.number(field, tag, reader.u8())
      return
    default: {
      const kind = KIND_OF_TAG[tag]
      if (kind === undefined) throw new RangeError(`There is no value with the tag ${tag}.`)
      visitor.number(field, kind, 0)
    }
  }
}

function writeValue(out: ByteWriter, { kind, payload }: Value): void {
  if (typeof payload !== "number") {
    out.u8(kind)
    out.varint(payload.length)
    out.raw(payload)
  } else writeNumber(out, kind, payload)
}

export function writeNumber(out: ByteWriter, kind: Kind, payload: number): void {
  if (kind === Kind.number && (payload | 0) === payload) {
    out.u8(RowTag.int32)
    out.i32(payload)
    return
  }
  out.u8(kind)
  if (kind === Kind.number || kind === Kind.date) out.f64(payload)
  else if (kind === Kind.boolean) out.u8(payload)
}

/** Writes one field of a row. */
export function writeField(out: ByteWriter, field: number, value: FieldValue): void {
  out.varint(field + 1)
  if (!isArray(value)) writeValue(out, value)
  else {
    out.u8(RowTag.array)
    out.varint(value.length)
    for (const element of value) writeValue(out, element)
  }
}

/** The fields of the row at the reader, by number; their string payloads are views. */
export function readRow(reader: ByteReader): Map<number, FieldValue> {
  const fields = new Map<number, FieldValue>()
  let array: Value[] | undefined
  const take = (field: number, value: Value) => {
    if (array !== undefined) array.push(value)
    else fields.set(field, value)
  }
  visitRow(reader, {
    number: (field, kind, payload) => take(field, { kind, payload }),
    string: (field, bytes, from, to) =>
      take(field, { kind: Kind.string, payload: bytes.subarray(from, to) }),
    beginArray: (field) => {
      array = []
      fields.set(field, array)
    },
    endArray: () => {
      array = undefined
    },
  })
  return fields
}
