import { TierdexError } from "../errors.ts"
import { covers } from "../fields/field-options.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import { RowEncoder } from "../rows/encode.ts"
import { readRow } from "../rows/row.ts"
import { isPlainObject } from "../values/describe.ts"
import type { RecordPatch } from "./records.ts"

/**
 * Checks what `update` is to change and takes a copy of it. New fields get no numbers yet: there may
 * be no such record.
 * @throws TIERDEX_INVALID_VALUE
 */
export function parsePatch(patch: unknown, fields: FieldTable, skipped: SkippedPaths): RecordPatch {
  if (!isPlainObject(patch)) throw invalid("A patch must be a plain object of fields.")
  const changes = Object.entries(patch)
  const paths = changes.map(([path]) => path)
  for (const path of paths) {
    if (path.split(".").some((part) => part === "" || part.startsWith("$"))) {
      throw invalid(`The patch names ${JSON.stringify(path)}, which is no path such as "a.b".`)
    }
    const other = paths.find((candidate) => candidate !== path && covers(candidate, path))
    if (other !== undefined) {
      throw invalid(`The patch names "${other}" and also "${path}" below it; name one of them.`)
    }
  }
  const record: Record<string, unknown> = Object.create(null)
  for (const [path, value] of changes) if (value !== undefined) nest(record, path, value)
  const out = new ByteWriter()
  const known = fields.size
  new RowEncoder(fields, out, skipped).encode(record)
  const row = readRow(new ByteReader(Uint8Array.from(out.bytes)))
  const set = new Map(Array.from(row, ([field, value]) => [fields.path(field), value]))
  fields.truncate(known)
  return { paths, set }
}

function nest(record: Record<string, unknown>, path: string, value: unknown): void {
  const parts = path.split(".")
  const last = parts.pop() ?? ""
  let object = record
  for (const part of parts) {
    const known = object[part]
    const next: Record<string, unknown> = isRecord(known) ? known : Object.create(null)
    object[part] = next
    object = next
  }
  object[last] = value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null
}

function invalid(message: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_VALUE", message)
}
