import { type CachedPage, type CacheFile, PageCache } from "../../src/cache/page-cache.ts"
import { drive, type Steps } from "../../src/cache/steps.ts"
import type { FileAddress } from "../../src/pages/keys.ts"
import type { PageSource } from "../../src/pages/page-file.ts"
import { PageSink } from "../../src/pages/page-sink.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"

/** Pages in an opened store, by default one in memory, and a sink to write them. */
export class PageStore implements PageSource {
  readonly store: Store
  readonly sink: PageSink
  readonly reads: (FileAddress & { page: number })[] = []
  cache: PageCache
  readonly kept = new PageCache(2 ** 24)

  private constructor(store: Store, cacheBytes: number) {
    this.store = store
    this.sink = new PageSink(store, 2 ** 20)
    this.cache = new PageCache(cacheBytes)
  }

  static async open(store: Store = new MemoryStore(), cacheBytes = 2 ** 28): Promise<PageStore> {
    await store.open()
    return new PageStore(store, cacheBytes)
  }

  openFile<P extends CachedPage>(): CacheFile<P> {
    return this.cache.openFile()
  }

  openKept<P extends CachedPage>(): CacheFile<P> {
    return this.kept.openFile()
  }

  fieldName(field: number): string {
    return `field ${field}`
  }

  onRead(file: FileAddress, page: number): void {
    this.reads.push({ ...file, page })
  }

  /** Writes what the sink still has. */
  async finish(): Promise<void> {
    await drive(this.sink.finish())
  }
}

/** Runs steps that need not wait, as all reading from a synchronous store. */
export function run<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    if (step.value !== undefined) throw new Error("These steps wait for a promise.")
  }
}
