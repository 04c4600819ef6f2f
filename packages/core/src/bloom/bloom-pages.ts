import type { Steps } from "../cache/steps.ts"
import { FileKind } from "../pages/keys.ts"
import { type PageReader, PageWriter, ROW_PAGE_BYTES } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { hashValue } from "../values/hash.ts"
import type { Value } from "../values/kind.ts"
import type { ValueRef } from "../values/value-ref.ts"

/** Words of one filter, which fills a small page. */
const WORDS = Math.floor((ROW_PAGE_BYTES - 24) / 4)
const BITS = WORDS * 32
/** 10 bits a key and 7 hash functions: about 1 false positive in 100. */
const BITS_PER_KEY = 10
const HASHES = 7
const BITS_SEED = 0x1b873593

/** Keys that make a filter worthwhile; below, the tree is a page or two itself. */
export const MIN_BLOOM_KEYS = 1024

/** A key, hashed once for all filters that are asked about it. */
export interface BloomKey {
  /** Chooses the page. */
  readonly partition: number
  /** Chooses the bits in that page. */
  readonly bits: number
}

export function bloomKey(value: Value): BloomKey {
  return { partition: hashValue(value), bits: hashValue(value, BITS_SEED) }
}

/**
 * Calls `take` with each bit of a key until it returns false; returns whether it never did.
 * Enhanced double hashing (Dillinger, Manolios, "Bloom Filters in Probabilistic Verification",
 * 2004).
 */
function everyBit(key: BloomKey, take: (bit: number) => boolean): boolean {
  let at = ((key.bits >>> 16) * BITS) >>> 16
  let step = ((key.bits & 0xffff) * BITS) >>> 16
  for (let i = 1; take(at); i++) {
    if (i === HASHES) return true
    at += step
    if (at >= BITS) at -= BITS
    step += i
    if (step >= BITS) step -= BITS
  }
  return false
}

/** Collects the keys of a field and writes its filters, one to a page. */
export class BloomWriter {
  readonly #filters: Uint32Array[]

  constructor(keys: number) {
    const pages = Math.max(1, Math.ceil((keys * BITS_PER_KEY) / BITS))
    this.#filters = Array.from({ length: pages }, () => new Uint32Array(WORDS))
  }

  add(value: ValueRef): void {
    const key = { partition: value.hash(0), bits: value.hash(BITS_SEED) }
    const words = this.#filters[key.partition % this.#filters.length]
    everyBit(key, (bit) => {
      words[bit >>> 5] |= 1 << (bit & 31)
      return true
    })
  }

  /** Layout of a page: 32-bit words. Returns the number of pages. */
  finish(sink: PageSink, segment: number, field: number): number {
    const page = new PageWriter()
    this.#filters.forEach((words, number) => {
      page.raw(new Uint8Array(words.buffer))
      sink.put({ segment, field, kind: FileKind.bloom }, number, page)
    })
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

  /** False: no such key. True: probably there is. */
  *mightHold(key: BloomKey): Steps<boolean> {
    const number = key.partition % this.#pages
    return this.#test(this.#file.cached(number) ?? (yield* this.#file.read(number)), key)
  }

  /** The same if the page is in memory; else undefined. */
  mightHoldInMemory(key: BloomKey): boolean | undefined {
    const page = this.#file.cached(key.partition % this.#pages)
    return page === undefined ? undefined : this.#test(page, key)
  }

  #test({ words }: BloomPage, key: BloomKey): boolean {
    this.#counters.checked++
    const isHeld = everyBit(key, (bit) => (words[bit >>> 5] & (1 << (bit & 31))) !== 0)
    if (!isHeld) this.#counters.excluded++
    return isHeld
  }

  /** Reads every page, which checks its checksum. */
  *check(): Steps<void> {
    for (let page = 0; page < this.#pages; page++) yield* this.#file.read(page)
  }
}
