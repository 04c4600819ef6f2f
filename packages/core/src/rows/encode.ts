import { Buffer } from "node:buffer"
import { TierdexError } from "../errors.ts"
import type { FieldNode, FieldTable } from "../fields/field-table.ts"
import { isName } from "../fields/path.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import { describe, isPlainObject, quoted } from "../values/describe.ts"
import { Kind } from "../values/kind.ts"
import {
  MAX_ARRAY_LENGTH,
  MAX_FIELDS,
  MAX_ID_BYTES,
  MAX_PATH_BYTES,
  MAX_RECORD_BYTES,
  MAX_STRING_BYTES,
} from "../values/limits.ts"
import type { ByteWriter } from "./byte-writer.ts"
import { ROW_END, RowTag, writeNumber } from "./row.ts"

/** Nesting that a record may have; a cycle is refused when it is reached or before. */
const MAX_DEPTH = 100

/** Writes records as rows, checking every value on the way. */
export class RowEncoder {
  readonly #fields: FieldTable
  readonly #out: ByteWriter
  /** The objects that are being entered, to find cycles. */
  readonly #entered: object[] = []
  /** How many values were left out, by path. */
  readonly #skipped: SkippedPaths
  /** The paths that this record leaves out; they count once it is accepted. */
  readonly #left: string[] = []
  /** All fields of this record have numbers below. */
  #end = 0

  constructor(fields: FieldTable, out: ByteWriter, skipped: SkippedPaths) {
    this.#fields = fields
    this.#out = out
    this.#skipped = skipped
  }

  /**
   * Writes a record's row; returns a number above those of its fields. A record that is refused
   * leaves no trace.
   * @throws TIERDEX_INVALID_VALUE, which names the path
   */
  encode(record: unknown): number {
    const start = this.#out.length
    const fields = this.#fields.size
    this.#end = 0
    try {
      if (!isPlainObject(record)) {
        throw new TierdexError(
          "TIERDEX_INVALID_VALUE",
          `A record must be a plain object, not ${describe(record)}.`,
        )
      }
      this.#object(this.#fields.root, record)
      this.#out.u8(ROW_END)
      if (this.#out.length - start > MAX_RECORD_BYTES) {
        throw new TierdexError(
          "TIERDEX_INVALID_VALUE",
          `A record takes at most ${MAX_RECORD_BYTES} bytes, this one ` +
            `${this.#out.length - start}. Exclude its largest fields with fields.exclude.`,
        )
      }
      for (const path of this.#left) this.#skipped.add(path)
      return this.#end
    } catch (error) {
      this.#out.length = start
      this.#fields.truncate(fields)
      this.#entered.length = 0
      throw error
    } finally {
      this.#left.length = 0
    }
  }

  #object(node: FieldNode, object: Readonly<Record<string, unknown>>): void {
    if (this.#entered.includes(object)) throw refused(node, "a cycle: the object contains itself")
    if (this.#entered.length >= MAX_DEPTH) throw refused(node, "nested too deeply")
    this.#entered.push(object)
    const isIndexedBelow = this.#fields.isIndexedBelow(node)
    for (const key in object) {
      if (!Object.hasOwn(object, key)) continue
      const value = object[key]
      if (value === undefined) continue
      const known = node.children.get(key)
      if (known === undefined && !isIndexedBelow) continue
      const problem = known === undefined ? problemOf(node, key) : undefined
      if (problem !== undefined) {
        if (node.onUnindexable === "error") throw badKey(node, key, problem)
        this.#left.push(`${node.path}[${quoted(key)}]`)
      } else this.#value(known ?? this.#fields.child(node, key), value)
    }
    this.#entered.pop()
  }

  #value(node: FieldNode, value: unknown): void {
    if (!node.isIndexed) {
      // Fields below may be included though this one is not.
      if (node.isEntered && isPlainObject(value)) this.#object(node, value)
      return
    }
    const start = this.#out.length
    const fields = this.#fields.size
    const depth = this.#entered.length
    const left = this.#left.length
    const end = this.#end
    try {
      this.#indexed(node, value)
    } catch (error) {
      if (node.onUnindexable !== "skip" || !(error instanceof TierdexError)) throw error
      this.#out.length = start
      this.#fields.truncate(fields)
      this.#entered.length = depth
      this.#left.length = left
      this.#end = end
      this.#left.push(node.path)
    }
  }

  #indexed(node: FieldNode, value: unknown): void {
    this.#begin(node)
    if (Array.isArray(value)) this.#array(node, value)
    else if (this.#scalar(node, value)) return
    else if (isPlainObject(value)) {
      this.#out.u8(Kind.object)
      this.#object(node, value)
    } else throw refused(node, describe(value))
  }

  #begin(node: FieldNode): void {
    if (node.number < 0 && isFull(this.#fields)) throw tooMany(node)
    const end = this.#fields.number(node) + 1
    if (end > this.#end) this.#end = end
    this.#out.varint(end)
  }

  #array(node: FieldNode, values: readonly unknown[]): void {
    if (values.length > MAX_ARRAY_LENGTH) {
      throw refused(node, `an array of ${values.length} elements, over ${MAX_ARRAY_LENGTH}`)
    }
    if (values.length === 0) {
      this.#out.u8(Kind.emptyArray)
      return
    }
    this.#out.u8(RowTag.array)
    this.#out.varint(values.length)
    for (const value of values) {
      if (!this.#scalar(node, value)) throw refused(node, `an array that holds ${describe(value)}`)
    }
  }

  /** Writes a scalar; returns false if it is something else. */
  #scalar(node: FieldNode, value: unknown): boolean {
    const out = this.#out
    switch (typeof value) {
      case "string": {
        out.u8(Kind.string)
        if (out.shortAscii(value)) return true
        if (!value.isWellFormed()) throw refused(node, "a string with a lone surrogate")
        if (value.length > MAX_STRING_BYTES) throw tooLong(node)
        if (out.string(value) > MAX_STRING_BYTES) throw tooLong(node)
        return true
      }
      case "number":
        if (Number.isNaN(value)) throw refused(node, "NaN")
        // Adding 0 turns -0 into 0.
        writeNumber(out, Kind.number, value + 0)
        return true
      case "boolean":
        writeNumber(out, Kind.boolean, Number(value))
        return true
      default:
        if (value === null) {
          out.u8(Kind.null)
          return true
        }
        if (!(value instanceof Date)) return false
        if (Number.isNaN(value.getTime())) throw refused(node, "an invalid date")
        writeNumber(out, Kind.date, value.getTime())
        return true
    }
  }
}

/**
 * Writes an id: its length, then its UTF-8 bytes.
 * @throws TIERDEX_INVALID_ID
 */
export function encodeId(out: ByteWriter, id: unknown): void {
  const start = out.length
  if (typeof id === "string" && id !== "" && id.length <= MAX_ID_BYTES && id.isWellFormed()) {
    if (out.string(id) <= MAX_ID_BYTES) return
    out.length = start
  }
  const what = typeof id === "string" ? JSON.stringify(id.slice(0, 40)) : describe(id)
  throw new TierdexError(
    "TIERDEX_INVALID_ID",
    `An id must be a well-formed string of 1 to ${MAX_ID_BYTES} UTF-8 bytes, not ${what}.`,
  )
}

/** Why there can be no field at a key below a node. */
function problemOf({ path }: FieldNode, key: string): string | undefined {
  if (!isName(key)) {
    return 'keys are not empty, hold no "." and do not begin with "$"'
  }
  const above = path === "" ? 0 : Buffer.byteLength(path) + 1
  if (above + key.length * 3 <= MAX_PATH_BYTES) return undefined
  const bytes = above + Buffer.byteLength(key)
  return bytes <= MAX_PATH_BYTES
    ? undefined
    : `its path has ${bytes} UTF-8 bytes, over ${MAX_PATH_BYTES}`
}

function badKey({ path }: FieldNode, key: string, problem: string): TierdexError {
  return new TierdexError(
    "TIERDEX_INVALID_VALUE",
    `The key ${quoted(key)}${path === "" ? "" : ` in "${path}"`} cannot be indexed: ${problem}. ` +
      'Rename it, or leave it out with fields: { onUnindexable: "skip" }.',
  )
}

/** Whether a table takes no more fields. */
export function isFull(fields: FieldTable): boolean {
  return fields.size >= MAX_FIELDS
}

export function tooMany(node: FieldNode): TierdexError {
  return refused(
    node,
    `one field more than the ${MAX_FIELDS} that an index may have; keys that are data belong ` +
      "into values",
  )
}

function tooLong(node: FieldNode): TierdexError {
  return refused(node, `a string of more than ${MAX_STRING_BYTES} UTF-8 bytes`)
}

function refused(node: FieldNode, what: string): TierdexError {
  const path = node.path === "" ? "The record" : `The field "${node.path}"`
  return new TierdexError(
    "TIERDEX_INVALID_VALUE",
    `${path} holds ${what}, which cannot be indexed. Change the value, or leave the path out ` +
      `with fields: { exclude: ["${node.path}"] } or onUnindexable: "skip".`,
  )
}
