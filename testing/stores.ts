// What the tests of the adapters share.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished } from "vitest"
import type { Store, WriteOp } from "../packages/core/src/index.ts"

/** A value of 16 KiB that does not compress. */
export const page = new Uint8Array(16_360).map((_, i) => (i * 2_654_435_761) >>> 13)

/** A path in a folder that goes with the test. */
export async function tempPath(name = "store"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-store-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** Opens a store, which closes with the test. */
export async function opened(store: Store): Promise<Store> {
  await store.open()
  onTestFinished(() => store.close())
  return store
}

/** Writes pages under the keys that `numbered` of the conformance suite makes, in batches of 50. */
export async function fill(store: Store, from: number, pages: number): Promise<void> {
  for (let first = from; first < from + pages; first += 50) {
    const ops = Array.from({ length: 50 }, (_, i): WriteOp => {
      const n = first + i
      return { type: "put", key: Uint8Array.of(1, n >>> 16, n >>> 8, n), value: page }
    })
    await store.write(ops, { durable: false })
  }
}

type Factory = (options: { readonly path: string }) => Store

/** Checks that a store does not open, with a cause and with what to do. */
export async function expectRefused(store: Store, advice: string): Promise<void> {
  const error = await store.open().then(
    () => expect.fail("It opened."),
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: "TIERDEX_STORE_FAILED", cause: expect.any(Error) })
  expect(String(error)).toContain(advice)
}

/** Checks that folders with such files in them, and what is no folder, are refused and left alone. */
export async function expectFoldersRefused(
  factory: Factory,
  folders: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const file = await tempPath("file")
  await writeFile(file, "text")
  const places = [file, join(file, "below")]
  for (const names of Object.values(folders)) {
    const folder = await tempPath("")
    for (const name of names) await writeFile(join(folder, name), name)
    places.push(folder)
  }
  for (const place of places) {
    const before = await readdir(place).catch(() => undefined)
    await expectRefused(factory({ path: place }), "Name a new folder")
    expect(await readdir(place).catch(() => undefined)).toEqual(before)
  }
  expect(await readFile(file, "utf8")).toBe("text")
}

/** Checks that a store that deletes in slices closes between two, after the writes before it. */
export async function expectDeletionEndsByClosing(factory: Factory): Promise<void> {
  const range = { gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) }
  const path = await tempPath()
  const store = await opened(factory({ path }))
  await fill(store, 0, 3_000)
  const deleted = store.deleteRange(range).catch((error) => error.code)
  const pending = [1, 2, 3].map((n) =>
    store.write([{ type: "put", key: Uint8Array.of(0xf0, n), value: page }], { durable: true }),
  )
  const closing = store.close()
  await Promise.all(pending)
  await closing
  expect(await deleted).toBe("TIERDEX_CLOSED")
  const again = await opened(factory({ path }))
  expect(await again.get(Uint8Array.of(0xf0, 3))).toEqual(page)
  await again.deleteRange(range)
  for await (const _ of again.scan(range)) throw new Error("There should be nothing left.")
}

/** Checks that a store that is closed while it opens lets go of what it opens. */
export async function expectOpeningEndsByClosing(make: () => Store): Promise<void> {
  for (let turns = 0; turns < 6; turns++) {
    const store = make()
    const opening = store.open().then(
      () => "open",
      (error) => error.code,
    )
    for (let left = turns; left > 0; left--) await new Promise((go) => setImmediate(go))
    await store.close()
    const outcome = await opening
    if (turns === 0) expect(outcome).toBe("TIERDEX_CLOSED")
    else expect(["open", "TIERDEX_CLOSED"]).toContain(outcome)
    await expect((async () => store.get(Uint8Array.of(1)))()).rejects.toMatchObject({
      code: "TIERDEX_CLOSED",
    })
    const again = make()
    await again.open()
    await again.close()
  }
}

/**
 * Checks that an option that there is not is refused, in the words of `openIndex`, and that all that
 * there are can be given.
 * @param all options of a path, each with some value
 */
export function expectUnknownRefused<O extends { readonly path: string }>(
  factory: (options: O) => Store,
  all: Required<O>,
  handle: unknown,
): void {
  expect(factory(all)).toMatchObject({ open: expect.any(Function) })
  const refused = (options: unknown, message: string) => {
    expect(() => Reflect.apply(factory, undefined, [options])).toThrow(
      expect.objectContaining({ code: "TIERDEX_INVALID_OPTION", message }),
    )
  }
  const { name } = factory
  const names = Object.keys(all).join(", ")
  refused({ ...all, sync: 1 }, `There is no option "sync" of ${name}; it takes ${names}, db.`)
  refused(
    { db: handle, path: all.path },
    expect.stringContaining(`There is no option "path" of ${name}({ db }); it takes db`),
  )
  refused(undefined, `The options of ${name} must be an object, not undefined.`)
}
