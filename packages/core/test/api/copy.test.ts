import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { copyIndex } from "../../src/copy.ts"
import { openIndex } from "../../src/open.ts"
import { FileKind, pageKey } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { compareRecords, type Fields, ids, Model, records } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { flipBit } from "../support/corrupt.ts"
import { FailingStore } from "../support/failing-store.ts"

const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS) / 4)

/** Puts, rewrites and deletes, with flushes and merges in between. */
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant("put"), id: ids, record: records }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("delete"), id: ids }) },
    { weight: 1, arbitrary: fc.constantFrom({ type: "flush" }, { type: "compact" }) },
  ),
  { maxLength: 40 },
)

type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never

async function apply(index: MetadataIndex<Fields>, step: Step): Promise<void> {
  if ("record" in step) await index.put(step.id, step.record)
  else if ("id" in step) await index.delete(step.id)
  else if (step.type === "flush") await index.flush()
  else await index.compact()
}

function modelOf(steps: readonly Step[]): Model {
  const model = new Model()
  for (const step of steps) {
    if ("record" in step) model.put(step.id, step.record)
    else if ("id" in step) model.delete(step.id)
  }
  return model
}

/** Compares a copy with a model, and sees that it is sound and can be written to. */
async function expectCopy(store: MemoryStore, model: Model): Promise<void> {
  const copy = await openIndex<Fields>({ store })
  await compareRecords(copy, model)
  expect(await copy.verify()).toMatchObject({ ok: true, damage: [] })
  await copy.put("new", {})
  await copy.flush()
  expect(await copy.has("new")).toBe(true)
  expect(copy.size).toBe(model.size + (model.has("new") ? 0 : 1))
  await copy.close()
}

async function built(store: MemoryStore | undefined, all: readonly Step[]) {
  const index = await openIndex<Fields>(store === undefined ? {} : { store })
  for (const step of all) await apply(index, step)
  return index
}

describe("a copy equals its source", () => {
  test("of a store, which it leaves as it was", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const [from, to] = [new MemoryStore(), new MemoryStore()]
        const index = await built(from, all)
        await index.close()
        await copyIndex(from, to)
        await expectCopy(to, modelOf(all))
        await expectCopy(from, modelOf(all))
      }),
      { numRuns: RUNS },
    )
  })

  test.each(["with a store", "in memory"])("of an index %s, as of the call", async (kind) => {
    await fc.assert(
      fc.asyncProperty(steps, steps, async (before, after) => {
        const home = kind === "in memory" ? undefined : new MemoryStore()
        const index = await built(home, before)
        const to = new MemoryStore()
        const slow = new AsyncStore(to, seededDelay(before.length))
        const copying = copyIndex(index, slow)
        for (const step of after) await apply(index, step)
        await copying
        await expectCopy(to, modelOf(before))
        await compareRecords(index, modelOf([...before, ...after]))
        await index.close()
      }),
      { numRuns: RUNS },
    )
  })

  test("of a snapshot, with the mark of its moment", async () => {
    const index = await openIndex<Fields>({ store: new MemoryStore() })
    const model = new Model()
    const first = [{ type: "put", id: "a", record: { a: 1 } }] as const
    await index.batch(first, { mark: "one" })
    model.batch(first)
    const view = await index.snapshot()
    await index.batch([{ type: "delete", id: "a" }], { mark: "two" })
    await index.compact()
    const to = new MemoryStore()
    await copyIndex(view, to)
    await expectCopy(to, model)
    const copy = await openIndex({ store: to })
    expect(copy.mark).toBe("one")
    await copy.close()
    await view.close()
    await expect(copyIndex(view, new MemoryStore())).rejects.toMatchObject({
      code: "TIERDEX_CLOSED",
    })
    await index.close()
    await expect(copyIndex(index, new MemoryStore())).rejects.toMatchObject({
      code: "TIERDEX_CLOSED",
    })
  })
})

test("it keeps the fields option and the cursors of its source", async () => {
  const [from, to] = [new MemoryStore(), new MemoryStore()]
  const fields = { exclude: ["secret"] }
  const index = await openIndex({ store: from, fields })
  for (let i = 0; i < 10; i++) await index.put(`id${i}`, { n: i, secret: [[1]] })
  await index.flush()
  const page = await index.find({}, { sort: { n: "asc" }, limit: 4 })
  await index.close()
  await copyIndex(from, to)
  await expect(openIndex({ store: to })).rejects.toMatchObject({ code: "TIERDEX_FIELDS_CHANGED" })
  const copy = await openIndex({ store: to, fields })
  const next = await copy.find({}, { sort: { n: "asc" }, limit: 4, after: page.cursor })
  expect(next.ids).toEqual(["id4", "id5", "id6", "id7"])
  await copy.close()
})

test("it reports progress in bytes, up to the whole", async () => {
  const from = new MemoryStore()
  const index = await openIndex({ store: from })
  await index.putMany(Array.from({ length: 30_000 }, (_, n) => [`id${n}`, { n, s: `s${n}` }]))
  await index.flush()
  await index.put("one more", { n: -1 })
  const seen: { done: number; total: number | undefined; unit: string }[] = []
  const to = new MemoryStore()
  await copyIndex(index, to, { onProgress: (progress) => seen.push(progress) })
  expect(seen.length).toBeGreaterThan(2)
  expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b))
  expect(seen.at(-1)).toEqual({
    done: seen.at(-1)?.total,
    total: expect.any(Number),
    unit: "bytes",
  })
  await index.close()
})

/** As a caller without types may. */
const copyAny = (...stores: unknown[]): Promise<void> => Reflect.apply(copyIndex, undefined, stores)

describe("what cannot be copied", () => {
  const source = async () => {
    const from = new MemoryStore()
    const index = await openIndex<Fields>({ store: from })
    for (let i = 0; i < 50; i++) await index.put(`id${i}`, { a: i })
    await index.flush()
    await index.close()
    return from
  }

  test("to a store that is not empty, which is left as it is", async () => {
    const [from, to] = [await source(), await source()]
    await expect(copyIndex(from, to)).rejects.toMatchObject({ code: "TIERDEX_INVALID_OPTION" })
    const kept = await openIndex({ store: to })
    expect(kept.size).toBe(50)
    await kept.close()
  })

  test("from a store without an index", async () => {
    await expect(copyIndex(new MemoryStore(), new MemoryStore())).rejects.toMatchObject({
      code: "TIERDEX_UNSUPPORTED_FORMAT",
    })
  })

  test.each([undefined, null, 5, {}])("from or to %o", async (nothing) => {
    const code = "TIERDEX_INVALID_OPTION"
    await expect(copyAny(nothing, new MemoryStore())).rejects.toMatchObject({ code })
    await expect(copyAny(new MemoryStore(), nothing)).rejects.toMatchObject({ code })
  })

  test("a damaged page, which is named, and a missing one; the target is empty again", async () => {
    const key = pageKey({ segment: 1, field: 0, kind: FileKind.tree }, 0)
    const damages: [(from: MemoryStore) => Promise<void>, object][] = [
      [(from) => flipBit(from, key, 500), { place: { segment: 1, field: "a", page: 0 } }],
      [(from) => from.write([{ type: "delete", key }]), {}],
    ]
    for (const [damage, more] of damages) {
      const [from, to] = [await source(), new MemoryStore()]
      await from.open()
      await damage(from)
      await from.close()
      await expect(copyIndex(from, to)).rejects.toMatchObject({ code: "TIERDEX_CORRUPT", ...more })
      const fresh = await openIndex({ store: to })
      expect(fresh.size).toBe(0)
      await fresh.close()
    }
  })

  test("a write that fails, and an abort; the target is empty again", async () => {
    const error = new Error("ENOSPC: no space left on device, write")
    for (const failAt of [1, 2]) {
      const to = new MemoryStore()
      const failing = new FailingStore(to, { failAt, error, once: true })
      await expect(copyIndex(await source(), failing)).rejects.toMatchObject({
        code: "TIERDEX_STORE_FAILED",
        cause: error,
      })
      await to.open()
      expect(await to.sizeOnDisk()).toBe(0)
      await to.close()
    }
    const controller = new AbortController()
    const to = new MemoryStore()
    const copying = copyIndex(await source(), to, {
      signal: controller.signal,
      onProgress: () => controller.abort("enough"),
    })
    await expect(copying).rejects.toMatchObject({ code: "TIERDEX_ABORTED", cause: "enough" })
    await to.open()
    expect(await to.sizeOnDisk()).toBe(0)
    await to.close()
  })
})
