import { crc32 } from "node:zlib"
import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"

export const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)

/** A key that orders by its number, below 2 ** 24. */
export const numbered = (n: number): Uint8Array => bytes(1, n >>> 16, n >>> 8, n)

export const put = (key: Uint8Array, value: Uint8Array): WriteOp => ({ type: "put", key, value })

export const del = (key: Uint8Array): WriteOp => ({ type: "delete", key })

/** Every key but the greatest, which is 64 times 0xff. */
export const ALL: KeyRange = { gte: bytes(0), lt: new Uint8Array(64).fill(0xff) }

/** Bytes that compress badly and repeat only for the same seed. */
export function noise(length: number, seed: number): Uint8Array {
  const value = new Uint8Array(length)
  let state = (seed + 1) | 0
  for (let i = 0; i < length; i++) {
    // xorshift32 over a Weyl sequence, which leaves zero on its own.
    state = (state + 0x9e37_79b9) | 0
    let x = state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    value[i] = x >>> 11
  }
  return value
}

/** What a scan gives, all of it. Throws on a batch without entries. */
export async function entriesOf(store: Store, options: ScanOptions = ALL): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const batch of store.scan(options)) {
    if (batch.length === 0) throw new Error("A batch of a scan is empty.")
    entries.push(...batch)
  }
  return entries
}

/** A key or a value to compare and to read: bytes in hex, of long ones the head and a checksum. */
export function text(value: Uint8Array | undefined): string {
  if (value === undefined) return "none"
  const hex = (part: Uint8Array) => Buffer.from(part).toString("hex")
  if (value.length === 0) return "empty"
  if (value.length <= 64) return hex(value)
  return `${hex(value.subarray(0, 8))}... ${value.length} bytes, CRC ${crc32(value).toString(16)}`
}

/** Entries to compare and to read. */
export function texts(entries: readonly Entry[]): string[] {
  return entries.map(({ key, value }) => `${text(key)}: ${text(value)}`)
}
