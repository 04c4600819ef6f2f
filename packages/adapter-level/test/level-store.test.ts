import { readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { bytes, numbered, put } from "@tierdex/conformance"
import { ClassicLevel } from "classic-level"
import { describe, expect, it, onTestFinished, test, vi } from "vitest"
import {
  expectDeletionEndsByClosing,
  expectFoldersRefused,
  expectOpeningEndsByClosing,
  expectRefused,
  expectUnknownRefused,
  fill,
  opened,
  page,
  tempPath,
} from "../../../testing/stores.ts"
import { type LevelPathOptions, levelStore } from "../src/index.ts"

describe("levelStore", () => {
  it("reads without promises", async () => {
    const store = await opened(levelStore({ path: await tempPath() }))
    await store.write([put(bytes(1), bytes(2))], { durable: false })
    expect(store.get(bytes(1))).toEqual(bytes(2))
    expect(store.getMany([bytes(2), bytes(1)])).toEqual([undefined, bytes(2)])
    expect(store.capabilities).toEqual({ durableWrites: true, syncReads: true, persistent: true })
  })

  it("writes durably from one log to the next", async () => {
    const path = await tempPath()
    const store = await opened(levelStore({ path, writeBufferBytes: 65_536 }))
    for (let n = 0; n < 60; n++) {
      await store.write([put(numbered(n), page)], { durable: n % 7 === 0 })
    }
    await store.close()
    const again = await opened(levelStore({ path }))
    const values = await again.getMany(Array.from({ length: 60 }, (_, n) => numbered(n)))
    expect(values.every((value) => value !== undefined)).toBe(true)
  })

  it("gives the space of a deleted range back", async () => {
    const store = await opened(levelStore({ path: await tempPath() }))
    await fill(store, 0, 2_000)
    const before = await store.sizeOnDisk()
    expect(before).toBeGreaterThan(2_000 * page.length)
    await store.deleteRange({ gte: numbered(0), lt: numbered(1_950) })
    expect(await store.sizeOnDisk()).toBeLessThan(before / 3)
    expect(store.get(numbered(1_950))).toEqual(page)
  })

  it("passes its options on", async () => {
    const [plain, packed] = [await tempPath(), await tempPath()]
    const text = new Uint8Array(100_000)
    for (const path of [plain, packed]) {
      const options = { writeBufferBytes: 65_536, maxFileBytes: 1 << 20, maxOpenFiles: 64 }
      const store = await opened(
        levelStore({
          path,
          ...options,
          cacheBytes: 65_536,
          blockBytes: 16_384,
          compression: path === packed,
        }),
      )
      for (let n = 0; n < 30; n++) {
        await store.write([put(numbered(n), text)], { durable: false })
      }
      await store.close()
    }
    const sizes = await Promise.all(
      [plain, packed].map(async (path) => await (await opened(levelStore({ path }))).sizeOnDisk()),
    )
    expect(sizes[1]).toBeLessThan(sizes[0] / 2)
    expect((await readdir(plain)).some((name) => name.endsWith(".ldb"))).toBe(true)
  })

  it("lets go of what it opens when it is closed meanwhile", async () => {
    const path = await tempPath()
    await expectOpeningEndsByClosing(() => levelStore({ path }))
    const db = new ClassicLevel(path)
    onTestFinished(() => db.close())
    await expectOpeningEndsByClosing(() => levelStore({ db }))
  })

  it("refuses options that it does not have", () => {
    const all = { path: "a", writeBufferBytes: 65_536, cacheBytes: 65_536, blockBytes: 4_096 }
    const rest = { maxFileBytes: 65_536, maxOpenFiles: 100, compression: true }
    expectUnknownRefused<LevelPathOptions>(levelStore, { ...all, ...rest }, {})
  })

  it("refuses options that make no sense", () => {
    const closed = {} as ClassicLevel
    for (const options of [
      { path: "" },
      { db: closed },
      { path: "a", writeBufferBytes: 1 },
      { path: "a", cacheBytes: 1.5e6 + 0.5 },
      { path: "a", blockBytes: 2 ** 40 },
      { path: "a", maxOpenFiles: 0 },
    ]) {
      expect(() => levelStore(options)).toThrow(
        expect.objectContaining({ code: "TIERDEX_INVALID_OPTION" }),
      )
    }
  })

  it("uses an open database and leaves it open", async () => {
    const db = new ClassicLevel<string, unknown>(await tempPath(), { valueEncoding: "json" })
    onTestFinished(() => db.close())
    const store = await opened(levelStore({ db }))
    await expect(levelStore({ db }).open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
    await store.write([put(bytes(1), page)], { durable: true })
    await store.close()
    expect(() => store.get(bytes(1))).toThrow(expect.objectContaining({ code: "TIERDEX_CLOSED" }))
    expect(db.status).toBe("open")
    expect((await opened(levelStore({ db }))).get(bytes(1))).toEqual(page)
  })
})

describe("errors", () => {
  it("refuses what is no LevelDB folder, and leaves it as it was", async () => {
    const path = await tempPath()
    const store = await opened(levelStore({ path }))
    await fill(store, 0, 500)
    await store.close()
    await writeFile(join(path, "CURRENT"), "garbage\n")
    await expectRefused(levelStore({ path }), "Name a new folder")
    await expectFoldersRefused(levelStore, {
      "notes.txt": ["notes.txt"],
      "CURRENT and IDENTITY": ["CURRENT", "IDENTITY"],
      "lost CURRENT": ["MANIFEST-000002", "000005.ldb"],
    })
  })

  it("finishes a database that was killed while it was made", async () => {
    const path = await tempPath("")
    for (const name of ["LOCK", "LOG", "000001.dbtmp"]) await writeFile(join(path, name), "")
    const store = await opened(levelStore({ path }))
    await store.write([put(bytes(1), bytes(1))], { durable: true })
  })

  it("says where the package has no binary", async () => {
    vi.doMock("classic-level", () => {
      throw new Error("No native build was found")
    })
    onTestFinished(() => void vi.doUnmock("classic-level"))
    const store = levelStore({ path: await tempPath() })
    await expect(store.open()).rejects.toMatchObject({
      code: "TIERDEX_UNSUPPORTED_PLATFORM",
      cause: expect.any(Error),
    })
  })
})

test("closing waits for the writes before it, and ends a deleteRange between two steps", () =>
  expectDeletionEndsByClosing(levelStore))
