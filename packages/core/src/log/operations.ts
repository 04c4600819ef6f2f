import { IdKey } from "../parts/id-key.ts"
import type { ByteReader } from "../rows/byte-reader.ts"
import type { ByteWriter } from "../rows/byte-writer.ts"

/**
 * The body of a log entry. Layout: varint number of new fields, their paths as strings; u8 whether
 * there is a mark, the mark as a string; then operations to the end: u8 type, u32 bytes of the
 * row, the id as a string, the row.
 */
export const OperationType = { put: 1, delete: 2 } as const

/** Writes the head of an operation; its row follows, and then `endOperation`. */
export function beginOperation(out: ByteWriter, type: number): number {
  out.u8(type)
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
  /** Lies in the entry. */
  readonly id: IdKey
  /** Where the row begins in the entry. */
  readonly row: number
  /** Where the operation begins and ends. */
  readonly from: number
  readonly to: number
}

/** The operation at the reader, which then stands behind it. */
export function readOperation(reader: ByteReader): Operation {
  const from = reader.position
  const type = reader.u8()
  const rowBytes = reader.i32()
  const idBytes = reader.varint()
  const idAt = reader.skip(idBytes)
  const id = new IdKey(reader.bytes, idAt, idAt + idBytes)
  const row = reader.skip(rowBytes)
  return { type, id, row, from, to: reader.position }
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
