import type { Entry, KeyRange, ScanOptions, WriteOp } from "../../src/store/store.ts"
import { WrappedStore } from "./wrapped-store.ts"

/** What was asked of a store since the last `reset`. Bytes are of keys and values together. */
export class StoreCounts {
  gets = 0
  /** Calls of `getMany`; their keys are in `keysRead`. */
  getManys = 0
  scans = 0
  entriesScanned = 0
  writes = 0
  durableWrites = 0
  puts = 0
  deletes = 0
  bytesWritten = 0
  deleteRanges = 0
  /** The keys of `get` and `getMany`, in the order of the calls. */
  readonly keysRead: Uint8Array[] = []
}

/** Counts the calls to a store. */
export class CountingStore extends WrappedStore {
  counts = new StoreCounts()

  /** Answers the counts so far and starts again from zero. */
  reset(): StoreCounts {
    const counts = this.counts
    this.counts = new StoreCounts()
    return counts
  }

  override get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.counts.gets++
    this.counts.keysRead.push(new Uint8Array(key))
    return this.inner.get(key)
  }

  override getMany(
    keys: readonly Uint8Array[],
  ): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]> {
    this.counts.getManys++
    for (const key of keys) this.counts.keysRead.push(new Uint8Array(key))
    return this.inner.getMany(keys)
  }

  override async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    this.counts.scans++
    for await (const batch of this.inner.scan(options)) {
      this.counts.entriesScanned += batch.length
      yield batch
    }
  }

  override write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
    const { counts } = this
    counts.writes++
    if (options.durable) counts.durableWrites++
    for (const op of ops) {
      counts.bytesWritten += op.key.byteLength
      if (op.type === "put") {
        counts.puts++
        counts.bytesWritten += op.value.byteLength
      } else counts.deletes++
    }
    return this.inner.write(ops, options)
  }

  override deleteRange(range: KeyRange): Promise<void> {
    this.counts.deleteRanges++
    return this.inner.deleteRange(range)
  }
}
