import { describe, expect, test } from "vitest"
import { drive, type Steps } from "../../src/cache/steps.ts"
import { anyWords, emptyWords, WordPool, withScratch } from "../../src/docset/scratch.ts"

const turn = () => new Promise<void>((go) => setImmediate(go))

describe("scratch words", () => {
  test("are used again once the steps end, and empty when that is asked", async () => {
    const pool = new WordPool(1000)
    function* steps(): Steps<Uint32Array[]> {
      const first = emptyWords(10).fill(7)
      const second = emptyWords(10)
      yield turn()
      const third = emptyWords(10)
      expect(third).not.toBe(first)
      return [first, second, third]
    }
    const before = await drive(withScratch(steps(), pool))
    expect(pool.bytes).toBe(120)
    function* later(): Steps<void> {
      expect(before).toContain(anyWords(10))
      const words = emptyWords(10)
      expect(words).toEqual(new Uint32Array(10))
      expect(anyWords(11)).toHaveLength(11)
    }
    await drive(withScratch(later(), pool))
    expect(pool.bytes).toBe(164)
  })

  test("of runs that take turns are apart, and so are those of steps within steps", async () => {
    const pool = new WordPool(10_000)
    const inUse = new Set<Uint32Array>()
    function* own(depth: number): Steps<void> {
      const words: Uint32Array[] = []
      for (let i = 0; i < 5; i++) {
        const next = anyWords(8)
        expect(inUse.has(next)).toBe(false)
        inUse.add(next)
        words.push(next)
        yield turn()
        if (depth > 0) yield* withScratch(own(depth - 1))
        yield undefined
      }
      for (const each of words) inUse.delete(each)
    }
    await Promise.all([1, 2, 3].map((depth) => drive(withScratch(own(depth), pool))))
    expect(inUse.size).toBe(0)
    expect(pool.bytes).toBeGreaterThan(0)
  })

  test("come back when steps fail or are aborted, wherever they wait", async () => {
    const pool = new WordPool(1000)
    function* failing(): Steps<void> {
      emptyWords(10)
      try {
        yield Promise.reject(new Error("first"))
      } catch {
        emptyWords(10)
        yield Promise.reject(new Error("second"))
      }
    }
    await expect(drive(withScratch(failing(), pool))).rejects.toThrow("second")
    expect(pool.bytes).toBe(80)
    // What the failed steps leave is not taken for theirs.
    const words = emptyWords(10)
    expect(emptyWords(10)).not.toBe(words)
    expect(pool.bytes).toBe(80)
  })

  test("that are free take no more than they may", async () => {
    const pool = new WordPool(100)
    function* steps(length: number): Steps<void> {
      for (let i = 0; i < 4; i++) emptyWords(length)
    }
    await drive(withScratch(steps(10), pool))
    expect(pool.bytes).toBeLessThanOrEqual(100)
    // Those of another length made room.
    await drive(withScratch(steps(3), pool))
    expect(pool.bytes).toBe(36)
    await drive(withScratch(steps(26), pool))
    expect(pool.bytes).toBe(36)
  })

  test("without a pool are garbage", async () => {
    function* steps(): Steps<void> {
      expect(emptyWords(10)).not.toBe(anyWords(10))
    }
    await drive(withScratch(steps()))
  })
})
