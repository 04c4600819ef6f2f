import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type MetadataIndex, openIndex } from "@tierdex/core"
import { expect, onTestFinished, test } from "vitest"
import { lmdbStore } from "../src/index.ts"
import { runChild } from "./support/child.ts"
import { tempFolder } from "./support/temp.ts"

interface Row {
  n: number
  group: string
  price: number | null
  tags: string[]
  at: Date
  maker: { name: string }
}

const COUNT = 20_000

const row = (n: number): Row => ({
  n,
  group: `g${n % 7}`,
  price: n % 10 === 0 ? null : (n * 37) % 1000,
  tags: [`t${n % 5}`, `t${n % 3}`],
  at: new Date(1_700_000_000_000 + n),
  maker: { name: `maker ${n % 100}` },
})

function* rows(): Iterable<[string, Row]> {
  for (let n = 0; n < COUNT; n++) yield [`id${n}`, row(n)]
}

async function open(path: string, options = {}): Promise<MetadataIndex<Row>> {
  const index = await openIndex<Row>({ store: lmdbStore({ path }), ...options })
  onTestFinished(() => index.close())
  return index
}

async function answers(index: MetadataIndex<Row>) {
  const filter = { group: "g3", price: { $gte: 200, $lt: 700 }, tags: "t1" } as const
  const first = await index.find(filter, { sort: { price: "desc", n: "asc" }, limit: 20 })
  const second = await index.find(filter, {
    sort: { price: "desc", n: "asc" },
    limit: 20,
    after: first.cursor,
    select: ["n", "maker.name", "at"],
  })
  const ids: string[] = []
  for await (const batch of index.ids({ price: null }).batches()) ids.push(...batch)
  return {
    size: index.size,
    mark: index.mark,
    first: first.ids,
    second: [second.ids, second.records],
    ids,
    count: await index.count({ $or: [{ group: "g1" }, { "maker.name": { $prefix: "maker 9" } }] }),
    facets: await index.facets(filter, ["maker.name", "tags"]),
    extent: await index.extent("at", { group: "g2" }),
    record: await index.get("id4321"),
    none: await index.get("id7"),
  }
}

test("an index of 20,000 records answers alike after flush, compact and reopening", async () => {
  const path = join(await tempFolder(), "records.idx")
  const index = await open(path)
  expect(await index.putMany(rows())).toBe(COUNT)
  await index.batch([{ type: "delete", id: "id7" }], { mark: "done" })
  const expected = await answers(index)
  expect(expected).toMatchObject({ size: COUNT - 1, mark: "done", record: row(4321) })
  expect(expected.first).toHaveLength(20)
  expect(expected.none).toBeUndefined()
  expect(index.tier).toBe(1)
  await index.flush()
  expect(index.tier).toBe(2)
  expect(await answers(index)).toEqual(expected)
  const { bytesOnDisk } = index.stats()
  expect(bytesOnDisk).toBeGreaterThan(100_000)
  expect(await index.verify()).toMatchObject({ ok: true })
  await index.close()

  const again = await open(path)
  expect(again.tier).toBe(2)
  expect(again.stats().log.entries).toBe(0)
  expect(await answers(again)).toEqual(expected)
  expect(await again.deleteMany({ group: "g5" })).toBe(2857)
  await again.putMany([...rows()].filter(([, { group }]) => group === "g5"))
  await again.close()

  const compacted = await open(path)
  await compacted.compact()
  expect(compacted.stats().segments).toHaveLength(1)
  // Rewritten records of another group have moved behind the others in write order.
  const { ids, ...rest } = await answers(compacted)
  const { ids: expectedIds, ...expectedRest } = expected
  expect(rest).toEqual(expectedRest)
  expect(ids.toSorted()).toEqual(expectedIds.toSorted())
  expect(await compacted.verify()).toMatchObject({ ok: true })
})

test("writes that were not flushed are there after reopening", async () => {
  const path = join(await tempFolder(), "records.idx")
  for (const durability of ["sync", "os"]) {
    const index = await open(path, { durability })
    await index.put(durability, row(1))
    await index.close()
  }
  const index = await open(path)
  expect(index.size).toBe(2)
  expect(await index.get("os")).toEqual(row(1))
})

test("a second opener of the same path is refused, in this process and in another", async () => {
  const path = join(await tempFolder(), "records.idx")
  const index = await open(path)
  await index.put("a", row(1))
  await expect(open(path)).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
  const refused = runChild("index-holder.ts", [path])
  const { end, stderr } = await refused.ended
  expect(end).toBe(1)
  expect(stderr).toContain("TIERDEX_LOCKED")
  await index.put("b", row(2))
  await index.close()

  const holder = runChild("index-holder.ts", [path])
  expect((await holder.lines.next()).value).toBe("open")
  await expect(open(path)).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
  holder.process.kill("SIGKILL")
  await holder.ended
  const again = await open(path)
  expect(again.size).toBe(2)
  expect(await again.verify()).toMatchObject({ ok: true })
})

test("kill -9 in durability os keeps every acknowledged batch, whole", {
  timeout: 60_000,
}, async () => {
  const path = join(await tempFolder(), "records.idx")
  for (const rounds of [1, 40, 400]) {
    const child = runChild("indexer.ts", [path])
    let acknowledged = 0
    let batches = 0
    for await (const line of child.lines) {
      acknowledged = Number(line)
      if (++batches === rounds) child.process.kill("SIGKILL")
    }
    const { end, stderr } = await child.ended
    expect(stderr).toBe("")
    expect(end).toBe("SIGKILL")

    const index = await openIndex({ store: lmdbStore({ path }), memory: "8 MiB" })
    const last = Number(index.mark)
    expect(last).toBeGreaterThanOrEqual(acknowledged)
    expect(await index.get("last")).toMatchObject({ n: last })
    // Of each batch b stays, and a goes with the tenth batch after.
    const kept = Math.min(last, 10)
    expect(index.size).toBe(1 + last + kept)
    expect(await index.count({ side: "b", n: { $between: [1, last] } })).toBe(last)
    expect((await index.find({ side: "a" })).ids).toEqual(
      Array.from({ length: kept }, (_, i) => `a${last - kept + 1 + i}`),
    )
    expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
    await index.close()
  }
})

test("a file of something else is refused and left as it was", async () => {
  const path = join(await tempFolder(), "notes.txt")
  await writeFile(path, "These are notes. ".repeat(1000))
  await expect(open(path)).rejects.toMatchObject({ code: "TIERDEX_STORE_FAILED" })

  const other = join(await tempFolder(), "other.mdb")
  const store = lmdbStore({ path: other })
  await store.open()
  const key = new TextEncoder().encode("user:1")
  await store.write([{ type: "put", key, value: key }], { durable: true })
  await store.close()
  await expect(open(other)).rejects.toMatchObject({ code: "TIERDEX_UNSUPPORTED_FORMAT" })
  const again = lmdbStore({ path: other })
  await again.open()
  expect(again.get(key)).toEqual(key)
  await again.close()
})
