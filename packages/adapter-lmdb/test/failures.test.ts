import { mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { lmdbStore } from "../src/index.ts"
import { runChild } from "./support/child.ts"
import { ALL, bytes, entriesOf, numbered, put } from "./support/entries.ts"
import { openStore, tempFolder } from "./support/temp.ts"

const unix = process.platform !== "win32"

describe("the lock", () => {
  it("refuses a second opener in this process, by any name of the file", async () => {
    const folder = await tempFolder()
    const path = join(folder, "store.mdb")
    const first = await openStore({ path })
    await expect(lmdbStore({ path }).open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
    await expect(first.open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
    if (unix) {
      await symlink(path, join(folder, "link.mdb"))
      await expect(lmdbStore({ path: join(folder, "link.mdb") }).open()).rejects.toMatchObject({
        code: "TIERDEX_LOCKED",
      })
    }
    await first.write([put(bytes(1), bytes(1))], { durable: true })
    await first.close()
    expect((await openStore({ path })).get(bytes(1))).toEqual(bytes(1))
  })

  it("refuses a second process, and goes with a killed owner", async () => {
    const path = join(await tempFolder(), "store.mdb")
    const child = runChild("holder.ts", [path])
    expect((await child.lines.next()).value).toBe("open")
    await expect(lmdbStore({ path }).open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
    child.process.kill("SIGKILL")
    await child.ended
    const store = await openStore({ path })
    const second = runChild("holder.ts", [path])
    const { end, stderr } = await second.ended
    expect(end).toBe(1)
    expect(stderr).toContain("TIERDEX_LOCKED")
    await store.write([put(bytes(1), bytes(1))], { durable: true })
  })
})

describe("a killed process", () => {
  it("loses no acknowledged write and leaves no half of one", async () => {
    const path = join(await tempFolder(), "store.mdb")
    for (const rounds of [3, 40, 90]) {
      const child = runChild("writer.ts", [path])
      let acknowledged = 0
      for await (const line of child.lines) {
        acknowledged = Number(line)
        if (acknowledged === rounds) child.process.kill("SIGKILL")
      }
      await child.ended
      expect(acknowledged).toBeGreaterThanOrEqual(rounds)

      const store = lmdbStore({ path })
      await store.open()
      const marks = await store.getMany([bytes(2, 1), bytes(2, 2), bytes(2, 3)])
      const last = Buffer.from(marks[0] ?? []).readUIntBE(1, 3)
      expect(last).toBeGreaterThanOrEqual(acknowledged)
      expect(marks).toEqual([numbered(last), numbered(last), numbered(last)])
      for (let n = 1; n <= last; n++) {
        const page = await store.get(numbered(n))
        expect(page?.every((byte) => byte === (n & 0xff))).toBe(true)
      }
      expect(store.get(numbered(last + 1))).toBeUndefined()
      await store.deleteRange(ALL)
      await store.close()
    }
  })
})

describe("errors", () => {
  it.skipIf(!unix)("survives a file that may not grow, refusing writes from then on", async () => {
    const path = join(await tempFolder(), "store.mdb")
    const child = runChild("filler.ts", [path], 4_096)
    const lines: string[] = []
    for await (const line of child.lines) lines.push(line)
    const { end } = await child.ended
    expect(end).toBe(0)
    expect(lines[0]).toBe("first TIERDEX_STORE_FAILED with cause")
    expect(lines[1]).toBe(
      "overlapping TIERDEX_STORE_FAILED with cause,TIERDEX_STORE_FAILED with cause",
    )
    expect(lines[2]).toBe("read 65536,")
    expect(lines[3]).toMatch(/^closed after \d+$/)

    const written = Number(lines[3].split(" ")[2])
    const store = await openStore({ path })
    const entries = await entriesOf(store)
    expect(entries).toHaveLength(written)
    for (const [n, { value }] of entries.entries()) {
      expect(value.length === 65_536 && value.every((byte) => byte === (n & 0xff))).toBe(true)
    }
    await store.write([put(numbered(written), bytes(1))], { durable: true })
  })

  it("refuses a file that is not LMDB's, or is a part of one", async () => {
    const folder = await tempFolder()
    const whole = join(folder, "whole.mdb")
    const store = await openStore({ path: whole })
    await store.write([put(bytes(1), bytes(1))], { durable: true })
    await store.close()
    const good = await readFile(whole)

    const cases: [content: Uint8Array, message: string][] = [
      [Buffer.from("abc"), "not an LMDB file"],
      [Buffer.from("This is a text. ".repeat(1_000)), "not an LMDB file"],
      [new Uint8Array(8_192), "not an LMDB file"],
      [good.subarray(0, 100), "truncated"],
      [good.subarray(0, 4_096), "truncated"],
      [Buffer.from(good).fill(9, 28, 29), "format 9"],
    ]
    for (const [content, message] of cases) {
      const path = join(folder, "other.mdb")
      await writeFile(path, content)
      const error = await lmdbStore({ path })
        .open()
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: "TIERDEX_STORE_FAILED", cause: expect.any(Error) })
      expect(String(error)).toContain(message)
      expect(await readFile(path)).toEqual(Buffer.from(content))
    }
    // The lock is free again, and an empty file is a new one.
    await truncate(join(folder, "other.mdb"))
    await openStore({ path: join(folder, "other.mdb") })
  })

  it("refuses paths that cannot be files", async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, "file"), "")
    await mkdir(join(folder, "folder"))
    for (const path of [join(folder, "file/store.mdb"), join(folder, "folder")]) {
      await expect(lmdbStore({ path }).open()).rejects.toMatchObject({
        code: "TIERDEX_STORE_FAILED",
        cause: expect.any(Error),
      })
    }
  })

  it("refuses options that make no sense", () => {
    for (const options of [
      { path: "" },
      { path: "a", mapSizeBytes: 0 },
      { path: "a", mapSizeBytes: 1.5e6 + 0.5 },
      { path: "a", mapSizeBytes: 2 ** 60 },
    ]) {
      expect(() => lmdbStore(options)).toThrow(
        expect.objectContaining({ code: "TIERDEX_INVALID_OPTION" }),
      )
    }
  })
})

describe("close", () => {
  it("waits for the writes before it, and refuses what comes after", async () => {
    const path = join(await tempFolder(), "store.mdb")
    const store = await openStore({ path })
    const scan = store.scan(ALL)[Symbol.asyncIterator]()
    const pending = [1, 2, 3].map((n) =>
      store.write([put(numbered(n), new Uint8Array(100_000))], { durable: n === 2 }),
    )
    const closing = store.close()
    const calls = [
      () => store.get(bytes(1)),
      () => store.getMany([bytes(1)]),
      () => scan.next(),
      () => store.write([put(bytes(1), bytes(2))], { durable: false }),
      () => store.deleteRange(ALL),
      () => store.sizeOnDisk(),
      () => store.open(),
    ]
    const refused = async () => {
      for (const call of calls) {
        await expect((async () => call())()).rejects.toMatchObject({ code: "TIERDEX_CLOSED" })
      }
    }
    await refused()
    await Promise.all(pending)
    await closing
    await store.close()
    calls[2] = () => store.scan(ALL)[Symbol.asyncIterator]().next()
    await refused()
    expect(await entriesOf(await openStore({ path }))).toHaveLength(3)
  })

  it("is quiet on a store that was never open", async () => {
    const store = lmdbStore({ path: join(await tempFolder(), "store.mdb") })
    expect(() => store.get(bytes(1))).toThrow()
    await store.close()
  })
})
