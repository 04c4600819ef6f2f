import type { Entry, KeyRange, ScanOptions, Store, WriteOp } from "@tierdex/core"

export const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)

/** A key that orders by its number, below 2 ** 24. */
export const numbered = (n: number): Uint8Array => bytes(1, n >>> 16, n >>> 8, n)

export const put = (key: Uint8Array, value: Uint8Array): WriteOp => ({ type: "put", key, value })

/** Every key. */
export const ALL: KeyRange = { gte: bytes(0), lt: new Uint8Array(64).fill(0xff) }

export async function entriesOf(store: Store, options: ScanOptions = ALL): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const batch of store.scan(options)) {
    if (batch.length === 0) throw new Error("A batch of a scan is empty.")
    entries.push(...batch)
  }
  return entries
}
