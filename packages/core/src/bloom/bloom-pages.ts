import { Buffer } from "node:buffer"
import { BloomFilter } from "bloomfilter"
import type { Steps } from "../cache/steps.ts"
import { FileKind } from "../pages/keys.ts"
import { type PageReader, PageWriter, ROW_PAGE_BYTES } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { hashBytes, hashNumber } from "../values/hash.ts"
import type { Value } from "../values/kind.ts"

/** Words of one filter, which fills a small page. */
const WORDS = Math.floor((ROW_PAGE_BYTES - 24) / 4)
const BITS = WORDS * 32
/** 10 bits a key and 7 hash functions: about 1 false positive in 100. */
const BITS_PER_KEY = 10
const HASHES = 7
const PARTITION_SEED = 0x1b873593

/** Keys that make a filter worthwhile; below, the tree is a page or two itself. */
export const MIN_BLOOM_KEYS = 1024

/** A key, hashed once for all filters that are asked about it. */
export interface BloomKey {
  /** Chooses the page. */
  readonly partition: number
  /** The bits in that page. */
  readonly bits: readonly number[]
}

// All filters have one size, so a key has the same bits in each of them.
const shape = new BloomFilter(BITS, HASHES)

/** The key of a value. Values of different kinds have different keys. */
export function bloomKey(value: Value): BloomKey {
  return { partition: partitionOf(value), bits: Array.from(shape.locations(keyText(value))) }
}

function partitionOf({ kind, payload }: Value): number {
  const seed = PARTITION_SEED + kind
  return typeof payload === "number"
    ? hashNumber(payload, seed)
    : hashBytes(payload, 0, payload.length, seed)
}

function keyText({ kind, payload }: Value): string {
  if (typeof payload === "number") return `${kind}${payload}`
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  return `${kind}${bytes.toString("latin1")}`
}

/** Collects the keys of a field and writes its filters, one to a page. */
export class BloomWriter {
  readonly #filters: BloomFilter[]

  constructor(keys: number) {
    const pages = Math.max(1, Math.ceil((keys * BITS_PER_KEY) / BITS))
    this.#filters = Array.from({ length: pages }, () => new BloomFilter(BITS, HASHES))
  }

  add(value: Value): void {
    const { buckets } = this.#filters[partitionOf(value) % this.#filters.length]
    const bits = shape.locations(keyText(value))
    for (let i = 0; i < HASHES; i++) buckets[bits[i] >>> 5] |= 1 << (bits[i] & 31)
  }

  /** Layout of a page: 32-bit words. Returns the number of pages. */
  finish(sink: PageSink, segment: number, field: number): number {
    const page = new PageWriter()
    this.#filters.forEach(({ buckets }, number) => {
      page.raw(new Uint8Array(buckets.buffer, buckets.byteOffset, buckets.byteLength))
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
    for (const bit of key.bits) {
      if ((words[bit >>> 5] & (1 << (bit & 31))) === 0) {
        this.#counters.excluded++
        return false
      }
    }
    return true
  }

  /** Reads every page, which checks its checksum. */
  *check(): Steps<void> {
    for (let page = 0; page < this.#pages; page++) yield* this.#file.read(page)
  }
}
