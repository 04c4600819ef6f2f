import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { manifestKey, SEGMENT_FIELD, segmentKey } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"
import { CountingStore } from "../support/counting-store.ts"
import { randomFrom } from "../support/random.ts"
import { makeRow } from "./rows.ts"

const random = randomFrom(Number(process.env.TIERDEX_SEED))

/** Which fields, by number, the keys of pages that were read belong to. */
function fieldsOf(keys: readonly Uint8Array[]): Set<number> {
  const fields = new Set<number>()
  const page = segmentKey(1)[0]
  for (const key of keys) {
    const field = key[5] * 256 + key[6]
    if (key[0] === page && field !== SEGMENT_FIELD) fields.add(field)
  }
  return fields
}

async function stored(count: number): Promise<CountingStore> {
  const store = new CountingStore(new MemoryStore())
  await using index = await openIndex<Fields>({ store, durability: "os" })
  const rows = Array.from({ length: count }, (_, i) => [String(i), makeRow(i, random)] as const)
  await index.putMany(rows)
  await index.compact()
  return store
}

test("opening reads the manifest and no page, however many the records", async () => {
  for (const count of [10, 1000, 20_000]) {
    const store = await stored(count)
    store.reset()
    const index = await openIndex<Fields>({ store, durability: "os" })
    const { keysRead, entriesScanned } = store.reset()
    expect(index.size).toBe(count)
    expect(keysRead).toEqual([manifestKey()])
    expect(entriesScanned).toBe(0)
    await index.close()
  }
})

test("opening reads of deletions a page for each 65,536 records", async () => {
  for (const count of [1000, 20_000]) {
    const store = await stored(count)
    const writer = await openIndex<Fields>({ store, durability: "os" })
    await writer.deleteMany({ group: "g1", "nested.level": { $lt: 50 } })
    await writer.flush()
    const { size } = writer
    await writer.close()
    store.reset()
    const index = await openIndex<Fields>({ store, durability: "os" })
    const { keysRead, entriesScanned } = store.reset()
    expect(index.size).toBe(size)
    expect(keysRead).toHaveLength(2)
    expect(fieldsOf(keysRead)).toEqual(new Set())
    expect(entriesScanned).toBe(0)
    await index.close()
  }
})

test("the pages of a field are read when a query first touches it, then stay", async () => {
  const store = await stored(5000)
  const index = await openIndex<Fields>({ store, durability: "os" })
  const touch = async (query: () => Promise<unknown>): Promise<Set<number>> => {
    store.reset()
    await query()
    return fieldsOf(store.reset().keysRead)
  }
  const queries: readonly (() => Promise<unknown>)[] = [
    () => index.count({ group: "g1" }),
    () => index.find({ price: { $lt: 50 } }, { sort: { price: "desc" } }),
    () => index.facets({ group: "g2" }, ["tags"]),
    () => index.extent("at"),
    () => index.find({}, { sort: { mixed: "asc" }, select: ["mixed"] }),
    () => index.matching({ group: "g3" }, { field: "label" }),
  ]
  const known = new Set<number>()
  for (const query of queries) {
    const fields = await touch(query)
    // One new field each; of those touched before, pages may be read that were not needed then.
    expect([...fields].filter((field) => !known.has(field))).toHaveLength(1)
    for (const field of fields) known.add(field)
    expect(await touch(query)).toEqual(new Set())
  }
  expect(index.tier).toBe(2)
  expect(await touch(() => index.find({}, { limit: 5 }))).toEqual(new Set())
  expect(await touch(() => index.has("17"))).toEqual(new Set())
  await index.close()
})
