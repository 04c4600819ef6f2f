import { TierdexError } from "../errors.ts"
import type { FieldClaim, FieldTable } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import { beginOperation, endOperation, OperationType } from "../log/operations.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import { encodeId, RowEncoder } from "../rows/encode.ts"
import type { PendingOps } from "./pending.ts"

/** Encodes puts and deletes when they are asked for, so that records may change afterwards. */
export class OperationEncoder {
  readonly #fields: FieldTable
  readonly #out: ByteWriter
  readonly #rows: RowEncoder
  #count = 0
  #putBytes = 0
  #expected: number[] | undefined
  #claim: FieldClaim | undefined

  /** @param skipped takes the number of values that were left out, by path */
  constructor(fields: FieldTable, skipped: SkippedPaths, capacity = 256) {
    this.#fields = fields
    this.#out = new ByteWriter(capacity)
    this.#rows = new RowEncoder(fields, this.#out, skipped)
  }

  get count(): number {
    return this.#count
  }

  get byteLength(): number {
    return this.#out.length
  }

  /**
   * Adds a put. One that is refused leaves no trace; the error carries id and position.
   * @param position in the caller's input
   */
  put(id: string, record: unknown, position?: number): void {
    const start = this.#out.length
    try {
      const head = beginOperation(this.#out, OperationType.put)
      encodeId(this.#out, id)
      const row = this.#out.length
      const end = this.#rows.encode(record)
      if (end > this.#fields.kept) this.#cover(end)
      endOperation(this.#out, head, row)
      this.#count++
      this.#putBytes += this.#out.length - start
    } catch (error) {
      this.#out.length = start
      throw position === undefined ? error : locate(error, id, position)
    }
  }

  #cover(end: number): void {
    this.#claim ??= this.#fields.claim()
    this.#claim.end = Math.max(this.#claim.end, end)
  }

  /** Adds a delete; with a sequence, of that version only. */
  delete(id: string, sequence?: number, position?: number): void {
    const start = this.#out.length
    try {
      const head = beginOperation(this.#out, OperationType.delete)
      encodeId(this.#out, id)
      endOperation(this.#out, head, this.#out.length)
    } catch (error) {
      this.#out.length = start
      throw position === undefined ? error : locate(error, id, position)
    }
    this.#count++
    if (sequence !== undefined) {
      this.#expected ??= []
      this.#expected.push(sequence)
    }
  }

  /** What was added, after which the encoder is empty. */
  take(mark?: string): PendingOps {
    const request: PendingOps = {
      type: "ops",
      bytes: new Uint8Array(this.#out.bytes),
      putBytes: this.#putBytes,
      count: this.#count,
      ...(this.#expected === undefined ? {} : { expected: this.#expected }),
      mark,
      claim: this.#claim,
    }
    this.#out.length = 0
    this.#count = 0
    this.#putBytes = 0
    this.#expected = undefined
    this.#claim = undefined
    return request
  }

  /** Gives up what was added, and its new fields. */
  discard(): void {
    const { claim } = this.take()
    if (claim !== undefined) this.#fields.release(claim)
  }
}

/** The same error with the id and the position of the record that it is about. */
function locate(error: unknown, id: unknown, position: number): unknown {
  if (!(error instanceof TierdexError)) return error
  const text = typeof id === "string" ? id : String(id)
  return new TierdexError(
    error.code,
    `Record ${position} with the id ${JSON.stringify(text.slice(0, 80))}: ${error.message}`,
    { cause: error, id: text, position },
  )
}
