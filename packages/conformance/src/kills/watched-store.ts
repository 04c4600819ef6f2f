import type { KeyRange, ScanOptions } from "@tierdex/core"
import { WrappedStore } from "../support/wrapped-store.ts"

/**
 * A store that notes which keys are read, those that a scan hands out included, and how many ranges
 * are deleted that held something.
 */
export class WatchedStore extends WrappedStore {
  /** In hex, in the order in which they were read. */
  readonly keysRead: string[] = []
  rangesFreed = 0

  override get(key: Uint8Array) {
    this.#note(key)
    return super.get(key)
  }

  override getMany(keys: readonly Uint8Array[]) {
    for (const key of keys) this.#note(key)
    return super.getMany(keys)
  }

  override async *scan(options: ScanOptions) {
    for await (const batch of super.scan(options)) {
      for (const { key } of batch) this.#note(key)
      yield batch
    }
  }

  override async deleteRange(range: KeyRange): Promise<void> {
    for await (const _ of super.scan({ ...range, limit: 1 })) this.rangesFreed++
    await super.deleteRange(range)
  }

  #note(key: Uint8Array): void {
    this.keysRead.push(Buffer.from(key).toString("hex"))
  }
}
