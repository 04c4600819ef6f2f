import { readdir, readFile, stat, symlink } from "node:fs/promises"
import { join } from "node:path"
import { expect } from "vitest"
import { feature, needing } from "../scenario.ts"
import { bytes, entriesOf, put } from "../support/entries.ts"
import { outcomeOf } from "../support/outcome.ts"

const LOCKED = "TIERDEX_LOCKED"

export const lock = feature("lock", {
  "refuses a second opener, and leaves the first alone": async (fixture) => {
    const place = await fixture.newPlace()
    const first = await fixture.open(place)
    await first.write([put(bytes(1), bytes(1))], { durable: false })
    for (let n = 0; n < 3; n++) expect(await outcomeOf(fixture.open(place))).toBe(LOCKED)
    await first.write([put(bytes(2), bytes(2))], { durable: false })
    expect(await entriesOf(first)).toHaveLength(2)
    await first.close()
    const second = await fixture.open(place)
    expect(await entriesOf(second)).toHaveLength(2)
    expect(await outcomeOf(fixture.open(place))).toBe(LOCKED)
  },

  "goes when its owner closes, and one of two openers at once has it": async (fixture) => {
    const place = await fixture.newPlace()
    for (let round = 0; round < 5; round++) {
      const stores = [place.store(), place.store()]
      const opened = await Promise.allSettled(stores.map((store) => fixture.opened(store)))
      const refused = opened.filter((result) => result.status === "rejected")
      expect(refused.map(({ reason }) => reason.code)).toEqual([LOCKED])
      // A store that was refused has nothing to release.
      const winner = opened.findIndex((result) => result.status === "fulfilled")
      if (stores[0] !== stores[1]) await stores[1 - winner].close()
      await stores[winner].write([put(bytes(round), bytes(1))], { durable: false })
      await stores[winner].close()
    }
    expect(await entriesOf(await fixture.open(place))).toHaveLength(5)
  },

  "refuses another process": needing("persistent", async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    await store.write([put(bytes(1), bytes(1))], { durable: false })
    // POSIX gives a lock up when its process closes any other handle of the file.
    expect(await outcomeOf(fixture.open(place))).toBe(LOCKED)
    expect(await fixture.child(place, "open").line()).toBe(LOCKED)
    await store.write([put(bytes(2), bytes(2))], { durable: false })
    await store.close()
    const child = fixture.child(place, "open")
    expect(await child.line()).toBe("done")
    expect(await child.ended).toBe(0)
    expect(await entriesOf(await fixture.open(place))).toHaveLength(2)
  }),

  "goes with an owner that is killed": needing("persistent", async (fixture) => {
    const place = await fixture.newPlace()
    for (let round = 0; round < 2; round++) {
      const owner = fixture.child(place, "hold")
      expect(await owner.line()).toBe("open")
      expect(await outcomeOf(fixture.open(place))).toBe(LOCKED)
      await owner.kill()
      const store = await fixture.open(place)
      await store.write([put(bytes(round), bytes(1))], { durable: false })
      await store.close()
    }
    expect(await entriesOf(await fixture.open(place))).toHaveLength(2)
  }),

  "is no file with a process id": needing("persistent", async (fixture) => {
    const place = await fixture.newPlace()
    const owner = fixture.child(place, "hold")
    expect(await owner.line()).toBe("open")
    // Ids are given again: whoever trusts one finds a living owner where there is none.
    const id = new RegExp(`\\b${owner.pid}\\b`)
    const { folder } = fixture.files(place)
    const files = await readdir(folder, { recursive: true })
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const { size } = await stat(join(folder, file))
      if (size > MOST_OF_A_PID_FILE || size === 0) continue
      const content = await readFile(join(folder, file), "latin1").catch(() => "")
      expect(id.test(content), `${file} names the process ${owner.pid}`).toBe(false)
    }
  }),

  "is one lock, whatever links lead to it": needing(
    ["persistent", "symbolicLinks"],
    async (fixture) => {
      const place = await fixture.newPlace()
      const { folder, path, storeAt } = fixture.files(place)
      const first = await fixture.open(place)
      await symlink(path, join(folder, "link"))
      const linked = fixture.opened(storeAt(join(folder, "link")))
      expect(await outcomeOf(linked)).toBe(LOCKED)
      await first.close()
      await fixture.opened(storeAt(join(folder, "link")))
      expect(await outcomeOf(fixture.open(place))).toBe(LOCKED)
    },
  ),
})

const MOST_OF_A_PID_FILE = 4_096
