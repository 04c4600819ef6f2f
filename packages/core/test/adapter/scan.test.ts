import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { countTurns } from "../../../../testing/turns.ts"
import { type BatchRange, scanInBatches, storeClosed } from "../../src/adapter/index.ts"
import { SortedEntries } from "../../src/store/sorted-entries.ts"
import type { Entry, ScanOptions } from "../../src/store/store.ts"

const key = (n: number) => Uint8Array.of(n >>> 8, n)
const ALL = { gte: key(0), lt: key(0xffff) }

function entries(count: number, valueBytes = 1): SortedEntries {
  const sorted = new SortedEntries()
  for (let n = 0; n < count; n++) sorted.put(key(n), new Uint8Array(valueBytes))
  return sorted
}

const rangeOf = (from: SortedEntries, { gte, lt, reverse, limit }: BatchRange) =>
  from.range(gte, lt, reverse, limit)

async function batchesOf(
  options: ScanOptions,
  read: Parameters<typeof scanInBatches>[1],
): Promise<Entry[][]> {
  const batches: Entry[][] = []
  for await (const batch of scanInBatches(options, read)) batches.push([...batch])
  return batches
}

/** Hands out one entry at a time, more than it is asked for, and counts. */
async function* greedily(all: readonly Entry[], counts: { read: number; ended: number }) {
  try {
    for (const entry of all) {
      counts.read++
      yield entry
    }
  } finally {
    counts.ended++
  }
}

test("entries of any size come once, in order, up to the limit", async () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 1_000, 300_000, 1 << 20), { maxLength: 12 })
  const many = fc.array(fc.constantFrom(0, 1), { minLength: 250, maxLength: 600 })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 3, arbitrary: sizes }, { weight: 1, arbitrary: many }),
      fc.boolean(),
      fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
      fc.constantFrom("array", "promise", "asynchronous"),
      async (lengths, reverse, limit, kind) => {
        const sorted = new SortedEntries()
        for (const [n, length] of lengths.entries()) sorted.put(key(n), new Uint8Array(length))
        const options = { ...ALL, reverse, ...(limit !== undefined && { limit }) }
        const batches = await batchesOf(options, (range) => {
          const found = rangeOf(sorted, range)
          if (kind === "array") return found
          return kind === "promise" ? Promise.resolve(found) : greedily(found, counts())
        })
        const expected = sorted.range(ALL.gte, ALL.lt, reverse, limit ?? 1_000)
        expect(batches.flat()).toEqual(expected)
        for (const batch of batches) {
          const before = batch.slice(0, -1).reduce((sum, { value }) => sum + value.length, 0)
          expect(batch.length).toBeGreaterThan(0)
          expect(batch.length).toBeLessThanOrEqual(256)
          expect(before).toBeLessThan(1 << 20)
        }
      },
    ),
    { numRuns: Math.ceil(Number(process.env.TIERDEX_RUNS) / 4) },
  )
})

const counts = () => ({ read: 0, ended: 0 })

describe("nothing stays open", () => {
  test("a batch that is full reads no further", async () => {
    const all = entries(10, 600_000).range(ALL.gte, ALL.lt, false, 10)
    const seen = counts()
    const scan = scanInBatches(ALL, () => greedily(all, seen))
    expect((await scan.next()).value).toHaveLength(2)
    expect(seen).toEqual({ read: 2, ended: 1 })
    await scan.return(undefined)
    expect(seen).toEqual({ read: 2, ended: 1 })
  })

  test("nothing comes between a synchronous read and its end", async () => {
    const sorted = entries(300)
    let isBusy = false
    function* query(range: BatchRange) {
      try {
        yield* rangeOf(sorted, range)
      } finally {
        isBusy = false
      }
    }
    const scan = scanInBatches(ALL, (range) => {
      isBusy = true
      return query(range)
    })
    for (const length of [256, 44]) {
      const next = scan.next()
      for (let n = 0; n < 10; n++) {
        expect(isBusy).toBe(false)
        await Promise.resolve()
      }
      expect((await next).value).toHaveLength(length)
    }
  })

  test("other work has its turn between batches", async () => {
    const sorted = entries(20_000)
    const counter = countTurns()
    await batchesOf(ALL, (range) => rangeOf(sorted, range))
    counter.stop()
    expect(counter.turns).toBeGreaterThan(10)
  })
})

test("what is handed out is the receiver's, and no Buffer", async () => {
  const sorted = entries(600)
  const seen: number[] = []
  const scan = scanInBatches(ALL, (range) =>
    rangeOf(sorted, range).map(({ key, value }) => ({ key: Buffer.from(key), value })),
  )
  for await (const batch of scan) {
    for (const { key } of batch) {
      expect(key.constructor).toBe(Uint8Array)
      seen.push((key[0] << 8) + key[1])
      key.fill(0xff)
    }
  }
  expect(seen).toEqual(Array.from({ length: 600 }, (_, n) => n))
})

test("an error that is not coded becomes one, and others stay", async () => {
  const cause = new Error("broken")
  const failing = (error: Error) =>
    batchesOf(ALL, () => {
      throw error
    })
  await expect(failing(cause)).rejects.toMatchObject({ code: "TIERDEX_STORE_FAILED", cause })
  const closed = storeClosed()
  await expect(failing(closed)).rejects.toBe(closed)
})
