import { LRUCache } from "lru-cache"

/** A decoded page, as the cache accounts for it. */
export interface CachedPage {
  /** Bytes that it holds on to, buffers included. */
  readonly byteLength: number
}

/** What an entry costs besides its buffers: the page's objects, its views and the cache's slot. */
const ENTRY_OVERHEAD_BYTES = 500
/** Pages of one file are numbered below this. */
const PAGES_PER_FILE = 2 ** 26

/** The hot cache: decoded pages, least recently used first out, bounded in bytes. */
export class PageCache {
  readonly maxBytes: number
  readonly #pages: LRUCache<number, CachedPage>
  readonly #reserved: () => number
  readonly #files = new Map<number, CacheFile<CachedPage>>()
  #lastFile = 0
  #evictions = 0
  hits = 0
  misses = 0
  /** Pages that were taken so far. */
  #age = 0

  /** @param reserved bytes of `maxBytes` that others take at the moment */
  constructor(maxBytes: number, reserved: () => number = () => 0) {
    this.maxBytes = maxBytes
    this.#reserved = reserved
    this.#pages = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (page) => page.byteLength + ENTRY_OVERHEAD_BYTES,
      dispose: (_page, key, reason) => {
        this.#files.get(Math.floor(key / PAGES_PER_FILE))?.forget(key % PAGES_PER_FILE)
        if (reason === "evict") this.#evictions++
      },
    })
  }

  /** Numbered pages that belong together. */
  openFile<P extends CachedPage>(): CacheFile<P> {
    const number = ++this.#lastFile
    const file = new CacheFile<P>(this, number)
    this.#files.set(number, file)
    return file
  }

  /** Takes out pages of a file that nobody asks for any more. */
  closeFile(file: number, pages: Iterable<number>): void {
    for (const page of pages) this.#pages.delete(file * PAGES_PER_FILE + page)
    this.#files.delete(file)
  }

  /** Takes a page; returns whether there was room for it. */
  add(key: number, page: CachedPage): boolean {
    this.#age++
    this.#pages.set(key, page)
    const most = this.maxBytes - this.#reserved()
    while (this.#pages.calculatedSize > most && this.#pages.size > 0) this.#pages.pop()
    return this.#pages.has(key)
  }

  /**
   * Notes the use of a page that is there. Until another is taken, a second use changes nothing
   * that matters, and spares the search.
   * @param lastUse what the last use returned
   */
  use(key: number, lastUse: number): number {
    this.hits++
    if (lastUse !== this.#age) this.#pages.get(key)
    return this.#age
  }

  clear(): void {
    this.#pages.clear()
  }

  get bytes(): number {
    return this.#pages.calculatedSize
  }

  /** Pages that had to leave for others. */
  get evictions(): number {
    return this.#evictions
  }
}

/** The pages of one file that are in a cache, by number. */
export class CacheFile<P extends CachedPage> {
  readonly #number: number
  /** Of its page 0 in the cache. */
  readonly #key: number
  readonly #cache: PageCache
  readonly #pages: (P | undefined)[] = []
  readonly #uses: number[] = []

  constructor(cache: PageCache, number: number) {
    this.#cache = cache
    this.#number = number
    this.#key = number * PAGES_PER_FILE
  }

  get(page: number): P | undefined {
    const found = this.#pages[page]
    if (found !== undefined) this.#uses[page] = this.#cache.use(this.#key + page, this.#uses[page])
    return found
  }

  /** Whether a page is there, without counting as its use. */
  has(page: number): boolean {
    return this.#pages[page] !== undefined
  }

  /** Takes a page that was looked for in vain. */
  set(page: number, decoded: P): void {
    this.#cache.misses++
    this.add(page, decoded)
  }

  /** Takes what nobody had to read; returns whether there was room for it. */
  add(page: number, decoded: P): boolean {
    if (!this.#cache.add(this.#key + page, decoded)) return false
    // Without gaps, which would turn the arrays into tables.
    while (this.#pages.length <= page) {
      this.#pages.push(undefined)
      this.#uses.push(0)
    }
    this.#pages[page] = decoded
    return true
  }

  /** Called when a page has left the cache. */
  forget(page: number): void {
    this.#pages[page] = undefined
  }

  /** Takes all pages out, for good. */
  close(): void {
    const pages = [...this.#pages.keys()].filter((page) => this.has(page))
    this.#cache.closeFile(this.#number, pages)
  }
}
