import { Buffer } from "node:buffer"
import { crc32 } from "node:zlib"
import { TierdexError } from "../errors.ts"
import { logKey } from "../pages/keys.ts"
import type { Store, WriteOp } from "../store/store.ts"

const MARK = 0x6c647431 // "1tdl", little-endian
const HEADER_BYTES = 24
/** A log entry is stored in parts of at most this many bytes. */
const PART_BYTES = 900_000

/** A group of writes as it stands in the log. */
export interface LogEntry {
  /** Sequence of its first write. */
  readonly sequence: number
  /** Sequence of its last write. */
  readonly lastSequence: number
  readonly body: Uint8Array
}

/** The same before it is written, its body in two pieces. */
export interface NewLogEntry extends Omit<LogEntry, "body"> {
  readonly head: Uint8Array
  readonly operations: Uint8Array
}

/**
 * Layout of a part: u32 mark, u32 CRC-32 of key and all that follows, u32 parts of the entry, f64
 * sequence of its last write, u32 length of its body over all parts; then this part's bytes.
 */
export function encodeLogEntry(entry: NewLogEntry): WriteOp[] {
  const { head, operations } = entry
  const length = head.length + operations.length
  const parts = Math.max(1, Math.ceil(length / PART_BYTES))
  return Array.from({ length: parts }, (_, part): WriteOp => {
    const key = logKey(entry.sequence, part)
    const from = part * PART_BYTES
    const to = Math.min(length, from + PART_BYTES)
    const value = Buffer.allocUnsafe(HEADER_BYTES + to - from)
    value.writeUInt32LE(MARK, 0)
    value.writeUInt32LE(parts, 8)
    value.writeDoubleLE(entry.lastSequence, 12)
    value.writeUInt32LE(length, 20)
    const ofHead = head.subarray(from, to)
    value.set(ofHead, HEADER_BYTES)
    const rest = operations.subarray(Math.max(0, from - head.length), Math.max(0, to - head.length))
    value.set(rest, HEADER_BYTES + ofHead.length)
    value.writeUInt32LE(crc32(value.subarray(8), crc32(key)), 4)
    return { type: "put", key, value }
  })
}

/**
 * Reads the entries behind a sequence number, in order. A torn entry at the end is passed over: it
 * was never acknowledged. Anything else that is damaged is an error.
 * @throws TIERDEX_CORRUPT
 */
export async function* readLog(store: Store, flushedSequence: number): AsyncIterable<LogEntry> {
  let expected = flushedSequence + 1
  let damaged: string | undefined
  let open: { entry: Omit<LogEntry, "body">; parts: number; bodies: Uint8Array[] } | undefined
  const range = { gte: logKey(expected, 0), lt: logKey(Number.MAX_SAFE_INTEGER, 0) }
  for await (const batch of store.scan(range)) {
    for (const { key, value } of batch) {
      // Something follows the damage, so it is not a torn end.
      if (damaged !== undefined) throw corrupt(damaged)
      const { sequence, part } = readKey(key)
      const stored = Buffer.from(value.buffer, value.byteOffset, value.length)
      if (!isWhole(key, stored)) {
        damaged = `the entry of sequence ${sequence} fails its checksum`
        open = undefined
        continue
      }
      if (part === 0) {
        if (open !== undefined || sequence !== expected) {
          throw corrupt(`writes ${expected} to ${sequence - 1} are missing`)
        }
        const lastSequence = stored.readDoubleLE(12)
        open = { entry: { sequence, lastSequence }, parts: stored.readUInt32LE(8), bodies: [] }
      }
      if (open === undefined || open.entry.sequence !== sequence || open.bodies.length !== part) {
        throw corrupt(`a part of the entry of sequence ${sequence} is missing`)
      }
      open.bodies.push(stored.subarray(HEADER_BYTES))
      if (open.bodies.length === open.parts) {
        yield { ...open.entry, body: Buffer.concat(open.bodies) }
        expected = open.entry.lastSequence + 1
        open = undefined
      }
    }
  }
}

function readKey(bytes: Uint8Array): { sequence: number; part: number } {
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const sequence = key.readUInt32BE(1) * 2 ** 32 + key.readUInt32BE(5)
  return { sequence, part: key.readUInt16BE(9) }
}

function isWhole(key: Uint8Array, value: Buffer): boolean {
  if (value.length < HEADER_BYTES || value.readUInt32LE(0) !== MARK) return false
  return value.readUInt32LE(4) === crc32(value.subarray(8), crc32(key))
}

function corrupt(what: string): TierdexError {
  return new TierdexError(
    "TIERDEX_CORRUPT",
    `Damaged write-ahead log: ${what}. Restore the index from a backup or rebuild it from the ` +
      "records.",
  )
}
