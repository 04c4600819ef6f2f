import type { Steps } from "../cache/steps.ts"
import { FileKind } from "../pages/keys.ts"
import { type PageReader, PageWriter, ROW_PAGE_BYTES } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import type { PageSink } from "../pages/page-sink.ts"
import type { ValueRef } from "../values/value-ref.ts"

/** Words of one filter, which fills a small page. */
const WORDS = Math.floor((ROW_PAGE_BYTES - 24) / 4)
const BITS = WORDS * 32
/** 10 bits a key and 7 hash functions: about 1 false positive in 100. */
const BITS_PER_KEY = 10
const HASHES = 7
/** Keys that make a filter worthwhile; below, the tree is a page or two itself. */
export const MIN_BLOOM_KEYS = 1024

/** The page that is responsible for a hash: pages follow the order of hashes. */
function pageOf(hash: number, pages: number): number {
  return Math.floor((hash * pages) / 2 ** 32)
}

/** What chooses the bits in a page, where hashes have their high bits in common. */
function bitsOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x1b873593)
  return mixed ^ (mixed >>> 13)
}

/**
 * Sets the bits of a hash, by enhanced double hashing (Dillinger, Manolios, "Bloom Filters in
 * Probabilistic Verification", 2004).
 */
function setBits(words: Uint32Array, hash: number): void {
  const bits = bitsOf(hash)
  let at = ((bits >>> 16) * BITS) >>> 16
  let step = ((bits & 0xffff) * BITS) >>> 16
  for (let i = 1; i <= HASHES; i++) {
    words[at >>> 5] |= 1 << (at & 31)
    at += step
    if (at >= BITS) at -= BITS
    step += i
    if (step >= BITS) step -= BITS
  }
}

/** Whether all the bits that `setBits` sets are set. */
function hasBits(words: Uint32Array, hash: number): boolean {
  const bits = bitsOf(hash)
  let at = ((bits >>> 16) * BITS) >>> 16
  let step = ((bits & 0xffff) * BITS) >>> 16
  for (let i = 1; i <= HASHES; i++) {
    if ((words[at >>> 5] & (1 << (at & 31))) === 0) return false
    at += step
    if (at >= BITS) at -= BITS
    step += i
    if (step >= BITS) step -= BITS
  }
  return true
}

function pagesFor(keys: number): number {
  return Math.max(1, Math.ceil((keys * BITS_PER_KEY) / BITS))
}

/** Bytes of the filters for so many keys. */
export function bloomBytes(keys: number): number {
  return pagesFor(keys) * WORDS * 4
}

/** Collects the keys of a field and writes its filters, one to a page. */
export class BloomWriter {
  readonly #filters: Uint32Array[]

  constructor(keys: number) {
    this.#filters = Array.from({ length: pagesFor(keys) }, () => new Uint32Array(WORDS))
  }

  add(value: ValueRef): void {
    const hash = value.hash()
    setBits(this.#filters[pageOf(hash, this.#filters.length)], hash)
  }

  /** Layout of a page: 32-bit words. Returns the number of pages. */
  *finish(sink: PageSink, segment: number, field: number): Steps<number> {
    const page = new PageWriter()
    for (const [number, words] of this.#filters.entries()) {
      page.raw(new Uint8Array(words.buffer))
      sink.put({ segment, field, kind: FileKind.bloom }, number, page)
      if (sink.isFull) yield* sink.drain()
    }
    return this.#filters.length
  }
}

class BloomPage {
  readonly words: Uint32Array
  readonly byteLength: number

  constructor(page: PageReader) {
    this.words = page.u32s(WORDS)
    this.byteLength = page.bytes.length
  }
}

/** How often filters were asked, and how often they spared the look behind them. */
export interface BloomCounters {
  checked: number
  excluded: number
}

/** The filters of a field in a segment. */
export class BloomReader {
  readonly #file: PageFile<BloomPage>
  readonly #pages: number
  readonly #counters: BloomCounters

  constructor(
    source: PageSource,
    segment: number,
    field: number,
    pages: number,
    counters: BloomCounters,
  ) {
    this.#file = new PageFile(source, { segment, field, kind: FileKind.bloom }, BloomPage)
    this.#pages = pages
    this.#counters = counters
  }

  /**
   * False: no such key. True: probably there is.
   * @param hash `hashValue` of the key
   */
  *mightHold(hash: number): Steps<boolean> {
    const number = pageOf(hash, this.#pages)
    const page = this.#file.cached(number) ?? (yield* this.#file.read(number))
    this.#counters.checked++
    const isHeld = hasBits(page.words, hash)
    if (!isHeld) this.#counters.excluded++
    return isHeld
  }

  /**
   * Sets a 1 for each hash that the filters might hold, as far as they are in memory: for hashes
   * whose filter is not, too. Counts nothing: what is possible is asked for again.
   * @param hashes ascending
   * @param isPossible what is 1 stays 1
   */
  sift(hashes: Uint32Array, isPossible: Uint8Array): void {
    let number = -1
    let page: BloomPage | undefined
    for (let i = 0; i < hashes.length; i++) {
      const own = pageOf(hashes[i], this.#pages)
      if (own !== number) {
        number = own
        page = this.#file.cached(own)
      }
      if (page === undefined || hasBits(page.words, hashes[i])) isPossible[i] = 1
    }
  }

  /** Reads every page, which checks its checksum. */
  *check(): Steps<void> {
    for (let page = 0; page < this.#pages; page++) yield* this.#file.read(page)
  }
}
