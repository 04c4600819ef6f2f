import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { ALL, bytes, numbered, put } from "@tierdex/conformance"
import RocksDB from "rocksdb-native"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import {
  expectFoldersRefused,
  expectOpeningEndsByClosing,
  expectRefused,
  expectUnknownRefused,
  fill,
  opened,
  page,
  tempPath,
} from "../../../testing/stores.ts"
import { type RocksPathOptions, rocksdbStore } from "../src/index.ts"

describe("rocksdbStore", () => {
  it("says what it can do", async () => {
    const { capabilities } = await opened(rocksdbStore({ path: await tempPath() }))
    expect(capabilities).toEqual({ durableWrites: true, syncReads: false, persistent: true })
  })

  it("writes durably from one log to the next", async () => {
    const path = await tempPath()
    const store = await opened(rocksdbStore({ path, writeBufferBytes: 65_536, maxWriteBuffers: 4 }))
    for (let n = 0; n < 60; n++) {
      await store.write(n % 3 === 0 ? [] : [put(numbered(n), page)], { durable: n % 6 === 0 })
    }
    await store.close()
    const again = await opened(rocksdbStore({ path }))
    const keys = Array.from({ length: 60 }, (_, n) => numbered(n))
    const values = await again.getMany(keys)
    expect(values.filter((value) => value !== undefined)).toHaveLength(40)
  })

  it("deletes a range at once, and an empty one too", async () => {
    const store = await opened(rocksdbStore({ path: await tempPath() }))
    await fill(store, 0, 100)
    await store.deleteRange({ gte: numbered(50), lt: numbered(50) })
    await store.deleteRange({ gte: numbered(50), lt: numbered(10) })
    expect(await store.get(numbered(49))).toEqual(page)
    await store.deleteRange({ gte: numbered(10), lt: numbered(50) })
    const keys = [9, 10, 49, 50].map(numbered)
    expect(await store.getMany(keys)).toEqual([page, undefined, undefined, page])
    expect(await store.getMany([])).toEqual([])
  })

  it("passes its options on", async () => {
    const path = await tempPath()
    const store = await opened(
      rocksdbStore({
        path,
        writeBufferBytes: 65_536,
        maxWriteBuffers: 3,
        blockBytes: 4_096,
        blockCache: true,
        maxBackgroundJobs: 1,
        maxOpenFiles: 64,
        minBlobBytes: 10_000,
      }),
    )
    await fill(store, 0, 50)
    await store.close()
    const names = await readdir(path)
    expect(names.some((name) => name.endsWith(".blob"))).toBe(true)
    const used =
      names
        .filter((name) => name.startsWith("OPTIONS-"))
        .sort()
        .at(-1) ?? ""
    const text = await readFile(join(path, used), "utf8")
    for (const line of [
      "write_buffer_size=65536",
      "max_write_buffer_number=3",
      "block_size=4096",
      "no_block_cache=false",
      "max_background_jobs=1",
      "max_open_files=64",
      "min_blob_size=10000",
    ]) {
      expect(text).toContain(line)
    }
    const again = await opened(rocksdbStore({ path }))
    expect(await again.get(numbered(49))).toEqual(page)
  })

  it("lets go of what it opens when it is closed meanwhile", async () => {
    const path = await tempPath()
    await expectOpeningEndsByClosing(() => rocksdbStore({ path }))
    const db = new RocksDB(path)
    onTestFinished(() => db.close())
    await expectOpeningEndsByClosing(() => rocksdbStore({ db }))
  })

  it("refuses options that it does not have", () => {
    const all = { path: "a", writeBufferBytes: 65_536, maxWriteBuffers: 2, blockBytes: 4_096 }
    const rest = { blockCache: true, maxBackgroundJobs: 2, maxOpenFiles: -1, minBlobBytes: 0 }
    expectUnknownRefused<RocksPathOptions>(rocksdbStore, { ...all, ...rest }, {})
  })

  it("refuses options that make no sense", () => {
    for (const options of [
      { path: "" },
      { path: "a", writeBufferBytes: 1 },
      { path: "a", maxWriteBuffers: 2.5 },
      { path: "a", blockBytes: 2 ** 40 },
      { path: "a", maxBackgroundJobs: 0 },
      { path: "a", minBlobBytes: -1 },
      { path: "a", maxOpenFiles: -2 },
    ]) {
      expect(() => rocksdbStore(options)).toThrow(
        expect.objectContaining({ code: "TIERDEX_INVALID_OPTION" }),
      )
    }
  })

  it("takes a handle once, also when two ask at the same time", async () => {
    const db = new RocksDB(await tempPath())
    onTestFinished(() => db.close({ force: true }))
    const stores = [rocksdbStore({ db }), rocksdbStore({ db })]
    const outcomes = await Promise.allSettled(stores.map((store) => store.open()))
    expect(outcomes).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "TIERDEX_LOCKED" } },
    ])
    await stores[0].close()
  })

  it("uses an open database, or a column family of one, and leaves it open", async () => {
    const db = new RocksDB(await tempPath())
    onTestFinished(() => db.close({ force: true }))
    const family = db.columnFamily("index")
    for (const handle of [db, family]) {
      const store = await opened(rocksdbStore({ db: handle }))
      await expect(rocksdbStore({ db: handle }).open()).rejects.toMatchObject({
        code: "TIERDEX_LOCKED",
      })
      await store.write([put(bytes(1), page)], { durable: true })
      await store.close()
      await expect(store.get(bytes(1))).rejects.toMatchObject({ code: "TIERDEX_CLOSED" })
      expect(await handle.get(bytes(1))).toEqual(Buffer.from(page))
      expect(await (await opened(rocksdbStore({ db: handle }))).get(bytes(1))).toEqual(page)
    }
  })
})

describe("errors", () => {
  it("refuses what is no RocksDB folder, and leaves it as it was", async () => {
    const path = await tempPath()
    const store = await opened(rocksdbStore({ path }))
    await fill(store, 0, 500)
    await store.close()
    await writeFile(join(path, "CURRENT"), "garbage\n")
    await expectRefused(rocksdbStore({ path }), "Name a new folder")
    await expectFoldersRefused(rocksdbStore, {
      "notes.txt": ["notes.txt"],
      LevelDB: ["CURRENT", "MANIFEST-000002", "000005.ldb"],
      "lost CURRENT": ["IDENTITY", "MANIFEST-000002", "000005.sst"],
    })
  })

  it("finishes a database that was killed while it was made", async () => {
    const path = await tempPath("")
    for (const name of ["LOCK", "LOG", "IDENTITY", "000001.dbtmp"])
      await writeFile(join(path, name), "")
    const store = await opened(rocksdbStore({ path }))
    await store.write([put(bytes(1), bytes(1))], { durable: true })
  })

  it("says where the package has no binary", async () => {
    vi.doMock("rocksdb-native", () => {
      throw new Error("libatomic.so.1: cannot open shared object file")
    })
    onTestFinished(() => void vi.doUnmock("rocksdb-native"))
    const store = rocksdbStore({ path: await tempPath() })
    await expect(store.open()).rejects.toMatchObject({
      code: "TIERDEX_UNSUPPORTED_PLATFORM",
      message: expect.stringContaining("libatomic1"),
      cause: expect.any(Error),
    })
  })
})

describe("close", () => {
  it("waits for the writes before it, and for no scan that was left", async () => {
    const path = await tempPath()
    const store = await opened(rocksdbStore({ path }))
    await fill(store, 0, 1_000)
    const scan = store.scan(ALL)[Symbol.asyncIterator]()
    await scan.next()
    const pending = [1, 2, 3].map((n) =>
      store.write([put(bytes(0xf0, n), page)], { durable: true }),
    )
    const deleted = store.deleteRange({ gte: numbered(0), lt: numbered(500) })
    const closing = store.close()
    await Promise.all([...pending, deleted])
    await closing
    await expect(scan.next()).rejects.toMatchObject({ code: "TIERDEX_CLOSED" })
    const again = await opened(rocksdbStore({ path }))
    expect(await again.getMany([bytes(0xf0, 3), numbered(499), numbered(500)])).toEqual([
      page,
      undefined,
      page,
    ])
  })

  it("needs no reading of a log when it is opened again", async () => {
    const path = await tempPath()
    const store = await opened(rocksdbStore({ path }))
    await fill(store, 0, 200)
    await store.close()
    const names = await readdir(path)
    expect(names.some((name) => name.endsWith(".sst"))).toBe(true)
  })
})
