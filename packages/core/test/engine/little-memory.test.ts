import { setTimeout as wait } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { divide } from "../../src/engine/options.ts"
import type { MetadataIndex } from "../../src/index.ts"
import { readManifest } from "../../src/log/manifest.ts"
import { openIndex } from "../../src/open.ts"
import { mergeBytes } from "../../src/segment/build-memory.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"

const TOTAL = 8 * 2 ** 20
const { merge, memtable } = divide(TOTAL)
/** Memtables are looked at between groups of writes; numbers in arrays become 13 times as much. */
const GROUP = (memtable / 16) * 13

interface Row {
  readonly serial: number
  readonly group: number
  /** Values that no other record has. */
  readonly own: readonly number[]
}

const OWN = 100

function rowOf(n: number): Row {
  const own = Array.from({ length: OWN }, (_, i) => ((n * OWN + i) * 7_919) % 100_000_007)
  return { serial: (n * 48_271) % 1_000_003, group: n % 10, own }
}

/** Looks at the memory again and again while something goes on. */
async function watched<R>(index: MetadataIndex<Row>, call: () => Promise<R>) {
  let most = 0
  let building = 0
  let flushing = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      const stats = index.stats()
      const { memtableBytes, cacheBytes, liveSetBytes, buildingBytes, queryBytes } = stats.memory
      if (stats.building.every(({ by }) => by === "flush")) {
        flushing = Math.max(flushing, memtableBytes + buildingBytes)
      }
      const parts = [memtableBytes, cacheBytes, liveSetBytes, buildingBytes, queryBytes]
      most = Math.max(
        most,
        parts.reduce((sum, bytes) => sum + bytes, 0),
      )
      building = Math.max(building, buildingBytes)
      await wait(2)
    }
  })()
  const result = await call()
  isOver = true
  await watching
  return { result, most, building, flushing }
}

describe("an index with the least budget and more values than one merge can take", () => {
  const RECORDS = 18_000

  test("stays within it, comes to an end and answers", { timeout: 120_000 }, async () => {
    const store = new MemoryStore()
    const open = () => openIndex<Row>({ store, memory: TOTAL, durability: "os" })
    let index = await open()
    const loaded = await watched(index, async () => {
      for (let n = 0; n < RECORDS; n += 500) {
        const rows = Array.from({ length: 500 }, (_, i) => [`id-${n + i}`, rowOf(n + i)] as const)
        await index.putMany(rows)
      }
      for (let n = 0; n < RECORDS; n += 3) await index.delete(`id-${n}`)
    })
    expect(loaded.most).toBeLessThanOrEqual(TOTAL)
    expect(loaded.building).toBeGreaterThan(2 ** 20)
    expect(loaded.flushing).toBeLessThanOrEqual(2 * memtable + 1.5 * GROUP)
    expect(index.stats().flushes).toBeGreaterThan(10)
    expect(index.stats().merges).toBeGreaterThan(2)
    expect(index.stats().segments.length).toBeLessThan(48)

    const compacted = await watched(index, () => index.compact())
    expect(compacted.most).toBeLessThanOrEqual(TOTAL)
    const { segments } = index.stats()
    // One would not do; more than this would be such as fit together.
    expect(segments.length).toBeGreaterThan(1)
    expect(segments.length).toBeLessThan(8)
    expect(segments.map(({ records, liveRecords }) => records - liveRecords)).toEqual(
      segments.map(() => 0),
    )

    const left = (RECORDS / 3) * 2
    const check = async () => {
      expect(index.size).toBe(left)
      expect(await index.count({ own: { $gte: 0 } })).toBe(left)
      for (const n of [1, 2, 3, 5_000, 12_001, RECORDS - 1]) {
        const ids = n % 3 === 0 ? [] : [`id-${n}`]
        const row = rowOf(n)
        expect(await index.getIds("serial", row.serial)).toEqual(ids)
        for (const value of [row.own[0], row.own[OWN - 1]]) {
          expect(await index.getIds("own", value)).toEqual(ids)
        }
        expect(await index.get(`id-${n}`)).toEqual(n % 3 === 0 ? undefined : row)
      }
      const facets = await index.facets({}, ["group"])
      expect(facets.group.reduce((sum, { count }) => sum + count, 0)).toBe(left)
    }
    await check()
    expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
    await index.close()

    await store.open()
    const stored = await readManifest(store)
    await store.close()
    const entries = stored?.manifest.segments ?? []
    expect(entries).toHaveLength(segments.length)
    for (const [i, entry] of entries.entries()) {
      expect(entry.maxDistinct).toBeGreaterThan(entry.size)
      expect(entry.maxArray).toBe(OWN)
      expect(mergeBytes([entry], merge)).toBeLessThanOrEqual(merge)
      // No neighbours fit together.
      if (i > 0) expect(mergeBytes([entries[i - 1], entry], merge)).toBeGreaterThan(merge)
    }
    index = await open()
    await check()
    await index.close()
  })

  test("keeps segments that were written with more, and merges them with more again", async () => {
    const store = new MemoryStore()
    const large = await openIndex<Row>({ store, durability: "os" })
    const rows = Array.from({ length: 16_000 }, (_, n) => [`id-${n}`, rowOf(n)] as const)
    await large.putMany(rows)
    await large.compact()
    await large.close()

    const small = await openIndex<Row>({ store, memory: TOTAL, durability: "os" })
    await small.deleteMany({ group: { $lt: 5 } })
    await small.compact()
    expect(small.stats().segments[0]).toMatchObject({ records: 16_000, liveRecords: 8_000 })
    expect(await small.getIds("serial", rowOf(7).serial)).toEqual(["id-7"])
    expect(await small.getIds("serial", rowOf(14).serial)).toEqual([])
    await small.close()

    const again = await openIndex<Row>({ store, durability: "os" })
    await again.compact()
    expect(again.stats().segments).toMatchObject([{ records: 8_000, liveRecords: 8_000 }])
    expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
    await again.close()
  })
})
