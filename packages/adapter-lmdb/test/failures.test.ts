import { spawnSync } from "node:child_process"
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bytes, put } from "@tierdex/conformance"
import { describe, expect, it } from "vitest"
import { expectOpeningEndsByClosing, expectUnknownRefused } from "../../../testing/stores.ts"
import { type LmdbPathOptions, lmdbStore } from "../src/index.ts"
import { openStore, tempFolder } from "./support/temp.ts"

describe("errors", () => {
  it.skipIf(process.platform === "win32")(
    "refuses writes after a failed one, with its cause",
    async () => {
      const path = join(await tempFolder(), "store.mdb")
      const filler = fileURLToPath(new URL("support/filler.ts", import.meta.url))
      const limited = ["-c", 'ulimit -f 4096; exec "$@"', "sh", process.execPath, filler, path]
      const { status, stdout } = spawnSync("sh", limited, { encoding: "utf8" })
      expect(status).toBe(0)
      const [first, later, end] = stdout.trimEnd().split("\n")
      expect(first).toMatch(/^TIERDEX_STORE_FAILED Error: ./)
      expect(later).toBe(`${first},${first}`)
      expect(end).toBe("closed")
      // Opened again, it takes writes.
      const store = await openStore({ path })
      await store.write([put(bytes(1), bytes(1))], { durable: true })
    },
  )

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

  it("lets go of what it opens when it is closed meanwhile", async () => {
    const path = join(await tempFolder(), "store.mdb")
    await expectOpeningEndsByClosing(() => lmdbStore({ path }))
  })

  it("refuses options that it does not have", () => {
    const all = { path: "a", mapSizeBytes: 1 << 20, noSync: false }
    expectUnknownRefused<LmdbPathOptions>(lmdbStore, all, {})
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
