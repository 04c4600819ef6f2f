import { setTimeout } from "node:timers/promises"
import { expect, test } from "vitest"
import { WriteQueue } from "../../src/adapter/index.ts"

test("writes run one after another, in the order of their calls", async () => {
  const queue = new WriteQueue()
  const seen: string[] = []
  const results = [5, 1, 0].map((ms, n) =>
    queue.run(async () => {
      seen.push(`begin ${n}`)
      await setTimeout(ms)
      seen.push(`end ${n}`)
      return n
    }),
  )
  await queue.settle()
  expect(seen).toEqual(["begin 0", "end 0", "begin 1", "end 1", "begin 2", "end 2"])
  expect(await Promise.all(results)).toEqual([0, 1, 2])
  expect(queue.failure).toBeUndefined()
})

test("after one that fails the others fail with its error, untried", async () => {
  const queue = new WriteQueue()
  const cause = new Error("The disk is full.")
  let tried = 0
  const first = queue.run(() => Promise.reject(cause))
  const second = queue.run(async () => tried++)
  await queue.settle()
  const failure = { code: "TIERDEX_STORE_FAILED", cause }
  await expect(first).rejects.toMatchObject(failure)
  await expect(second).rejects.toBe(queue.failure)
  await expect(queue.run(async () => tried++)).rejects.toMatchObject(failure)
  expect(tried).toBe(0)
  expect(queue.fail(new Error("later"))).toMatchObject(failure)
})

test("what throws at once is a failure, too", async () => {
  const queue = new WriteQueue()
  const write = () => {
    throw new TypeError("no")
  }
  await expect(queue.run(write)).rejects.toMatchObject({ cause: expect.any(TypeError) })
})
