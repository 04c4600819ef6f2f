import type { Entry, KeyRange, ScanOptions } from "../store/store.ts"
import { plain, successor } from "./bytes.ts"
import { storeFailed } from "./errors.ts"
import { nextTurn } from "./turns.ts"

/** A batch ends with the entry that reaches either. */
const BATCH_ENTRIES = 256
const BATCH_BYTES = 1 << 20

/** What is left of a scan. */
export interface BatchRange extends KeyRange {
  /** From the greatest key down. */
  readonly reverse: boolean
  /** Entries to read, at most. */
  readonly limit: number
  /** Bytes of values after which no more are read. */
  readonly bytes: number
}

type Entries = Iterable<Entry> | AsyncIterable<Entry>

/**
 * The whole of `Store.scan`, batch by batch: each is read by itself and begins behind the last key
 * of the one before, so that nothing stays open in between, however a scan is left. Other work has
 * its turn after each.
 *
 * @param read reads the entries of a range in key order, when a batch is asked for: it looks whether
 * the store is open. Its iterator is read at once and without a pause, if it is synchronous, but no
 * further than the batch goes, and then closed. It may throw plain errors.
 */
export async function* scanInBatches(
  options: ScanOptions,
  read: (range: BatchRange) => Entries | Promise<Entries>,
): AsyncGenerator<readonly Entry[]> {
  const { reverse = false, limit = Number.POSITIVE_INFINITY } = options
  let { gte, lt } = options
  let left = limit
  while (left > 0) {
    const most = Math.min(left, BATCH_ENTRIES)
    const batch = await readBatch(read, { gte, lt, reverse, limit: most, bytes: BATCH_BYTES })
    const last = batch.at(-1)
    if (last === undefined) return
    left -= batch.length
    // A copy: what is handed out is the receiver's.
    if (reverse) lt = last.key.slice()
    else gte = successor(last.key)
    yield batch
    if (left > 0) await nextTurn()
  }
}

async function readBatch(
  read: (range: BatchRange) => Entries | Promise<Entries>,
  range: BatchRange,
): Promise<Entry[]> {
  const batch = new Batch(range)
  try {
    const found = read(range)
    // No pause between the two: an engine may take no other call while a query is open.
    const entries = found instanceof Promise ? await found : found
    if (Symbol.iterator in entries) {
      for (const entry of entries) if (batch.isFullWith(entry)) break
    } else {
      for await (const entry of entries) if (batch.isFullWith(entry)) break
    }
  } catch (error) {
    throw storeFailed("Cannot scan", error)
  }
  return batch.entries
}

class Batch {
  readonly entries: Entry[] = []
  readonly #range: BatchRange
  #bytes = 0

  constructor(range: BatchRange) {
    this.#range = range
  }

  isFullWith({ key, value }: Entry): boolean {
    this.entries.push({ key: plain(key), value: plain(value) })
    this.#bytes += value.byteLength
    return this.entries.length >= this.#range.limit || this.#bytes >= this.#range.bytes
  }
}
