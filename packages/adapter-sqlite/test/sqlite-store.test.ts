import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { bytes, numbered, put } from "@tierdex/conformance"
import Database from "better-sqlite3"
import { describe, expect, it, onTestFinished, test, vi } from "vitest"
import {
  expectDeletionEndsByClosing,
  expectOpeningEndsByClosing,
  expectRefused,
  expectUnknownRefused,
  fill,
  opened,
  page,
  tempPath,
} from "../../../testing/stores.ts"
import { countTurns } from "../../../testing/turns.ts"
import { type SqlitePathOptions, sqliteStore } from "../src/index.ts"

describe("sqliteStore", () => {
  it("reads without promises", async () => {
    const store = await opened(sqliteStore({ path: await tempPath() }))
    await store.write([put(bytes(1), bytes(2))], { durable: false })
    expect(store.get(bytes(1))).toEqual(bytes(2))
    expect(store.getMany([bytes(2), bytes(1)])).toEqual([undefined, bytes(2)])
    expect(store.capabilities).toEqual({ durableWrites: true, syncReads: true, persistent: true })
  })

  it("resolves writes in the order of their calls, durable or not", async () => {
    const path = await tempPath()
    const store = await opened(sqliteStore({ path }))
    const seen: number[] = []
    const writes = Array.from({ length: 100 }, async (_, n) => {
      await store.write(n % 5 === 0 ? [] : [put(bytes(1), bytes(n))], { durable: n % 3 === 0 })
      seen.push(n)
    })
    await Promise.all(writes)
    expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(store.get(bytes(1))).toEqual(bytes(99))
  })

  it("lets other work go on beside a loop of writes, and in deleteRange", async () => {
    const store = await opened(sqliteStore({ path: await tempPath() }))
    const writing = countTurns()
    await fill(store, 0, 3_000)
    writing.stop()
    expect(writing.turns).toBeGreaterThan(20)
    const before = await store.sizeOnDisk()
    const deleting = countTurns()
    await store.deleteRange({ gte: numbered(0), lt: numbered(3_000) })
    deleting.stop()
    expect(deleting.turns).toBeGreaterThan(5)
    // Freed pages are used again.
    await fill(store, 4_000, 3_000)
    expect(await store.sizeOnDisk()).toBeLessThan(before + (9 << 20))
  })

  it("passes its options on", async () => {
    const path = await tempPath("made/on/the/way/index.db")
    const store = await opened(
      sqliteStore({
        path,
        pageBytes: 16_384,
        cacheBytes: 1 << 20,
        checkpointBytes: 1 << 20,
      }),
    )
    await fill(store, 0, 1_000)
    expect((await stat(`${path}-wal`)).size).toBeLessThan(3 << 20)
    await store.close()
    expect(await readdir(dirname(path))).toEqual(["index.db"])
    const header = await readFile(path)
    expect(header.readUInt16BE(16)).toBe(16_384)
    const again = await opened(sqliteStore({ path, pageBytes: 4_096 }))
    expect(again.get(numbered(999))).toEqual(page)
  })

  it("lets go of what it opens when it is closed meanwhile", async () => {
    const path = await tempPath()
    await expectOpeningEndsByClosing(() => sqliteStore({ path }))
    const db = new Database(":memory:")
    onTestFinished(() => void db.close())
    await expectOpeningEndsByClosing(() => sqliteStore({ db }))
  })

  it("refuses options that it does not have", () => {
    const all = { path: "a", pageBytes: 4_096, cacheBytes: 65_536, checkpointBytes: 65_536 }
    expectUnknownRefused<SqlitePathOptions>(sqliteStore, all, {})
  })

  it("refuses options that make no sense", () => {
    const closed = new Database(":memory:").close()
    for (const options of [
      { path: "" },
      { db: closed },
      { path: "a " },
      { path: "a", pageBytes: 5_000 },
      { path: "a", pageBytes: 131_072 },
      { path: "a", cacheBytes: 1.5e6 + 0.5 },
      { path: "a", checkpointBytes: 0 },
    ]) {
      expect(() => sqliteStore(options)).toThrow(
        expect.objectContaining({ code: "TIERDEX_INVALID_OPTION" }),
      )
    }
  })

  it("uses an open database beside other tables, and leaves it open", async () => {
    const db = new Database(await tempPath())
    onTestFinished(() => void db.close())
    db.pragma("journal_mode = WAL")
    db.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')")
    const store = await opened(sqliteStore({ db }))
    expect(store.capabilities).toEqual({ durableWrites: true, syncReads: true, persistent: true })
    await expect(sqliteStore({ db }).open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
    await store.write([put(bytes(1), page)], { durable: true })
    await store.deleteRange({ gte: bytes(2), lt: bytes(3) })
    await store.close()
    expect(() => store.get(bytes(1))).toThrow(expect.objectContaining({ code: "TIERDEX_CLOSED" }))
    expect(db.prepare("SELECT text FROM notes").pluck().get()).toBe("mine")
    expect((await opened(sqliteStore({ db }))).get(bytes(1))).toEqual(page)
  })

  it("says what a database cannot do", async () => {
    const db = new Database(":memory:")
    onTestFinished(() => void db.close())
    const store = await opened(sqliteStore({ db }))
    expect(store.capabilities).toEqual({ durableWrites: false, syncReads: true, persistent: false })
    await store.write([put(bytes(1), page)], { durable: true })
    expect(store.get(bytes(1))).toEqual(page)
    expect(await store.sizeOnDisk()).toBeGreaterThan(page.length)

    const file = new Database(await tempPath())
    onTestFinished(() => void file.close())
    const durable = () => sqliteStore({ db: file }).capabilities.durableWrites
    expect(durable()).toBe(false)
    file.pragma("journal_mode = WAL")
    expect(durable()).toBe(true)
    file.pragma("synchronous = OFF")
    expect(durable()).toBe(false)
  })

  it("rolls a failed write back, and takes the next", async () => {
    const db = new Database(await tempPath())
    onTestFinished(() => void db.close())
    const store = await opened(sqliteStore({ db }))
    db.pragma("max_page_count = 10")
    const ops = [1, 2, 3].map((n) => put(bytes(n), page))
    await expect(store.write(ops, { durable: false })).rejects.toMatchObject({
      code: "TIERDEX_STORE_FAILED",
      cause: { code: "SQLITE_FULL" },
    })
    expect(store.get(bytes(1))).toBeUndefined()
    await store.write([put(bytes(4), bytes(1))], { durable: true })
    expect(store.get(bytes(4))).toEqual(bytes(1))
  })
})

describe("errors", () => {
  it("refuses what is no index, and leaves it as it was", async () => {
    const text = await tempPath()
    await writeFile(text, "These are notes. ".repeat(1_000))
    const short = await tempPath()
    await writeFile(short, "abc")
    const other = await tempPath()
    new Database(other).exec("CREATE TABLE notes (text TEXT)").close()
    const damaged = await tempPath()
    const store = await opened(sqliteStore({ path: damaged }))
    await fill(store, 0, 50)
    await store.close()
    await writeFile(damaged, (await readFile(damaged)).fill(7, 100, 200))
    const before = await Promise.all([text, short, other].map((path) => readFile(path)))
    for (const path of [text, short, other, damaged, join(text, "below"), dirname(text)]) {
      await expectRefused(sqliteStore({ path }), "Name a new file")
    }
    expect(await Promise.all([text, short, other].map((path) => readFile(path)))).toEqual(before)
    await writeFile(text, "")
    await opened(sqliteStore({ path: text }))
  })

  it("does not load the package where it would end the process", async () => {
    const { versions } = process
    Object.defineProperty(process, "versions", { value: { ...versions, napi: "9" } })
    onTestFinished(() => void Object.defineProperty(process, "versions", { value: versions }))
    await expect(sqliteStore({ path: await tempPath() }).open()).rejects.toMatchObject({
      code: "TIERDEX_UNSUPPORTED_PLATFORM",
      message: expect.stringContaining("22.14"),
    })
  })

  it("says where the package has no binary", async () => {
    vi.doMock("better-sqlite3", () => {
      throw new Error("No native build was found")
    })
    onTestFinished(() => void vi.doUnmock("better-sqlite3"))
    const store = sqliteStore({ path: await tempPath() })
    await expect(store.open()).rejects.toMatchObject({
      code: "TIERDEX_UNSUPPORTED_PLATFORM",
      cause: expect.any(Error),
    })
  })
})

test("closing comes after the writes before it, and ends a deleteRange between two steps", () =>
  expectDeletionEndsByClosing(sqliteStore))
