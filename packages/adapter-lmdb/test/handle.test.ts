import { join } from "node:path"
import { bytes, put } from "@tierdex/conformance"
import { openIndex } from "@tierdex/core"
import { open, type RootDatabaseOptions } from "lmdb"
import { describe, expect, it, onTestFinished } from "vitest"
import { lmdbStore } from "../src/index.ts"
import { tempFolder } from "./support/temp.ts"

const BINARY = { encoding: "binary", keyEncoding: "binary" } as const

function openHandle(path: string, options: RootDatabaseOptions = {}) {
  const db = open<Uint8Array, Uint8Array>(path, {
    ...BINARY,
    overlappingSync: false,
    eventTurnBatching: false,
    ...options,
  })
  onTestFinished(() => db.close())
  return db
}

describe("an open database as the store", () => {
  it("carries an index, and stays open", async () => {
    const db = openHandle(join(await tempFolder(), "index.mdb"))
    for (const size of [1, 2]) {
      const index = await openIndex({ store: lmdbStore({ db }) })
      await index.put(`id${size}`, { size })
      expect(index.size).toBe(size)
      await index.flush()
      await index.close()
    }
    expect([...db.getKeys()]).not.toHaveLength(0)
  })

  it("carries one store at a time, and any kind of data file", async () => {
    const folder = await tempFolder()
    for (const db of [openHandle(join(folder, "file.mdb")), openHandle(join(folder, "folder"))]) {
      const store = lmdbStore({ db })
      await store.open()
      await expect(lmdbStore({ db }).open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
      await store.write([put(bytes(1), bytes(2))], { durable: true })
      expect(await store.sizeOnDisk()).toBeGreaterThan(8_000)
      await store.close()
      expect(() => store.get(bytes(1))).toThrow(expect.objectContaining({ code: "TIERDEX_CLOSED" }))
      const again = lmdbStore({ db })
      await again.open()
      expect(again.get(bytes(1))).toEqual(bytes(2))
      await again.close()
    }
  })

  it("is refused with other encodings, and believed about noSync", async () => {
    const folder = await tempFolder()
    const text = openHandle(join(folder, "a.mdb"), { keyEncoding: "ordered-binary" })
    expect(() => lmdbStore({ db: text })).toThrow(
      expect.objectContaining({ code: "TIERDEX_INVALID_OPTION" }),
    )
    const db = openHandle(join(folder, "b.mdb"), { noSync: true })
    expect(lmdbStore({ db, noSync: true }).capabilities.durableWrites).toBe(false)
    expect(lmdbStore({ db }).capabilities.durableWrites).toBe(true)
  })
})
