import { setImmediate as nextTurn } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import type { Steps } from "../../src/cache/steps.ts"
import { QueryRoom } from "../../src/engine/query-room.ts"

/** A question that ends when told. */
function question() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isRunning = false
  function* steps(): Steps<void> {
    isRunning = true
    yield promise
    isRunning = false
  }
  return { steps: steps(), end: resolve, fail: reject, isRunning: () => isRunning }
}

/** Questions of so many bytes each, asked at once; half of the room is for free sets. */
function ask(room: QueryRoom, ...sizes: readonly number[]) {
  return sizes.map((bytes) => {
    const own = question()
    const done = room.run(bytes, own.steps, {})
    return { ...own, done }
  })
}

describe("the room of questions", () => {
  test("has those wait that do not fit beside others, first come, first served", async () => {
    const room = new QueryRoom(200)
    const questions = ask(room, 60, 60, 10)
    const running = () => questions.map(({ isRunning }) => isRunning())
    await nextTurn()
    // The last would fit, but it is not its turn.
    expect(running()).toEqual([true, false, false])
    expect(room.bytes).toBe(60)
    questions[0].end()
    await questions[0].done
    await nextTurn()
    expect(running()).toEqual([false, true, true])
    expect(room.bytes).toBe(70)
    for (const { end } of questions) end()
    await Promise.all(questions.map(({ done }) => done))
    expect(room.bytes).toBe(0)
  })

  test("lets one alone in, however large, and others after it", async () => {
    const room = new QueryRoom(200)
    const [large, small] = ask(room, 1000, 1)
    await nextTurn()
    expect([large.isRunning(), small.isRunning()]).toEqual([true, false])
    large.fail(new Error("It failed."))
    await expect(large.done).rejects.toThrow("It failed.")
    await nextTurn()
    expect(small.isRunning()).toBe(true)
    small.end()
    await small.done
  })

  test("forgets one that is aborted while it waits", async () => {
    const room = new QueryRoom(200)
    const controller = new AbortController()
    const [first] = ask(room, 100)
    const never = question()
    const aborted = room.run(100, never.steps, { signal: controller.signal })
    const [last] = ask(room, 100)
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: "TIERDEX_ABORTED" })
    expect(never.isRunning()).toBe(false)
    first.end()
    await first.done
    await nextTurn()
    expect(last.isRunning()).toBe(true)
    last.end()
    await last.done
    expect(room.bytes).toBe(0)
  })

  test("without a budget has no limit", async () => {
    const room = new QueryRoom(undefined)
    const questions = ask(room, 1e12, 1e12)
    await nextTurn()
    expect(questions.every(({ isRunning }) => isRunning())).toBe(true)
    for (const { end } of questions) end()
    await Promise.all(questions.map(({ done }) => done))
  })
})
