import { expect } from "vitest"
import type { Fixture } from "../fixture.ts"
import { answersAsModel, type Configuration, keepsSnapshots } from "../oracle/index.ts"
import { recordOps } from "../process/workloads.ts"
import { feature, needing } from "../scenario.ts"
import type { Place } from "../subject.ts"
import { bytes, entriesOf, put, texts } from "../support/entries.ts"
import { outcomeOf } from "../support/outcome.ts"
import { answersOf, puts, row, rows } from "./rows.ts"

const COUNT = 10_000

/** The same index over every store. */
export const engine = feature("engine", {
  "answers as the model does, through flushes, merges and reopening": async (fixture) => {
    await answersAsModel(configurationOf(fixture), fixture.effort(0.2))
  },

  "has snapshots that stay as they were": async (fixture) => {
    await keepsSnapshots(configurationOf(fixture), fixture.effort(0.1))
  },

  "answers alike after flush, compact and reopening": async (fixture) => {
    const place = await fixture.newPlace()
    const index = await fixture.openIndex(place)
    expect(await index.putMany(rows(0, COUNT))).toBe(COUNT)
    await index.batch([{ type: "delete", id: "id7" }], { mark: "done" })
    const expected = await answersOf(index)
    expect(expected).toMatchObject({ size: COUNT - 1, mark: "done", record: row(4321) })
    expect(expected.none).toBeUndefined()
    expect(index.tier).toBe(1)
    await index.flush()
    expect(index.tier).toBe(2)
    expect(await answersOf(index)).toEqual(expected)
    expect(index.stats().bytesOnDisk).toBeGreaterThan(100_000)
    await index.close()

    const again = await fixture.openIndex(place)
    expect(again.stats().log.entries).toBe(0)
    expect(await answersOf(again)).toEqual(expected)
    const removed = await again.deleteMany({ group: "g5" })
    expect(removed).toBe([...rows(0, COUNT)].filter(([, { group }]) => group === "g5").length)
    await again.putMany([...rows(0, COUNT)].filter(([, { group }]) => group === "g5"))
    await again.close()

    const compacted = await fixture.openIndex(place)
    await compacted.compact()
    expect(compacted.stats().segments).toHaveLength(1)
    expect(await answersOf(compacted)).toEqual(expected)
    expect(await compacted.verify()).toMatchObject({ ok: true, damage: [] })
  },

  "flushes, merges and frees in a small budget, and verifies": async (fixture) => {
    const place = await fixture.newPlace()
    const text = "x".repeat(500)
    const index = await fixture.openIndex(place, { memory: "8 MiB" })
    // Every record is written three times, and a third of them deleted at last.
    for (let round = 0; round < 3; round++) {
      for (let from = 0; from < 6_000; from += 500) {
        const ops = puts(from, from + 500).map((op) =>
          op.type === "put"
            ? { ...op, record: { ...op.record, round, text: text + round + op.id } }
            : op,
        )
        await index.batch(ops, { mark: `${round}.${from}` })
      }
    }
    expect(await index.deleteMany({ n: { $gte: 4_000 } })).toBe(2_000)
    expect(index.stats().segments.length).toBeGreaterThan(0)
    const check = async (opened: typeof index) => {
      expect(opened.size).toBe(4_000)
      expect(opened.mark).toBe("2.5500")
      expect(await opened.count({ round: 2, "maker.name": "maker 7" })).toBe(40)
      expect(await opened.count({ round: { $lt: 2 } })).toBe(0)
      expect(await opened.verify()).toMatchObject({ ok: true, damage: [] })
    }
    await check(index)
    await index.compact()
    await check(index)
    await index.close()
    const again = await fixture.openIndex(place)
    await check(again)
    await again.clear()
    await again.flush()
    await again.close()

    // Nothing but the manifest is left of it.
    const empty = await fixture.openIndex(place)
    expect(empty.size).toBe(0)
    expect(await empty.verify()).toMatchObject({ ok: true, damage: [] })
    await empty.close()
    expect((await entriesOf(await fixture.open(place))).length).toBeLessThan(10)
  },

  "finds writes that were not flushed": async (fixture) => {
    const place = await fixture.newPlace()
    for (const durability of ["sync", "os"] as const) {
      const index = await fixture.openIndex(place, { durability })
      await index.put(durability, row(1))
      await index.batch([{ type: "delete", id: `no ${durability}` }], { mark: durability })
      await index.close()
    }
    const index = await fixture.openIndex(place)
    expect(index.size).toBe(2)
    expect(index.mark).toBe("os")
    expect(await index.get("sync")).toEqual(row(1))
    expect(await index.get("os")).toEqual(row(1))
  },

  "is refused where another index is open": async (fixture) => {
    const place = await fixture.newPlace()
    const index = await fixture.openIndex(place)
    await index.put("a", row(1))
    expect(await outcomeOf(fixture.openIndex(place))).toBe("TIERDEX_LOCKED")
    await index.put("b", row(2))
    await index.close()
    const again = await fixture.openIndex(place)
    expect(again.size).toBe(2)
    expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
  },

  "is refused on a store with entries of something else": async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    const key = new TextEncoder().encode("user:1")
    await store.write([put(key, bytes(1, 2, 3))], { durable: true })
    await store.close()
    expect(await outcomeOf(fixture.openIndex(place))).toBe("TIERDEX_UNSUPPORTED_FORMAT")
    expect(texts(await entriesOf(await fixture.open(place)))).toEqual(["757365723a31: 010203"])
  },

  "finds every acknowledged batch, whole, after it was killed": needing(
    "persistent",
    async (fixture) => {
      const place = await fixture.newPlace()
      for (const [batches, share] of [
        [1, 0],
        [40, 0.4],
        [300, 0.8],
      ]) {
        const child = fixture.child(place, "indexWrite")
        const last = await child.killBetween(batches, share)
        const index = await fixture.openIndex(place, { memory: "8 MiB" })
        const written = Number(index.mark)
        expect(written).toBeGreaterThanOrEqual(Number(last))
        expect(await index.get("last")).toMatchObject({ n: written })
        // Of each batch b stays, and a goes with the tenth batch after.
        const kept = Math.min(written, 10)
        expect(index.size).toBe(1 + written + kept)
        expect(await index.count({ side: "b", n: { $between: [1, written] } })).toBe(written)
        expect((await index.find({ side: "a" })).ids).toEqual(
          Array.from({ length: kept }, (_, i) => `a${written - kept + 1 + i}`),
        )
        expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
        await index.close()
      }
    },
  ),

  "stays readable when the disk is full, and is whole when reopened": needing(
    ["persistent", "fileSizeLimit"],
    async (fixture) => {
      const place = await fixture.newPlace()
      const child = fixture.child(place, "indexFill", { fileBlocks: 4_096 })
      const refused = Number(await child.line())
      expect(refused).toBeLessThan(2_000)
      // The call that failed, and the one after it.
      expect(await child.line()).toBe("TIERDEX_STORE_FAILED+cause")
      expect(await child.line()).toBe("TIERDEX_STORE_FAILED+cause")
      expect(Number(await child.line())).toBeGreaterThanOrEqual(refused - 1)
      await child.line()
      expect(await child.ended).toBe(0)

      const index = await fixture.openIndex(place)
      const written = Number(index.mark)
      expect([refused - 1, refused]).toContain(written)
      expect(await index.count({ side: "b" })).toBe(written)
      expect(await index.get("last")).toMatchObject({ n: written })
      await index.batch(recordOps(written + 1), { mark: "more" })
      await index.flush()
      expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
    },
  ),
})

/** Each index in a place of its own, reopened there. */
function configurationOf(fixture: Fixture): Configuration {
  let place: Place
  return {
    open: async () => {
      place = await fixture.newPlace()
      return await fixture.openIndex(place)
    },
    afterWrite: async () => {},
    settle: async (index) => index,
    reopen: async (index) => {
      await index.close()
      return await fixture.openIndex(place)
    },
  }
}
