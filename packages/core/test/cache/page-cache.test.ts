import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { PageCache } from "../../src/cache/page-cache.ts"

const page = (byteLength: number) => ({ byteLength })

describe("the hot cache", () => {
  test("never takes more bytes than it may, and gives what was set last", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 4000 }), fc.boolean())),
        (steps) => {
          const cache = new PageCache(10_000)
          const last = new Map<number, object>()
          for (const [key, byteLength, isRead] of steps) {
            if (isRead) {
              const found = cache.get(key)
              if (found !== undefined) expect(found).toBe(last.get(key))
              expect(cache.has(key)).toBe(found !== undefined)
            } else {
              const own = page(byteLength)
              cache.set(key, own)
              last.set(key, own)
              expect(cache.get(key)).toBe(own)
            }
            expect(cache.bytes).toBeLessThanOrEqual(cache.maxBytes)
          }
        },
      ),
    )
  })

  test("drops what was used the longest time ago, and counts it", () => {
    const cache = new PageCache(10_000)
    for (const key of [1, 2, 3]) cache.set(key, page(2500))
    expect(cache.evictions).toBe(0)
    cache.get(1)
    // To look whether it is there is no use.
    cache.has(2)
    cache.set(4, page(2500))
    expect([1, 2, 3, 4].map((key) => cache.has(key))).toEqual([true, false, true, true])
    expect(cache).toMatchObject({ evictions: 1, hits: 1, misses: 4 })
    cache.set(4, page(100))
    expect(cache.evictions).toBe(1)
    cache.clear()
    expect(cache).toMatchObject({ bytes: 0, evictions: 1 })
  })

  test("leaves what others take, however that grows", () => {
    let reserved = 0
    const cache = new PageCache(10_000, () => reserved)
    for (const key of [1, 2, 3]) cache.set(key, page(2500))
    reserved = 5000
    cache.set(4, page(1500))
    expect([1, 2, 3, 4].map((key) => cache.has(key))).toEqual([false, false, true, true])
    reserved = 20_000
    cache.set(5, page(100))
    expect(cache.bytes).toBe(0)
    expect(cache.evictions).toBe(5)
    reserved = 0
    cache.set(6, page(100))
    expect(cache.has(6)).toBe(true)
  })

  test("does not keep a page that is larger than itself", () => {
    const cache = new PageCache(1000)
    cache.set(1, page(100))
    cache.set(2, page(5000))
    expect(cache.get(2)).toBeUndefined()
    expect(cache.bytes).toBeLessThanOrEqual(1000)
  })
})
