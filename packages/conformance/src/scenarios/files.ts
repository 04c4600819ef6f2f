import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect } from "vitest"
import { fillerOf } from "../process/workloads.ts"
import { feature, needing } from "../scenario.ts"
import { bytes, entriesOf, noise, numbered, put, text, texts } from "../support/entries.ts"
import { outcomeOf } from "../support/outcome.ts"

/** As an adapter says that something failed: with the engine's error, or by that error itself. */
const FAILED = /^(TIERDEX_STORE_FAILED\+cause|(?!TIERDEX_|done$).*)$/

export const files = feature("files", {
  "a path that cannot be is refused": needing("persistent", async (fixture) => {
    const place = await fixture.newPlace()
    const { folder } = fixture.files(place)
    await writeFile(join(folder, "note"), "text")
    const child = fixture.child(place, "open", { path: join(folder, "note", "store") })
    expect(await child.line()).toMatch(FAILED)
    expect(await child.ended).toBe(0)
    expect(await readFile(join(folder, "note"), "utf8")).toBe("text")
  }),

  "a file of something else is refused and left as it was": needing(
    "persistent",
    async (fixture) => {
      const place = await fixture.newPlace()
      const { path } = fixture.files(place)
      for (const content of [
        Buffer.from("These are notes. ".repeat(4_000)),
        Buffer.from("abc"),
        noise(100_000, 1),
        new Uint8Array(8_192).fill(0x20),
      ]) {
        await writeFile(path, content)
        // In a process of its own: engines have been seen to crash.
        const child = fixture.child(place, "open")
        expect(await child.line()).toMatch(FAILED)
        expect(await child.ended).toBe(0)
        expect(text(await readFile(path))).toBe(text(content))
      }
      // Being refused, it holds no lock either.
      expect(await outcomeOf(fixture.open(place))).toMatch(FAILED)
      await rm(path)
      const store = await fixture.open(place)
      await store.write([put(bytes(1), bytes(1))], { durable: false })
      expect(texts(await entriesOf(store))).toEqual(["01: 01"])
    },
  ),

  "what may not be written to is refused and left as it was": needing(
    ["persistent", "permissions"],
    async (fixture) => {
      const place = await fixture.newPlace()
      const { folder, path } = fixture.files(place)
      const store = await fixture.open(place)
      await store.write([put(bytes(1), bytes(1))], { durable: true })
      await store.close()
      const before = await filesBelow(folder)
      await setRights(before, { folders: 0o555, files: 0o444 })
      try {
        // What is there, and what would have to be made.
        for (const at of [path, join(folder, "new")]) {
          const child = fixture.child(place, "openAsAnybody", { path: at })
          expect(await child.line()).toMatch(FAILED)
          expect(await child.ended).toBe(0)
        }
      } finally {
        await setRights(before, { folders: 0o755, files: 0o644 })
      }
      const after = await filesBelow(folder)
      for (const [file, content] of before) expect(after.get(file), file).toBe(content)
      expect(texts(await entriesOf(await fixture.open(place)))).toEqual(["01: 01"])
    },
  ),

  "sizeOnDisk counts what is there": async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    const before = await store.sizeOnDisk()
    expect(before).toBeGreaterThanOrEqual(0)
    // It does not compress.
    for (let n = 0; n < 32; n++) {
      await store.write([put(numbered(n), noise(65_536, n))], { durable: n === 31 })
    }
    const size = await store.sizeOnDisk()
    expect(Number.isSafeInteger(size)).toBe(true)
    expect(size).toBeGreaterThanOrEqual(32 * 65_536)
    await store.close()
    const again = await (await fixture.open(place)).sizeOnDisk()
    expect(again).toBeGreaterThanOrEqual(32 * 65_536)
    if (place.files !== undefined) expect(again).toBeLessThan(4 * 32 * 65_536)
  },

  "when the disk is full, a write fails as a whole and all else stays": needing(
    ["persistent", "fileSizeLimit"],
    async (fixture) => {
      const place = await fixture.newPlace()
      const child = fixture.child(place, "fill", { fileBlocks: 4_096 })
      const refused = Number(await child.line())
      expect(refused).toBeLessThan(2_000)
      const later = [await child.line(), ...(await child.line()).split(" ")]
      for (const outcome of later) if (outcome !== "done") expect(outcome).toMatch(FAILED)
      expect(await child.line()).toBe("32768")
      expect(await child.line()).toBe("1")
      // Closing may fail, and comes to an end.
      await child.line()
      expect(await child.ended).toBe(0)

      const store = await fixture.open(place)
      for (let n = 1; n <= refused + 3; n++) {
        const wrote = n < refused || (n > refused && later[n - refused - 1] === "done")
        const expected = fillerOf(n).map((op) => op.type === "put" && text(op.value))
        const found = (await store.getMany(fillerOf(n).map(({ key }) => key))).map(text)
        if (wrote || found[0] !== "none") expect(found).toEqual(expected)
        else expect(found).toEqual(["none", "none"])
      }
      await store.write(fillerOf(refused), { durable: true })
      expect(text(await store.get(fillerOf(refused)[1].key))).not.toBe("none")
    },
  ),
})

/** A folder and all in it, by path: what a file holds, or that it is a folder. */
async function filesBelow(folder: string): Promise<Map<string, string>> {
  const found = new Map([[folder, "folder"]])
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    found.set(path, entry.isDirectory() ? "folder" : text(await readFile(path)))
  }
  return found
}

async function setRights(
  found: ReadonlyMap<string, string>,
  modes: { readonly folders: number; readonly files: number },
): Promise<void> {
  for (const [path, content] of found) {
    await chmod(path, content === "folder" ? modes.folders : modes.files)
  }
}
