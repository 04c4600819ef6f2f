import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import {
  checkIntegers,
  checkKnown,
  flushFile,
  flushFolder,
  folderSize,
  invalidOption,
  plain,
  storeClosed,
  storeFailed,
  storeLocked,
  successor,
  unlessGone,
  unsupportedPlatform,
} from "../../src/adapter/index.ts"

describe("errors", () => {
  test("say in full what failed, and what to do", () => {
    const cause = new Error("no space left.")
    expect(storeFailed("Cannot write", cause)).toMatchObject({
      code: "TIERDEX_STORE_FAILED",
      message: "Cannot write: no space left.",
      cause,
    })
    expect(storeFailed("Cannot open a", cause, "Name another.").message).toBe(
      "Cannot open a: no space left. Name another.",
    )
    expect(storeFailed("Cannot write", 5).message).toBe("Cannot write: 5")
    expect(storeLocked("/a/b")).toMatchObject({
      code: "TIERDEX_LOCKED",
      message: expect.stringContaining("/a/b"),
    })
    expect(invalidOption("myStore", "path", "a path")).toMatchObject({
      code: "TIERDEX_INVALID_OPTION",
      message: "myStore: path has to be a path.",
    })
    expect(unsupportedPlatform("My engine", "Use another.", cause)).toMatchObject({
      code: "TIERDEX_UNSUPPORTED_PLATFORM",
      message: `My engine does not load on ${process.platform}-${process.arch}: Use another.`,
      cause,
    })
  })

  test("that are coded are handed on, of any copy of the package", () => {
    const closed = storeClosed()
    expect(storeFailed("Cannot read", closed)).toBe(closed)
    const other = Object.assign(new Error("other copy"), { code: "TIERDEX_LOCKED" })
    expect(storeFailed("Cannot open", other)).toBe(other)
    const engine = Object.assign(new Error("engine"), { code: "ENOSPC" })
    expect(storeFailed("Cannot write", engine)).not.toBe(engine)
  })
})

test("integers are checked as far as they are given", () => {
  const check = (options: { readonly size?: unknown; readonly path?: string }) => () =>
    checkIntegers("myStore", options, { size: [1, 10] })
  for (const options of [{}, { size: undefined }, { size: 1 }, { size: 10, path: "" }]) {
    expect(check(options)).not.toThrow()
  }
  for (const size of [0, 11, 1.5, "5", null, Number.NaN]) {
    expect(check({ size })).toThrow("myStore: size has to be an integer from 1 to 10.")
  }
})

test("options of another name are refused", () => {
  const check = (options: unknown) => () => checkKnown("myStore", options, ["path", "size"])
  for (const options of [{}, { size: undefined }, { path: "", size: 1 }]) {
    expect(check(options)).not.toThrow()
  }
  const message = 'There is no option "Path" of myStore; it takes path, size.'
  expect(check({ Path: "" })).toThrow(
    expect.objectContaining({ code: "TIERDEX_INVALID_OPTION", message }),
  )
  expect(check("a")).toThrow("The options of myStore must be an object, not ")
})

test("a successor is the least key above", () => {
  expect(successor(Uint8Array.of(1, 0xff))).toEqual(Uint8Array.of(1, 0xff, 0))
  const buffer = Buffer.from("abc").subarray(1)
  expect(plain(buffer)).toEqual(Uint8Array.of(98, 99))
  expect(plain(buffer).constructor).toBe(Uint8Array)
  expect(plain(undefined)).toBeUndefined()
})

test("files are measured and flushed, and may go meanwhile", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-files-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, "a"), "12345")
  await writeFile(join(folder, "b"), "")
  await appendFile(join(folder, "b"), "678")
  expect(await folderSize(folder)).toBe(8)
  await flushFile(join(folder, "a"))
  await flushFolder(folder)
  expect(await unlessGone(() => flushFile(join(folder, "c")))).toBeUndefined()
  await expect(unlessGone(() => Promise.reject(new Error("else")))).rejects.toThrow("else")
})
