import { describe, expect, test } from "vitest"
import { drive } from "../../src/cache/steps.ts"
import { type FileAddress, FileKind, pageKey, SEGMENT_FIELD } from "../../src/pages/keys.ts"
import { type PageReader, PageWriter } from "../../src/pages/page.ts"
import { PageFile } from "../../src/pages/page-file.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { flipBit } from "../support/corrupt.ts"
import { CountingStore } from "../support/counting-store.ts"
import { PageStore, run } from "./page-store.ts"

const FILE: FileAddress = { segment: 4, field: 7, kind: FileKind.column }

class Numbers {
  readonly byteLength = 1000
  readonly page: number
  readonly value: number

  constructor(reader: PageReader, page: number) {
    this.page = page
    this.value = reader.u32()
  }
}

class Text {
  readonly byteLength = 1000
  readonly text = "another class of pages"
}

/** Pages 0 to 9 of a file, each with a number of its own. */
async function open(inner = new MemoryStore(), cacheBytes = 2 ** 20, isAsync = false) {
  const store = new CountingStore(isAsync ? new AsyncStore(inner, seededDelay(3)) : inner)
  const pages = await PageStore.open(store, cacheBytes)
  const writer = new PageWriter()
  for (const field of [7, 8]) {
    for (let page = 0; page < 10; page++) {
      writer.u32(field * 100 + page)
      pages.sink.put({ ...FILE, field }, page, writer)
    }
  }
  await pages.finish()
  store.reset()
  return { store, pages, file: new PageFile(pages, FILE, Numbers) }
}

describe("a file of pages", () => {
  test("decodes a page on its first touch, then serves the cache", async () => {
    const { store, pages, file } = await open()
    expect(file.cached(3)).toBeUndefined()
    const page = run(file.read(3))
    expect([page.value, page.page]).toEqual([703, 3])
    expect(run(file.read(3))).toBe(page)
    expect(file.cached(3)).toBe(page)
    expect(store.counts.gets).toBe(1)
    expect(pages.reads).toEqual([{ ...FILE, page: 3 }])
  })

  // Callers look for a page in the cache before they read it, and each look was a miss.
  test("counts a page that is read once as one miss", async () => {
    const { pages, file } = await open()
    const page = file.cached(5) ?? run(file.read(5))
    expect(file.cached(5)).toBe(page)
    expect([pages.cache.hits, pages.cache.misses]).toEqual([1, 1])
  })

  test("does not mix with other files", async () => {
    const { pages, file } = await open()
    const other = new PageFile(pages, { ...FILE, field: 8 }, Numbers)
    const texts = new PageFile(pages, FILE, Text)
    expect(run(file.read(1)).value).toBe(701)
    expect(run(other.read(1)).value).toBe(801)
    expect(run(texts.read(1)).text).toBe("another class of pages")
    expect(run(file.read(1)).value).toBe(701)
  })

  test("reads again what had to leave the cache", async () => {
    const { store, pages, file } = await open(new MemoryStore(), 5000)
    for (let round = 0; round < 2; round++) {
      for (let page = 0; page < 10; page++) expect(run(file.read(page)).value).toBe(700 + page)
    }
    expect(store.counts.gets).toBe(20)
    expect(pages.cache.evictions).toBeGreaterThan(0)
    expect(pages.cache.bytes).toBeLessThanOrEqual(5000)
  })

  test("works without room for a single page", async () => {
    const { file } = await open(new MemoryStore(), 1)
    expect(run(file.read(2)).value).toBe(702)
    expect(file.cached(2)).toBeUndefined()
  })
})

describe("prefetching", () => {
  test("loads what is missing in one batch", async () => {
    const { store, pages, file } = await open(new MemoryStore(), 2 ** 20, true)
    const work = { pagesRead: 0, pagesFromCache: 0, bytesRead: 0 }
    await drive(file.read(3), { work })
    await drive(file.prefetch(2, 4), { work })
    expect(store.counts.getManys).toBe(1)
    expect(store.counts.keysRead).toEqual([3, 2, 4, 5].map((page) => pageKey(FILE, page)))
    expect([work.pagesRead, work.pagesFromCache, pages.cache.misses]).toEqual([4, 0, 4])
    for (const page of [2, 3, 4, 5]) expect(file.cached(page)?.value).toBe(700 + page)
    await drive(file.prefetch(2, 4))
    expect(store.counts.getManys).toBe(1)
  })

  test("is no use for one page, nor where reads are synchronous", async () => {
    const slow = await open(new MemoryStore(), 2 ** 20, true)
    await drive(slow.file.prefetch(2, 1))
    await drive(slow.file.prefetchAll([2]))
    expect(slow.store.counts.keysRead).toEqual([])
    const { store, file } = await open()
    run(file.prefetch(2, 4))
    run(file.prefetchAll([1, 2, 3]))
    expect(store.counts.keysRead).toEqual([])
  })

  test("finds damage as reading does", async () => {
    const { store, file } = await open(new MemoryStore(), 2 ** 20, true)
    await flipBit(store, pageKey(FILE, 4), 70)
    await expect(drive(file.prefetch(3, 3))).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
    await expect(drive(file.read(4))).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
  })
})

describe("damage", () => {
  test("is named by field, segment and page, and never cached", async () => {
    const { store, file } = await open()
    await flipBit(store, pageKey(FILE, 6), 80)
    for (let i = 0; i < 2; i++) {
      expect(() => run(file.read(6))).toThrow(
        expect.objectContaining({
          code: "TIERDEX_CORRUPT",
          message: expect.stringMatching(/field "field 7", segment 4, column page 6: .*checksum/),
          place: { segment: 4, page: 6, field: "field 7" },
        }),
      )
    }
    expect(run(file.read(5)).value).toBe(705)
  })

  test("is a page that is not there", async () => {
    const { pages } = await open()
    const file = new PageFile(pages, { ...FILE, kind: FileKind.tree + 2 }, Numbers)
    expect(() => run(file.read(0))).toThrow(/tree level 2 page 0: it is missing/)
  })

  test("is a page whose contents make no sense", async () => {
    const { pages } = await open()
    const short = { segment: 1, field: SEGMENT_FIELD, kind: FileKind.live }
    pages.sink.put(short, 0, new PageWriter())
    await pages.finish()
    const file = new PageFile(
      pages,
      short,
      class extends Numbers {
        constructor(reader: PageReader, page: number) {
          reader.raw(2 ** 20)
          super(reader, page)
        }
      },
    )
    expect(() => run(file.read(0))).toThrow(
      expect.objectContaining({
        code: "TIERDEX_CORRUPT",
        message: expect.stringMatching(/ids, segment 1, live page 0: its contents make no sense/),
        place: { segment: 1, page: 0 },
        cause: expect.any(RangeError),
      }),
    )
  })
})
