import type { FieldClaim, FieldTable } from "../fields/field-table.ts"
import { beginOperation, endOperation, OperationType, readOperation } from "../log/operations.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import { isFull, tooMany } from "../rows/encode.ts"
import { ROW_END, readRow, writeField } from "../rows/row.ts"
import type { SentFields } from "./calls.ts"

/** The fields of a sender by its numbers, and what they are here. */
export class SenderTable {
  readonly #fields: FieldTable
  readonly #paths: string[] = []
  /** So many of the first have the same numbers here, for good. */
  #same = 0

  constructor(fields: FieldTable) {
    this.#fields = fields
  }

  /** Takes the next paths. Those that are known are passed over. */
  add({ from, paths }: SentFields): void {
    if (from > this.#paths.length) throw new RangeError("Paths of the sender's fields are missing.")
    for (const path of paths.slice(this.#paths.length - from)) this.#paths.push(path)
  }

  /**
   * Operations with the field numbers of this side.
   * @param claim is raised to those that are new
   * @param isMove whether there is no limit to the number of fields
   * @throws TIERDEX_INVALID_VALUE if the index cannot have so many fields
   */
  translate(bytes: Uint8Array, claim: FieldClaim, isMove: boolean): Uint8Array {
    if (this.#isSame()) return bytes
    const reader = new ByteReader(bytes)
    const out = new ByteWriter(bytes.length + 64)
    while (reader.position < bytes.length) {
      const { type, id, row, to } = readOperation(reader)
      const head = beginOperation(out, type)
      out.varint(id.bytes.length)
      out.raw(id.bytes)
      const start = out.length
      if (type === OperationType.put) {
        for (const [field, value] of readRow(new ByteReader(bytes, row))) {
          const own = this.#number(this.#paths[field], isMove)
          claim.end = Math.max(claim.end, own + 1)
          writeField(out, own, value)
        }
        out.u8(ROW_END)
      }
      endOperation(out, head, start)
      reader.position = to
    }
    return out.bytes
  }

  #number(path: string, isMove: boolean): number {
    const node = this.#fields.nodeAt(path)
    if (!isMove && node.number < 0 && isFull(this.#fields)) throw tooMany(node)
    return this.#fields.number(node)
  }

  #isSame(): boolean {
    while (this.#same < this.#paths.length) {
      if (this.#same >= this.#fields.kept) return false
      if (this.#fields.path(this.#same) !== this.#paths[this.#same]) return false
      this.#same++
    }
    return true
  }
}
