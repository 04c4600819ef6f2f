import type { CachedPage, CacheFile } from "../cache/page-cache.ts"
import { currentWork, type Steps } from "../cache/steps.ts"
import { TierdexError } from "../errors.ts"
import type { Store } from "../store/store.ts"
import { type FileAddress, FileKind, pageAddress, pageKey, SEGMENT_FIELD } from "./keys.ts"
import { PageReader } from "./page.ts"

/** Where pages come from: a store, through the hot cache. */
export interface PageSource {
  readonly store: Pick<Store, "capabilities" | "get" | "getMany">
  /** The cached pages of a file that is opened. */
  openFile<P extends CachedPage>(): CacheFile<P>
  /** The same for what clauses select, if that is kept. */
  openKept?<P extends CachedPage>(): CacheFile<P>
  /** The path of a field, for messages. */
  fieldName(field: number): string
  /** Called for every page that is read from the store and has been checked. */
  onRead?(file: FileAddress, page: number): void
}

/** How a page is decoded from its body. */
export type PageClass<P extends CachedPage> = new (reader: PageReader, page: number) => P

/** One kind of pages of one field in one segment: decodes on first touch, then serves the cache. */
export class PageFile<P extends CachedPage> {
  readonly #source: PageSource
  readonly #address: FileAddress
  readonly #Page: PageClass<P>
  readonly #cached: CacheFile<P>

  constructor(source: PageSource, address: FileAddress, Page: PageClass<P>) {
    this.#source = source
    this.#address = address
    this.#Page = Page
    this.#cached = source.openFile()
  }

  /** The decoded page. */
  *read(page: number): Steps<P> {
    const hit = this.cached(page)
    if (hit !== undefined) return hit
    const { store } = this.#source
    const key = pageKey(this.#address, page)
    const found = store.get(key)
    if (!(found instanceof Promise)) return this.#admit(page, key, found)
    const loaded: { bytes?: Uint8Array | undefined } = {}
    yield found.then((bytes) => {
      loaded.bytes = bytes
    })
    return this.#admit(page, key, loaded.bytes)
  }

  /** Whether pages are loaded sooner in a batch. */
  get gainsByBatches(): boolean {
    // A store that reads synchronously gains nothing.
    return !this.#source.store.capabilities.syncReads
  }

  /** `prefetchAll` for `count` pages from `first`. */
  *prefetch(first: number, count: number): Steps<void> {
    if (count < 2 || !this.gainsByBatches) return
    yield* this.prefetchAll(Array.from({ length: count }, (_, i) => first + i))
  }

  /** Loads in one batch those pages that are not in memory yet. */
  *prefetchAll(wanted: Iterable<number>): Steps<void> {
    if (!this.gainsByBatches) return
    const { store } = this.#source
    const pages = [...wanted].filter((page) => !this.#cached.has(page))
    if (pages.length < 2) return
    const keys = pages.map((page) => pageKey(this.#address, page))
    let values: (Uint8Array | undefined)[] = []
    yield Promise.resolve(store.getMany(keys)).then((found) => {
      values = found
    })
    pages.forEach((page, i) => {
      // One that is not there is an error of whoever needs it.
      if (values[i] !== undefined) this.#admit(page, keys[i], values[i])
    })
  }

  /** The page if it is in memory. */
  cached(page: number): P | undefined {
    const hit = this.#cached.get(page)
    if (hit !== undefined) currentWork().pagesFromCache++
    return hit
  }

  #admit(page: number, key: Uint8Array, stored: Uint8Array | undefined): P {
    const decoded = this.#check(page, key, stored)
    this.#cached.set(page, decoded)
    const work = currentWork()
    work.pagesRead++
    work.bytesRead += stored?.length ?? 0
    this.#source.onRead?.(this.#address, page)
    return decoded
  }

  #check(page: number, key: Uint8Array, stored: Uint8Array | undefined): P {
    const damaged = (reason: string, cause?: unknown) =>
      damagedPage(this.#source, this.#address, page, reason, cause)
    const reader = new PageReader(key, stored, damaged)
    try {
      return new this.#Page(reader, page)
    } catch (error) {
      throw damaged("its contents make no sense", error)
    }
  }
}

/** Checks a page as it is stored. @throws TIERDEX_CORRUPT */
export function checkPage(
  key: Uint8Array,
  stored: Uint8Array,
  names: Pick<PageSource, "fieldName">,
): void {
  const { file, page } = pageAddress(key)
  new PageReader(key, stored, (reason) => damagedPage(names, file, page, reason, undefined))
}

/** The error for a page that cannot be used. */
function damagedPage(
  source: Pick<PageSource, "fieldName">,
  { field, segment, kind }: FileAddress,
  page: number,
  reason: string,
  cause: unknown,
): TierdexError {
  const path = field === SEGMENT_FIELD ? undefined : source.fieldName(field)
  const owner = path === undefined ? "ids" : `field "${path}"`
  return new TierdexError(
    "TIERDEX_CORRUPT",
    `Damaged page: ${owner}, segment ${segment}, ${kindName(kind)} page ${page}: ${reason}. ` +
      "Restore the index from a backup or rebuild it from the records; verify() lists all that " +
      "is damaged.",
    {
      ...(cause === undefined ? {} : { cause }),
      place: { segment, page, ...(path === undefined ? {} : { field: path }) },
    },
  )
}

function kindName(kind: number): string {
  if (kind >= FileKind.tree && kind < FileKind.meta) return `tree level ${kind - FileKind.tree}`
  return Object.entries(FileKind).find(([, value]) => value === kind)?.[0] ?? `kind ${kind}`
}
