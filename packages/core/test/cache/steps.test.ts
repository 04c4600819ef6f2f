import { describe, expect, test } from "vitest"
import { countTurns } from "../../../../testing/turns.ts"
import { currentWork, drive, isSliceOver, newWork, type Steps } from "../../src/cache/steps.ts"

const later = <R>(value: R) => new Promise<R>((resolve) => setImmediate(() => resolve(value)))

describe("drive", () => {
  test("returns what steps return, after what they wait for", async () => {
    const seen: string[] = []
    function* inner(): Steps<number> {
      yield later(0).then(() => seen.push("first"))
      yield undefined
      seen.push("second")
      return 20
    }
    function* outer(): Steps<number> {
      return (yield* inner()) + 1
    }
    expect(await drive(outer())).toBe(21)
    expect(seen).toEqual(["first", "second"])
  })

  test("gives steps the error of what they wait for, which they may handle", async () => {
    const broken = new Error("broken")
    let cleaned = 0
    function* failing(): Steps<string> {
      try {
        yield Promise.reject(broken)
        return "no"
      } finally {
        cleaned++
      }
    }
    function* handling(): Steps<unknown> {
      try {
        return yield* failing()
      } catch (error) {
        yield later(0)
        return error
      }
    }
    await expect(drive(failing())).rejects.toBe(broken)
    expect(await drive(handling())).toBe(broken)
    expect(cleaned).toBe(2)
  })

  test("ends steps when the signal fires, and lets them clean up", async () => {
    const controller = new AbortController()
    let rounds = 0
    let cleaned = false
    function* endless(): Steps<void> {
      try {
        for (;;) {
          rounds++
          if (rounds === 3) controller.abort("enough")
          yield later(0)
        }
      } finally {
        cleaned = true
      }
    }
    await expect(drive(endless(), { signal: controller.signal })).rejects.toMatchObject({
      code: "TIERDEX_ABORTED",
      cause: "enough",
    })
    expect(rounds).toBe(3)
    expect(cleaned).toBe(true)
    await expect(drive(endless(), { signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    })
    expect(rounds).toBe(3)
  })

  test("keeps the accounts of runs that take turns apart", async () => {
    function* counting(count: number): Steps<number> {
      for (let i = 0; i < count; i++) {
        currentWork().pagesRead++
        yield later(0)
      }
      return currentWork().pagesRead
    }
    const works = [newWork(), newWork()]
    expect(
      await Promise.all([
        drive(counting(3), { work: works[0] }),
        drive(counting(5), { work: works[1] }),
        drive(counting(1)),
      ]),
    ).toEqual([3, 5, 1])
    expect(works.map(({ pagesRead }) => pagesRead)).toEqual([3, 5])
  })

  // Each run began a slice of its own, so that a chain of short ones kept timers waiting for ever.
  test("gives others a turn between many short runs", async () => {
    const counter = countTurns()
    function* short(): Steps<number> {
      const end = performance.now() + 0.2
      while (performance.now() < end);
      return end
    }
    // 100 ms at least, in slices of 8 ms at most.
    for (let n = 0; n < 500; n++) await drive(short())
    counter.stop()
    expect(counter.turns).toBeGreaterThanOrEqual(10)
  })

  test("says when it is time for other work, which then gets a turn", async () => {
    const counter = countTurns()
    function* busy(): Steps<number> {
      let slices = 0
      while (slices < 5) {
        if (!isSliceOver()) continue
        slices++
        yield
      }
      return slices
    }
    expect(await drive(busy())).toBe(5)
    counter.stop()
    expect(counter.turns).toBeGreaterThanOrEqual(5)
  })
})
