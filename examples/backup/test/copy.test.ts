import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compareRecords, type Fields, Model } from "@tierdex/conformance/oracle"
import { copyIndex, MemoryStore, type MetadataIndex, openIndex, type Store } from "@tierdex/core"
import { describe, expect, onTestFinished, test } from "vitest"
import { orders } from "../src/orders.ts"
import { makeStore, STORE_NAMES } from "../src/stores.ts"

/** Records of each of the segments, and of what is in the log only. */
const PART = 700

const pairs = STORE_NAMES.flatMap((from) =>
  STORE_NAMES.filter((to) => to !== from).map((to) => [from, to] as const),
)

/** A folder that goes with the test. */
async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-copies-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Writes the same to an index and a model: segments, deletions from them, and a log. */
async function build(index: MetadataIndex<Fields>): Promise<Model> {
  const model = new Model()
  for (let part = 0; part < 4; part++) {
    const entries = orders(part * PART, (part + 1) * PART)
    await index.putMany(entries.map(([id, order]) => [id, { ...order }]))
    model.putMany(entries)
    const last = entries.slice(0, PART / 8).map(([id]) => ({ type: "delete", id }) as const)
    // From the part before, which is a segment by now, if there is a store.
    const before = orders(Math.max(0, part - 1) * PART, part * PART).slice(-PART / 8)
    const ops = [...last, ...before.map(([id]) => ({ type: "delete", id }) as const)]
    await index.batch(ops, { mark: `part ${part}` })
    model.batch(ops, { mark: `part ${part}` })
    if (part < 3) await index.flush()
  }
  return model
}

/** Goes on writing: replaces, deletes, adds, and makes segments of it. */
async function writeOn(index: MetadataIndex<Fields>): Promise<void> {
  for (let n = 0; n < 4; n++) {
    const entries = orders(n * PART, n * PART + PART / 2)
    await index.putMany(entries.map(([id]) => [id, { replaced: n }]))
    await index.deleteMany({ replaced: { $exists: false }, status: "paid" })
    await index.put(`added-${n}`, { n })
    if (n % 2 === 1) await index.compact()
  }
}

/** Holds a copy against the model, writes to it, and holds it against the model again. */
async function expectCopy(open: () => Store, source: Model): Promise<void> {
  const model = source.clone()
  const copy = await openIndex<Fields>({ store: open() })
  expect(copy.mark).toBe(model.mark)
  await compareRecords(copy, model)
  expect(await copy.verify()).toMatchObject({ ok: true, damage: [] })

  const entries = orders(0, PART)
  await copy.putMany(entries.map(([id, order]) => [id, { ...order, again: true }]))
  for (const [id, order] of entries) model.put(id, { ...order, again: true })
  expect(await copy.deleteMany({ status: "open" })).toBe(model.deleteMany({ status: "open" }))
  await copy.flush()
  await copy.close()

  const again = await openIndex<Fields>({ store: open() })
  await compareRecords(again, model)
  expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
  await again.close()
}

describe("a copy equals its source, and can be written to", () => {
  test.each(pairs)("from %s to %s", async (from, to) => {
    const folder = await tempFolder()
    const [source, target] = [from, to].map((kind) => () => makeStore(kind, folder, "index"))
    const index = await openIndex<Fields>({ store: source() })
    const model = await build(index)
    expect(index.stats().segments.length).toBeGreaterThan(2)
    await index.close()
    await copyIndex(source(), target())
    await expectCopy(target, model)
    // The source is left as it was.
    const still = await openIndex<Fields>({ store: source() })
    await compareRecords(still, model)
    await still.close()
  })

  test.each(STORE_NAMES)("from a MemoryStore to %s", async (to) => {
    const folder = await tempFolder()
    const source = new MemoryStore()
    const index = await openIndex<Fields>({ store: source })
    const model = await build(index)
    await index.close()
    await copyIndex(source, makeStore(to, folder, "copy"))
    await expectCopy(() => makeStore(to, folder, "copy"), model)
  })

  test.each(STORE_NAMES)("from an index without a store to %s", async (to) => {
    const folder = await tempFolder()
    const index = await openIndex<Fields>()
    const model = await build(index)
    await copyIndex(index, makeStore(to, folder, "copy"))
    await index.close()
    await expectCopy(() => makeStore(to, folder, "copy"), model)
  })
})

describe("a backup is of the snapshot's moment, whatever is written meanwhile", () => {
  test.each(STORE_NAMES.map((from, i) => [from, STORE_NAMES[(i + 1) % STORE_NAMES.length]]))(
    "of %s, to itself and to %s",
    async (from, other) => {
      const folder = await tempFolder()
      const index = await openIndex<Fields>({ store: makeStore(from, folder, "index") })
      const model = await build(index)
      const snapshot = await index.snapshot()
      // Some of it before the copies begin, some while they are made.
      const writing = writeOn(index)
      await index.put("first", {})
      await Promise.all([
        copyIndex(snapshot, makeStore(from, folder, "same")),
        copyIndex(snapshot, makeStore(other, folder, "other")),
        writing,
      ])
      await compareRecords(snapshot, model)
      await snapshot.close()
      expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
      expect(await index.count({ replaced: { $exists: true } })).toBeGreaterThan(0)
      await index.close()
      await expectCopy(() => makeStore(from, folder, "same"), model)
      await expectCopy(() => makeStore(other, folder, "other"), model)
    },
  )
})
