import type { Store } from "@tierdex/core"
import { ALL, text } from "../support/entries.ts"

// What is in a store, by its keys: `docs/format.md` has their layout.

/** The first byte of keys of the log. */
export const LOG = 2
const PAGE = 3
/** The field of pages that belong to a whole segment: ids, live sets. */
const SEGMENT_FIELD = "ffff"

/** What a store holds, by what it is for. */
export interface Contents {
  /** Segments with pages, ascending. */
  readonly segments: readonly number[]
  readonly logEntries: number
  /** All of it, to compare with another time. */
  readonly entries: readonly string[]
}

/** Reads an open store. */
export async function contentsOf(store: Pick<Store, "scan">): Promise<Contents> {
  const segments = new Set<number>()
  const entries: string[] = []
  let logEntries = 0
  for await (const batch of store.scan(ALL)) {
    for (const { key, value } of batch) {
      const bytes = Buffer.from(key)
      if (key[0] === PAGE) segments.add(bytes.readUInt32BE(1))
      if (key[0] === LOG && bytes.readUInt16BE(9) === 0) logEntries++
      entries.push(`${text(key)}: ${text(value)}`)
    }
  }
  return { segments: [...segments], logEntries, entries }
}

/** Whether a key, in hex, is that of a page with values of a field. */
export function isOfField(key: string): boolean {
  return key.startsWith("03") && key.slice(10, 14) !== SEGMENT_FIELD
}
