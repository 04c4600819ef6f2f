import { expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import { compareRecords, type Fields, Model } from "../oracle.ts"
import { FailingStore } from "../support/failing-store.ts"

const open = (store: Store) => openIndex<Fields>({ store, memory: "8 MiB" })

const BATCHES = 20

/** Batches with flushes, until one fails; returns the model of those that did not. */
async function work(index: MetadataIndex<Fields>, model: Model): Promise<unknown> {
  for (let batch = 0; batch < BATCHES; batch++) {
    const ops = [0, 1, 2].map((i) => ({
      type: "put" as const,
      id: `id${(batch * 2 + i) % 9}`,
      record: { batch, i },
    }))
    try {
      await index.batch(ops)
      model.batch(ops)
      if (batch % 2 === 1) await index.flush()
    } catch (error) {
      return error
    }
  }
  return undefined
}

test("a failed write leaves reading possible and refuses later writes with the cause", async () => {
  const counting = new FailingStore(new MemoryStore(), { failAt: Number.POSITIVE_INFINITY })
  const whole = await open(counting)
  expect(await work(whole, new Model())).toBeUndefined()
  await whole.close()

  let failures = 0
  for (let failAt = 2; failAt <= counting.writes; failAt++) {
    const image = new MemoryStore()
    const cause = new Error("ENOSPC: no space left on device, write")
    const index = await open(new FailingStore(image, { failAt, error: cause }))
    const model = new Model()
    const failure = await work(index, model)
    if (failure !== undefined) {
      failures++
      expect(failure).toMatchObject({ code: "TIERDEX_STORE_FAILED", cause })
      await compareRecords(index, model)
      await expect(index.put("later", { a: 1 })).rejects.toMatchObject({
        code: "TIERDEX_STORE_FAILED",
        cause,
      })
      await expect(index.flush()).rejects.toMatchObject({ code: "TIERDEX_STORE_FAILED" })
      await compareRecords(index, model)
    }
    await index.close().catch((error: unknown) => {
      // Closing writes too; what it says is the same.
      expect(error).toMatchObject({ code: "TIERDEX_STORE_FAILED", cause })
    })

    const again = await open(image)
    await compareRecords(again, model)
    expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
    await again.put("later", { a: 1 })
    expect(await again.get("later")).toEqual({ a: 1 })
    await again.close()
  }
  expect(failures).toBeGreaterThan(20)
})

test("a failed read is an error of that call alone", async () => {
  const image = new MemoryStore()
  const writing = await open(image)
  await writing.putMany(Array.from({ length: 500 }, (_, i) => [`id${i}`, { a: i }] as const))
  await writing.flush()
  await writing.close()

  const cause = new Error("EIO: i/o error, read")
  let isBroken = false
  const store = new (class extends FailingStore {
    override get(key: Uint8Array) {
      if (isBroken) throw cause
      return super.get(key)
    }
  })(image, { failAt: Number.POSITIVE_INFINITY })
  const index = await open(store)
  isBroken = true
  await expect(index.count({ a: { $lt: 10 } })).rejects.toMatchObject({
    code: "TIERDEX_STORE_FAILED",
    cause,
  })
  isBroken = false
  expect(await index.count({ a: { $lt: 10 } })).toBe(10)
  await index.put("new", { a: 1 })
  expect(index.size).toBe(501)
  await index.close()
})
