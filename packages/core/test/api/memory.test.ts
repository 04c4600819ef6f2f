import { describe, expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import type { Fields } from "../oracle.ts"
import { all, expectUnharmed, refusal } from "./support.ts"

/** A row of about 1 KiB. */
function row(n: number): [string, Fields] {
  return [`id${n}`, { n, text: `${n} `.repeat(1000 / `${n} `.length), group: n % 7 }]
}

function rows(from: number, to: number): [string, Fields][] {
  return Array.from({ length: to - from }, (_, i) => row(from + i))
}

describe("an index in memory with a budget", () => {
  const budgetBytes = 4 * 2 ** 20

  /** As much as fits; returns how many records do. */
  async function fill() {
    const index = await openIndex<Fields>({ memory: "4 MiB" })
    const error = await refusal("TIERDEX_MEMORY_EXCEEDED", async () => {
      for (let n = 0; n < 100_000; n++) await index.put(...row(n))
    })
    return { index, error, count: index.size }
  }

  test("refuses the write that goes past it, and names the ways out", async () => {
    const { index, error, count } = await fill()
    expect(error.message).toContain(String(budgetBytes))
    expect(error.message).toContain("`memory`")
    expect(error.message).toContain("store")
    expect(count).toBeGreaterThan(500)
    expect(index.stats().memory.budgetBytes).toBe(budgetBytes)
    expect(index.stats().memory.memtableBytes).toBeLessThanOrEqual(budgetBytes)
    await index.close()
  })

  test("is unharmed, and can be read", async () => {
    const { index, count } = await fill()
    await refusal("TIERDEX_MEMORY_EXCEEDED", () => index.put(...row(count)))
    await refusal("TIERDEX_MEMORY_EXCEEDED", () =>
      index.batch(
        rows(count, count + 50).map(([id, record]) => ({ type: "put", id, record })),
        { mark: "m" },
      ),
    )
    expect(index.mark).toBeUndefined()
    expect(index.size).toBe(count)
    expect(await index.get("id0")).toEqual(row(0)[1])
    expect(await index.count({ n: { $gte: 0 } })).toBe(count)
    expect(await all(index.ids())).toEqual(rows(0, count).map(([id]) => id))
    expect(await index.verify()).toMatchObject({ ok: true })
    await index.close()
  })

  test("can be made smaller again, and takes new records then", async () => {
    const { index, count } = await fill()
    for (let n = 0; n < count / 2; n++) expect(await index.delete(`id${n}`)).toBe(true)
    const left = index.size
    await expectUnharmed(index, async () => {})
    expect(await index.putMany(rows(count, count + 100))).toBe(100)
    expect(index.size).toBe(left + 100)
    expect(index.stats().memory.memtableBytes).toBeLessThanOrEqual(budgetBytes)
    await index.close()
  })

  test("can be made smaller by deleteMany and by clear", async () => {
    const { index, count } = await fill()
    expect(await index.deleteMany({ group: { $ne: 3 } })).toBeGreaterThan(count / 2)
    await index.put(...row(count))
    await index.clear()
    expect(index.size).toBe(0)
    expect(await index.putMany(rows(0, 200))).toBe(200)
    await index.close()
  })

  test("putMany commits a prefix, and says how long it is", async () => {
    const index = await openIndex<Fields>({ memory: "4 MiB" })
    // The last slice is small, and would fit where the one before it does not.
    const source = [...rows(0, 4000), ["last", { n: -1 }] as const]
    const error = await refusal("TIERDEX_MEMORY_EXCEEDED", () => index.putMany(source))
    expect(error.committed).toBe(index.size)
    expect(await all(index.ids())).toEqual(rows(0, index.size).map(([id]) => id))
    await index.close()
  })

  test("a write that is too large does not take others down", async () => {
    const { index, count } = await fill()
    await index.deleteMany({ n: { $lt: 200 } })
    const large = rows(count, count + 3000).map(([id, record]) => {
      return { type: "put", id, record } as const
    })
    const [small, refused, other] = await Promise.allSettled([
      index.put("small", { n: 1 }),
      index.batch(large),
      index.put("other", { n: 2 }),
    ])
    expect(small.status).toBe("fulfilled")
    expect(refused.status).toBe("rejected")
    expect(other.status).toBe("fulfilled")
    expect(await index.has("small")).toBe(true)
    expect(await index.has("other")).toBe(true)
    expect(await index.has(`id${count}`)).toBe(false)
    await index.close()
  })
})

describe("an index in memory", () => {
  test("cleans up when a quarter is dead", async () => {
    const index = await openIndex<Fields>()
    await index.putMany(rows(0, 3000))
    const full = index.stats().memory.memtableBytes
    for (let round = 1; round <= 20; round++) {
      await index.putMany(rows(0, 3000).map(([id, record]) => [id, { ...record, round }]))
    }
    expect(index.size).toBe(3000)
    // Without it, twenty rounds would take about twenty times as much.
    expect(index.stats().memory.memtableBytes).toBeLessThan(full * 4)
    expect(await index.count({ round: 20 })).toBe(3000)
    expect(await all(index.ids())).toEqual(rows(0, 3000).map(([id]) => id))
    await index.close()
  })

  test("keeps views as they were while it cleans up", async () => {
    const index = await openIndex<Fields>()
    await index.putMany(rows(0, 3000))
    const snapshot = await index.snapshot()
    const stream = index.ids({ group: 1 }).batches()[Symbol.asyncIterator]()
    const first = await stream.next()
    await index.deleteMany({ n: { $lt: 2500 } })
    await index.compact()
    await index.put("new", { group: 1 })
    expect(await snapshot.count({ group: 1 })).toBe(429)
    expect(await snapshot.get("id0")).toEqual(row(0)[1])
    const rest = await all({ [Symbol.asyncIterator]: () => stream })
    expect([...(first.value ?? []), ...rest.flat()]).toHaveLength(429)
    expect(index.size).toBe(501)
    await snapshot.close()
    await index.close()
  })

  test("compact frees what is dead", async () => {
    const index = await openIndex<Fields>()
    await index.putMany(rows(0, 2000))
    const full = index.stats().memory.memtableBytes
    for (let n = 10; n < 2000; n++) await index.delete(`id${n}`)
    await index.compact()
    expect(index.stats().memory.memtableBytes).toBeLessThan(full / 2)
    expect(await all(index.ids())).toEqual(rows(0, 10).map(([id]) => id))
    await index.close()
  })

  test("has figures", async () => {
    const index = await openIndex<Fields>()
    const empty = index.stats()
    expect(empty).toMatchObject({ tier: 1, records: 0, segments: [], bytesOnDisk: 0 })
    expect(empty.memory.budgetBytes).toBeUndefined()
    await index.putMany(rows(0, 1000))
    await index.delete("id5")
    const stats = index.stats()
    expect(stats).toMatchObject({
      tier: 1,
      records: 999,
      segments: [],
      bytesOnDisk: 0,
      cache: { hits: 0, misses: 0, evictions: 0, pagesRead: 0 },
      log: { bytes: 0, entries: 0 },
      flushes: 0,
      merges: 0,
      building: [],
      skippedPaths: {},
    })
    // The text alone is a megabyte.
    expect(stats.memory.memtableBytes).toBeGreaterThan(1_000_000)
    expect(stats.memory.memtableBytes).toBeLessThan(10_000_000)
    await index.close()
  })
})
