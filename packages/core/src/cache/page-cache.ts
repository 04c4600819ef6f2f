import { LRUCache } from "lru-cache"

/** A decoded page, as the cache accounts for it. */
export interface CachedPage {
  /** Bytes that it holds on to, buffers included. */
  readonly byteLength: number
}

/** What an entry costs besides its buffers: the page's objects, its views and the cache's slot. */
const ENTRY_OVERHEAD_BYTES = 480

/** The hot cache: decoded pages, least recently used first out, bounded in bytes. */
export class PageCache {
  readonly maxBytes: number
  readonly #pages: LRUCache<number, CachedPage>
  readonly #reserved: () => number
  #evictions = 0
  hits = 0
  misses = 0

  /** @param reserved bytes of `maxBytes` that others take at the moment */
  constructor(maxBytes: number, reserved: () => number = () => 0) {
    this.maxBytes = maxBytes
    this.#reserved = reserved
    this.#pages = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (page) => page.byteLength + ENTRY_OVERHEAD_BYTES,
      dispose: (_page, _key, reason) => {
        if (reason === "evict") this.#evictions++
      },
    })
  }

  get(key: number): CachedPage | undefined {
    const page = this.#pages.get(key)
    if (page !== undefined) this.hits++
    return page
  }

  /** Whether a page is there, without counting as its use. */
  has(key: number): boolean {
    return this.#pages.has(key)
  }

  /** Takes a page that was looked for in vain. */
  set(key: number, page: CachedPage): void {
    this.misses++
    this.add(key, page)
  }

  /** Takes what nobody had to read. */
  add(key: number, page: CachedPage): void {
    this.#pages.set(key, page)
    const most = this.maxBytes - this.#reserved()
    while (this.#pages.calculatedSize > most && this.#pages.size > 0) this.#pages.pop()
  }

  clear(): void {
    this.#pages.clear()
  }

  /** Takes out pages that nobody asks for any more. */
  drop(isGone: (key: number) => boolean): void {
    for (const key of [...this.#pages.keys()]) if (isGone(key)) this.#pages.delete(key)
  }

  get bytes(): number {
    return this.#pages.calculatedSize
  }

  /** Pages that had to leave for others. */
  get evictions(): number {
    return this.#evictions
  }
}
