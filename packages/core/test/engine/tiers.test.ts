import { expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { divide } from "../../src/engine/options.ts"
import { openIndex } from "../../src/open.ts"
import { FileKind } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { CountingStore } from "../support/counting-store.ts"

interface Event {
  readonly kind: string
  readonly user: string
  readonly at: Date
  readonly size: number
}

const event = (i: number): Event => ({
  kind: `kind ${i % 6}`,
  user: `user ${(i * 7919) % 5003}`,
  at: new Date(1_600_000_000_000 + i * 1000),
  size: (i * 31) % 1000,
})

function* events(from: number, to: number): Generator<readonly [string, Event]> {
  for (let i = from; i < to; i++) yield [`event-${i}`, event(i)]
}

/** The same calls, whatever the tier, with answers by arithmetic over the records. */
async function checkAnswers(index: MetadataIndex<Event>, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, i) => event(i))
  expect(index.size).toBe(count)
  expect(await index.count({ kind: "kind 4" })).toBe(all.filter((e) => e.kind === "kind 4").length)
  expect(await index.count({ size: { $gte: 200, $lt: 300 }, kind: { $ne: "kind 1" } })).toBe(
    all.filter((e) => e.size >= 200 && e.size < 300 && e.kind !== "kind 1").length,
  )
  expect(await index.getIds("user", "user 77")).toEqual(
    all.flatMap((e, i) => (e.user === "user 77" ? [`event-${i}`] : [])),
  )
  const { ids } = await index.find({ kind: "kind 2" }, { sort: { at: "desc" }, limit: 5 })
  const expected = all.flatMap((e, i) => (e.kind === "kind 2" ? [`event-${i}`] : []))
  expect(ids).toEqual(expected.reverse().slice(0, 5))
  const { kind } = await index.facets({}, ["kind"], { limit: 6 })
  expect(kind.reduce((sum, facet) => sum + facet.count, 0)).toBe(count)
}

test("an index moves through the tiers by itself, with the same answers", async () => {
  const store = new MemoryStore()
  const open = () => openIndex<Event>({ store, memory: "8 MiB", durability: "os" })
  let index = await open()
  expect(index.tier).toBe(1)
  await checkAnswers(index, 0)
  await index.putMany(events(0, 2000))
  expect(index.tier).toBe(1)
  await checkAnswers(index, 2000)

  await index.flush()
  expect(index.tier).toBe(2)
  await checkAnswers(index, 2000)
  await index.putMany(events(2000, 20_000))
  expect(index.tier).toBe(2)
  await checkAnswers(index, 20_000)

  await index.putMany(events(20_000, 120_000))
  await index.flush()
  expect(index.tier).toBe(3)
  await checkAnswers(index, 120_000)
  const { cache, kept, queries } = divide(8 * 2 ** 20)
  const { memory } = index.stats()
  expect(memory.cacheBytes).toBeLessThanOrEqual(cache + kept)
  // The questions above have gone through the room that is theirs.
  expect(memory.queryBytes).toBeGreaterThan(0)
  expect(memory.queryBytes).toBeLessThanOrEqual(queries)
  await index.close()

  index = await open()
  expect(index.tier).toBe(3)
  await checkAnswers(index, 120_000)
  expect(await index.verify()).toMatchObject({ ok: true })
  await index.close()
})

test("an index that shrinks moves back through the tiers", async () => {
  const index = await openIndex({ store: new MemoryStore(), memory: "8 MiB" })
  const notes = (count: number) =>
    Array.from({ length: count }, (_, n) => [`${n}`, { n, note: `${n} `.repeat(50) }] as const)
  const read = async (reader: Pick<typeof index, "entries">) => {
    let count = 0
    for await (const _ of reader.entries()) count++
    return count
  }
  await index.putMany(notes(20_000))
  await index.compact()
  expect(await read(index)).toBe(20_000)
  expect(index.stats().cache.evictions).toBeGreaterThan(0)
  expect(index.tier).toBe(3)

  const old = await index.snapshot()
  await index.deleteMany({ n: { $gte: 100 } })
  await index.compact()
  expect(await read(old)).toBe(20_000)
  await old.close()
  expect(index.tier).toBe(2)
  expect(await read(index)).toBe(100)
  expect(index.tier).toBe(2)

  await index.clear()
  expect(index.tier).toBe(1)
  expect(index.stats().memory.cacheBytes).toBe(0)
  await index.putMany(notes(100))
  await index.flush()
  expect(await read(index)).toBe(100)
  expect(index.tier).toBe(2)
  await index.close()
})

/** Pages that were read, by field number. */
function fieldsRead(store: CountingStore): Set<number> {
  const pages = store.counts.keysRead.filter((key) => key[0] === 3)
  return new Set(pages.map((key) => key[5] * 256 + key[6]))
}

test("opening reads as much at any size, and a field's pages load on its first query", async () => {
  const reads: number[] = []
  for (const size of [1000, 40_000]) {
    const image = new MemoryStore()
    const writing = await openIndex<Event>({ store: image })
    await writing.putMany(events(0, size))
    await writing.compact()
    await writing.close()

    const store = new CountingStore(image)
    const index = await openIndex<Event>({ store })
    reads.push(store.counts.keysRead.length)
    expect([...fieldsRead(store)]).toEqual([])
    // Fields are numbered as they first appear: kind, user, at, size.
    await index.count({ size: { $lt: 10 } })
    expect([...fieldsRead(store)]).toEqual([3])
    await index.count({ kind: "kind 1" })
    expect([...fieldsRead(store)]).toEqual([3, 0])
    // What was read once stays in memory.
    store.reset()
    await index.count({ size: { $lt: 10 }, kind: "kind 1" })
    const columns = store.counts.keysRead.filter((key) => key[7] > FileKind.columnDirectory)
    expect(columns).toEqual([])
    await index.close()
  }
  expect(reads[1]).toBe(reads[0])
})
