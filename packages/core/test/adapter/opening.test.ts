import { expect, test } from "vitest"
import { Opening } from "../../src/adapter/index.ts"

const CLOSED = { code: "TIERDEX_CLOSED" }

/** An engine that says in `log` what is done to it. */
function engine(log: string[], opened?: Promise<void>) {
  return async () => {
    await opened
    log.push("open")
    return { release: async () => void log.push("release") }
  }
}

test("what is open is held until it is closed, after what is pending", async () => {
  const log: string[] = []
  const opening = new Opening()
  expect(() => opening.held).toThrow(expect.objectContaining(CLOSED))
  const held = await opening.open(engine(log))
  expect(opening.held).toBe(held)
  const settle = async () => void log.push("settle")
  const closing = opening.close(settle)
  expect(opening.isClosing).toBe(true)
  expect(() => opening.held).toThrow(expect.objectContaining(CLOSED))
  await Promise.all([closing, opening.close(settle)])
  await expect(opening.open(engine(log))).rejects.toMatchObject(CLOSED)
  expect(log).toEqual(["open", "settle", "release"])
})

test("what is closed while it opens is released when it is open", async () => {
  const log: string[] = []
  const opening = new Opening()
  const { promise, resolve } = Promise.withResolvers<void>()
  const opened = opening.open(engine(log, promise))
  const closing = opening.close(async () => {})
  resolve()
  await expect(opened).rejects.toMatchObject(CLOSED)
  await closing
  expect(log).toEqual(["open", "release"])
})

test("what fails to open is not released, and leaves alone what is open", async () => {
  const log: string[] = []
  const failing = () => Promise.reject(new Error("not there"))
  const opening = new Opening()
  await expect(opening.open(failing)).rejects.toThrow("not there")
  await opening.open(engine(log))
  await expect(opening.open(failing)).rejects.toThrow("not there")
  await opening.close(async () => {})
  expect(log).toEqual(["open", "release"])
  const never = new Opening()
  await expect(never.open(failing)).rejects.toThrow("not there")
  await never.close(async () => {})
})
