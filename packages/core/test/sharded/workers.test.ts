import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import type { ShardedIndex, ShardOptions } from "../../src/api.ts"
import { openShardedIndex } from "../../src/sharded/open.ts"
import { SLOTS, slotOf } from "../../src/sharded/slots.ts"
import { refusal } from "../api/support.ts"
import { fileStore, LAST_WORD } from "./file-store.ts"
import { expectHolds, type Row } from "./holds.ts"

const MODULE = new URL("./file-store.ts", import.meta.url).href

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-shards-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function workerShard(folder: string, name: string): ShardOptions {
  const options = { path: join(folder, name) }
  return { name, worker: { module: MODULE, factory: "fileStore", options } }
}

async function open(folder: string, names: readonly string[]): Promise<ShardedIndex<Row>> {
  const index = await openShardedIndex<Row>({
    shards: names.map((name) => workerShard(folder, name)),
    map: fileStore({ path: join(folder, "map") }),
    durability: "os",
  })
  onTestFinished(() => index.close().catch(() => {}))
  return index
}

const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => [`r-${n % 10}-${n}`, { n }] as const)

test("shards in workers answer, grow, and are there again when they are opened again", async () => {
  const folder = await tempFolder()
  const index = await open(folder, ["a", "b"])
  expect(index.tier).toBe(4)
  const model = new Map<string, Row>(rows(2000))
  expect(await index.putMany(model)).toBe(2000)
  await index.batch([{ type: "put", id: "last", record: { n: -1 } }], { mark: "so far" })
  model.set("last", { n: -1 })
  expect(index.mark).toBe("so far")
  await expectHolds(index, model)
  const { ids } = await index.find({ n: { $lt: 100 } }, { sort: { n: "asc" }, limit: 2 })
  expect(ids).toEqual(["last", "r-0-0"])
  const allow = await index.matching({ n: { $gte: 1990 } }, { field: "n" })
  expect([...allow]).toEqual(Array.from({ length: 10 }, (_, i) => 1990 + i))
  const set = await index.matching({ n: { $gte: 1990 } })
  expect(set.size).toBe(10)
  expect(await set.hasMany(["r-0-1990", "r-0-0", "none"])).toEqual([true, false, false])
  await set.close()
  const snapshot = await index.snapshot()

  const counted: number[] = []
  const adding = index.addShard(workerShard(folder, "c"))
  while (counted.length < 20) counted.push(await index.count())
  await adding
  expect(new Set(counted)).toEqual(new Set([2001]))
  expect(await index.deleteMany({ n: { $lt: 500 } })).toBe(501)
  for (const [id, { n }] of model) if (n < 500) model.delete(id)
  await expectHolds(index, model)
  expect(await snapshot.count()).toBe(2001)
  await snapshot.close()
  await index.mergeShards("a", "b")
  await expectHolds(index, model)
  await index.flush()
  const { shards, segments } = index.stats()
  expect(Object.keys(shards).sort()).toEqual(["b", "c"])
  expect(segments.length).toBeGreaterThan(0)
  expect(await index.compact()).toBeUndefined()
  await index.close()
  await refusal("TIERDEX_CLOSED", () => index.count())

  const again = await open(folder, ["b", "c"])
  expect(again.mark).toBe("so far")
  await expectHolds(again, model)
  await again.close()
})

test("a worker that ends fails what was asked of it, at once, and can be opened again", async () => {
  const folder = await tempFolder()
  const index = await openShardedIndex<Row>({
    shards: [
      workerShard(folder, "a"),
      {
        name: "b",
        worker: { module: MODULE, factory: "mortalStore", options: { path: join(folder, "b") } },
      },
    ],
    map: fileStore({ path: join(folder, "map") }),
  })
  onTestFinished(() => index.close().catch(() => {}))
  await index.putMany(rows(400))
  const { shards } = index.stats()
  const word = Array.from({ length: 100 }, (_, i) => `${LAST_WORD} ${i}`).find(
    (id) => slotOf(Buffer.from(id)) >= SLOTS / 2,
  )
  const asked = Array.from({ length: 20 }, () => index.count({ n: { $gte: 0 } }))
  const writing = index.put(word ?? "", { n: 0 })
  const error = await refusal("TIERDEX_SHARD_FAILED", () => writing)
  // What was asked before has an answer, or fails in the same way; nothing is left waiting.
  for (const result of await Promise.allSettled(asked)) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ shard: "b" })
  }
  expect(error).toMatchObject({ shard: "b", message: expect.stringContaining("reopenShard") })
  await refusal("TIERDEX_SHARD_FAILED", () => index.putMany(rows(400)))
  const { result, missing } = await index.allowPartial((reader) => reader.count())
  expect(result).toBe(shards.a.records)
  expect(Object.keys(missing)).toEqual(["b"])

  await index.reopenShard(workerShard(folder, "b"))
  expect(await index.count()).toBe(400)
  await index.putMany(rows(400))
  await expectHolds(index, new Map(rows(400)))
  await index.close()
})

test.each([
  [
    "a module that is not there",
    { module: "file:///none.mjs", factory: "fileStore" },
    "TIERDEX_INVALID_OPTION",
  ],
  [
    "an export that makes nothing",
    { module: MODULE, factory: "notAFactory" },
    "TIERDEX_INVALID_OPTION",
  ],
  [
    "an export that makes no store",
    { module: MODULE, factory: "notAStore" },
    "TIERDEX_INVALID_OPTION",
  ],
] as const)("%s is an error that names the shard", async (_, worker, code) => {
  const folder = await tempFolder()
  const error = await refusal(code, () =>
    openShardedIndex({
      shards: [workerShard(folder, "a"), { name: "b", worker }],
      map: fileStore({ path: join(folder, "map") }),
    }),
  )
  expect(error.shard).toBe("b")
})
