import { Buffer } from "node:buffer"
import { createHash } from "node:crypto"
import { TierdexError } from "../errors.ts"
import type { FilterNode } from "../filter/node.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import { ROW_END, readRow, writeField } from "../rows/row.ts"
import type { Value } from "../values/kind.ts"
import type { Position, SortKey } from "./sort-keys.ts"

const HASH_BYTES = 8

/** A short hash of what a cursor belongs to: the index, the filter and the sort. */
export function queryHash(index: string, filter: FilterNode, keys: readonly SortKey[]): Uint8Array {
  const text = JSON.stringify([index, filter, keys], (_key, value: unknown) =>
    // JSON has no infinities, and bytes would be spelt out.
    typeof value === "number"
      ? String(value)
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("base64")
        : value,
  )
  return createHash("sha256").update(text).digest().subarray(0, HASH_BYTES)
}

/** Layout, in base64url: 8 bytes of hash, f64 sequence, the sort values as a row. */
export function encodeCursor(hash: Uint8Array, position: Position): string {
  const out = new ByteWriter(64)
  out.raw(hash)
  out.f64(position.sequence)
  position.values.forEach((value, i) => {
    writeField(out, i, value)
  })
  out.u8(ROW_END)
  return Buffer.from(out.bytes).toString("base64url")
}

/** @throws TIERDEX_CURSOR_INVALID if it is malformed or was made by another query */
export function decodeCursor(cursor: unknown, hash: Uint8Array, keys: number): Position {
  if (typeof cursor !== "string") throw invalid("A cursor is the string that find returned.")
  const reader = new ByteReader(Buffer.from(cursor, "base64url"))
  try {
    if (!Buffer.from(reader.raw(HASH_BYTES)).equals(hash)) {
      throw invalid(
        "The cursor belongs to another filter, sort or index. Pass the options of the page " +
          "that returned it, or start without `after`.",
      )
    }
    const sequence = reader.f64()
    const values: Value[] = []
    for (const value of readRow(reader).values()) {
      if (!("kind" in value) || Number.isNaN(value.payload)) throw invalid("The cursor is damaged.")
      values.push(value)
    }
    const isWhole = reader.position === reader.bytes.length && values.length === keys
    if (!isWhole || !Number.isSafeInteger(sequence)) {
      throw invalid("The cursor is damaged.")
    }
    return { values, sequence }
  } catch (error) {
    if (error instanceof TierdexError) throw error
    throw invalid("The cursor is damaged.")
  }
}

function invalid(message: string): TierdexError {
  return new TierdexError("TIERDEX_CURSOR_INVALID", message)
}
