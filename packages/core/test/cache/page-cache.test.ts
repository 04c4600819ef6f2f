import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { PageCache } from "../../src/cache/page-cache.ts"

const page = (byteLength: number) => ({ byteLength })

describe("the hot cache", () => {
  test("never takes more bytes than it may, and gives what was set last", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(10), fc.integer({ min: 1, max: 4000 }), fc.boolean())),
        (steps) => {
          const cache = new PageCache(10_000)
          const files = [0, 1, 2].map(() => cache.openFile())
          const last = new Map<number, object>()
          for (const [file, number, byteLength, isRead] of steps) {
            const key = file * 100 + number
            if (isRead) {
              const found = files[file].get(number)
              if (found !== undefined) expect(found).toBe(last.get(key))
              expect(files[file].has(number)).toBe(found !== undefined)
            } else {
              const own = page(byteLength)
              files[file].set(number, own)
              last.set(key, own)
              expect(files[file].get(number)).toBe(own)
            }
            expect(cache.bytes).toBeLessThanOrEqual(cache.maxBytes)
          }
        },
      ),
    )
  })

  test("drops what was used the longest time ago, and counts it", () => {
    const cache = new PageCache(10_000)
    const file = cache.openFile()
    const there = () => [1, 2, 3, 4].map((number) => file.has(number))
    for (const number of [1, 2, 3]) file.set(number, page(2500))
    expect(cache.evictions).toBe(0)
    file.get(1)
    // To look whether it is there is no use.
    file.has(2)
    file.set(4, page(2500))
    expect(there()).toEqual([true, false, true, true])
    expect(cache).toMatchObject({ evictions: 1, hits: 1, misses: 4 })
    // What was used a second time since the last was taken stays before what was not.
    for (const number of [3, 1, 3, 1]) file.get(number)
    file.set(2, page(2500))
    expect(there()).toEqual([true, true, true, false])
    file.set(2, page(100))
    expect(cache.evictions).toBe(2)
    cache.clear()
    expect(there()).toEqual([false, false, false, false])
    expect(cache).toMatchObject({ bytes: 0, evictions: 2 })
  })

  test("leaves what others take, however that grows", () => {
    let reserved = 0
    const cache = new PageCache(10_000, () => reserved)
    const file = cache.openFile()
    for (const number of [1, 2, 3]) file.set(number, page(2500))
    reserved = 5000
    file.set(4, page(1500))
    expect([1, 2, 3, 4].map((number) => file.has(number))).toEqual([false, false, true, true])
    reserved = 20_000
    file.set(5, page(100))
    expect(cache.bytes).toBe(0)
    expect(cache.evictions).toBe(5)
    reserved = 0
    file.set(6, page(100))
    expect(file.has(6)).toBe(true)
  })

  test("does not keep a page that is larger than itself", () => {
    const cache = new PageCache(1000)
    const file = cache.openFile()
    file.set(1, page(100))
    file.set(2, page(5000))
    expect(file.get(2)).toBeUndefined()
    file.set(1, page(5000))
    expect(file.get(1)).toBeUndefined()
    expect(cache.bytes).toBeLessThanOrEqual(1000)
  })

  test("forgets a file that is closed, and no other", () => {
    const cache = new PageCache(10_000)
    const [closed, other] = [cache.openFile(), cache.openFile()]
    for (const file of [closed, other]) for (const number of [0, 7]) file.set(number, page(100))
    const { bytes } = cache
    closed.close()
    expect([closed.has(0), closed.has(7), other.has(0), other.has(7)]).toEqual([
      false,
      false,
      true,
      true,
    ])
    expect(cache).toMatchObject({ bytes: bytes / 2, evictions: 0 })
  })
})
