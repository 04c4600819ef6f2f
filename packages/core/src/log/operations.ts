import { IdKey } from "../parts/id-key.ts"
import type { ByteReader } from "../rows/byte-reader.ts"
import type { ByteWriter } from "../rows/byte-writer.ts"

/**
 * The body of a log entry. Layout: varint number of new fields, their paths as strings; u8 whether
 * there is a mark, the mark as a string; then operations to the end: u8 type, f64 sequence if the
 * type says so, u32 bytes of the row, the id as a string, the row.
 */
export const OperationType = { put: 1, delete: 2 } as const

/** Added to the type of an operation that states its sequence. */
const SEQUENCED = 4

/**
 * Writes the head of an operation; its row follows, and then `endOperation`.
 * @param sequence undefined: the one after that of the operation before
 */
export function beginOperation(out: ByteWriter, type: number, sequence?: number): number {
  out.u8(sequence === undefined ? type : type + SEQUENCED)
  if (sequence !== undefined) out.f64(sequence)
  const at = out.length
  out.i32(0)
  return at
}

/** Notes the length of the row that was written since `rowStart`. */
export function endOperation(out: ByteWriter, at: number, rowStart: number): void {
  out.patchI32(at, out.length - rowStart)
}

export interface Operation {
  readonly type: number
  /** Undefined: the one after that of the operation before. */
  readonly sequence: number | undefined
  /** Lies in the entry. */
  readonly id: IdKey
  /** Where its id begins in the entry, as a string. */
  readonly idAt: number
  /** Where the row begins in the entry. */
  readonly row: number
  /** Where the operation begins and ends. */
  readonly from: number
  readonly to: number
}

/** The operation at the reader, which then stands behind it. */
export function readOperation(reader: ByteReader): Operation {
  const from = reader.position
  const stated = reader.u8()
  const isSequenced = stated > SEQUENCED
  const type = isSequenced ? stated - SEQUENCED : stated
  const sequence = isSequenced ? reader.f64() : undefined
  const rowBytes = reader.i32()
  const idAt = reader.position
  const idBytes = reader.varint()
  const start = reader.skip(idBytes)
  const id = new IdKey(reader.bytes, start, start + idBytes)
  const row = reader.skip(rowBytes)
  return { type, sequence, id, idAt, row, from, to: reader.position }
}

export interface BodyHead {
  readonly newFields: readonly string[]
  readonly mark: string | undefined
}

export function writeHead(out: ByteWriter, { newFields, mark }: BodyHead): void {
  out.varint(newFields.length)
  for (const path of newFields) out.string(path)
  out.u8(mark === undefined ? 0 : 1)
  if (mark !== undefined) out.string(mark)
}

export function readHead(reader: ByteReader): BodyHead {
  const newFields = Array.from({ length: reader.varint() }, () => reader.string())
  return { newFields, mark: reader.u8() === 1 ? reader.string() : undefined }
}
