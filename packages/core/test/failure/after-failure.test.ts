import fc from "fast-check"
import { expect, test, vi } from "vitest"
import { TierdexError } from "../../src/errors.ts"
import { openIndex } from "../../src/open.ts"
import { manifestKey } from "../../src/pages/keys.ts"
import { PageSink } from "../../src/pages/page-sink.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store, WriteOp } from "../../src/store/store.ts"
import type { Fields } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { flipBit } from "../support/corrupt.ts"
import { FaultyStore } from "../support/faulty-store.ts"
import { KeyType } from "../support/pausing-store.ts"
import { randomFrom } from "../support/random.ts"
import { WrappedStore } from "../support/wrapped-store.ts"
import { expectNoLeftovers } from "./space.ts"
import { WRITES } from "./trial.ts"
import { Witness } from "./witness.ts"

const numRuns = fc.readConfigureGlobal().numRuns ?? 100

const open = (store: Store) => openIndex<Fields>({ store, memory: "8 MiB", durability: "os" })

/** Does something else with the next write of one type of keys. */
class DivertingStore extends WrappedStore {
  #type: number | undefined
  #divert: () => Promise<void> = async () => {}

  /** Runs `divert` before the next write whose last key is of this type. */
  next(type: number, divert: () => Promise<void>): void {
    this.#type = type
    this.#divert = divert
  }

  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    if (ops.at(-1)?.key[0] === this.#type) {
      this.#type = undefined
      await this.#divert()
    }
    await super.write(ops, options)
  }
}

// A flush failed to write the manifest, and the deletions that came with it. A merge that was under
// way then wrote a manifest that named those, and the index could not be opened again.
test("after a failed write no other names what that was to bring", async () => {
  const image = new MemoryStore()
  const store = new DivertingStore(image)
  const index = await open(store)
  for (const id of ["a", "b", "c"]) {
    await index.put(id, { a: 1 })
    await index.flush()
  }
  const merge = Promise.withResolvers<void>()
  const held = new Promise<void>((resolve) => {
    store.next(KeyType.page, async () => {
      resolve()
      await merge.promise
    })
  })
  const compacting = index.compact().catch((error: unknown) => error)
  await held
  // A segment beside the merge, in which a record is then deleted.
  await index.putMany([
    ["d", { a: 1 }],
    ["e", { a: 1 }],
  ])
  await index.flush()
  await index.delete("d")
  const cause = new Error("EIO: i/o error, write")
  store.next(KeyType.manifest, () => Promise.reject(cause))
  await expect(index.flush()).rejects.toMatchObject({ code: "TIERDEX_STORE_FAILED", cause })
  merge.resolve()
  expect(await compacting).toMatchObject({ code: "TIERDEX_STORE_FAILED", cause })
  expect(index.size).toBe(4)
  expect(await index.getIds("a", 1)).toEqual(["a", "b", "c", "e"])
  await index.close()

  const again = await open(image)
  expect(again.size).toBe(4)
  expect(await again.getIds("a", 1)).toEqual(["a", "b", "c", "e"])
  expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
  await again.close()
  await expectNoLeftovers(image)
})

test("an index that cannot be opened says why, even if its store cannot be closed", async () => {
  const image = new MemoryStore()
  await (await open(image)).close()
  await image.open()
  await flipBit(image, manifestKey(), 100)
  await image.close()
  const store = new FaultyStore(image, { failAt: 1, lasts: "once", kinds: ["close"] })
  await expect(open(store)).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
  expect(store.failed).toBe("close")
})

// A flush that failed for a reason of its own was told as a failed write of the store.
test.each([
  new TierdexError("TIERDEX_CORRUPT", "A page is damaged.", { place: { segment: 1, page: 2 } }),
  new TypeError("undefined is not a function"),
])("what fails beside the store is told as it is: %s", async (error) => {
  const image = new MemoryStore()
  const index = await open(image)
  await index.put("a", { a: 1 })
  vi.spyOn(PageSink.prototype, "finish").mockImplementationOnce(() => {
    throw error
  })
  await expect(index.flush()).rejects.toBe(error)
  const writes = [index.put("b", {}), index.delete("a"), index.clear(), index.flush()]
  await Promise.all(writes.map((write) => expect(write).rejects.toBe(error)))
  expect(await index.getIds("a", 1)).toEqual(["a"])
  await index.close()

  const again = await open(image)
  await again.flush()
  expect(await again.getIds("a", 1)).toEqual(["a"])
  await again.close()
  await expectNoLeftovers(image)
})

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i): [string, Fields] => [
    `id${from + i}`,
    { a: from + i, text: `${from + i}`.padEnd(500, "x") },
  ])

test("writers that wait for room learn that there will be none", async () => {
  const image = new MemoryStore()
  const store = new DivertingStore(image)
  const index = await open(store)
  const cause = new Error("EIO: i/o error, write")
  const flush = Promise.withResolvers<void>()
  store.next(KeyType.page, async () => {
    await flush.promise
    throw cause
  })
  let done = 0
  const writing = index.putMany(rows(0, 20_000), {
    onProgress: (progress) => {
      done = progress.done
    },
  })
  // Nothing is committed any more once both memtables are full.
  for (let last = -1, still = 0; still < 5; still = done > 0 && last === done ? still + 1 : 0) {
    last = done
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  expect(done).toBeLessThan(20_000)
  const stalled = done
  const waiting = [index.put("waiting", {}), index.delete("id1"), index.update("id2", { a: 0 })]
  const outcomes = Promise.allSettled([writing, ...waiting])
  flush.resolve()
  for (const [i, outcome] of (await outcomes).entries()) {
    expect(outcome.status === "rejected" && outcome.reason).toMatchObject({
      code: "TIERDEX_STORE_FAILED",
      cause,
      ...(i === 0 ? { committed: stalled } : {}),
    })
  }
  expect(done).toBe(stalled)
  expect(index.size).toBe(done)
  expect(await index.count({ a: { $gte: 1000 } })).toBe(done - 1000)
  await index.close()

  const again = await open(image)
  expect(await again.count({ a: { $gte: 0 } })).toBe(done)
  expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
  await again.close()
  await expectNoLeftovers(image)
})

test("calls that a failure and closing meet at once all end", { timeout: 600_000 }, async () => {
  const seed = Number(process.env.TIERDEX_SEED)
  const random = randomFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  for (let run = 0; run < numRuns / 12; run++) {
    const image = new MemoryStore()
    const lasts = (["once", "kind", "all"] as const)[run % 3]
    const faulty = new FaultyStore(image, { failAt: 3 + below(25), lasts, kinds: WRITES })
    const index = await open(new AsyncStore(faulty, seededDelay(seed + run)))
    const witness = new Witness(faulty, [])
    const putting = [0, 1].map((half) =>
      witness.outcome("putMany", index.putMany(rows(half * 3000, half * 3000 + 3000))),
    )
    const others: Promise<unknown>[] = []
    for (let turn = below(200); turn > 0; turn--) {
      if (turn % 50 === 0) {
        others.push(
          witness.run("count", index.count({ a: { $gte: 100 } })),
          witness.run("compact", index.compact()),
          witness.run("update", index.update("id1", { a: 1 })),
          witness.run("verify", index.verify()),
        )
      }
      await new Promise((go) => setImmediate(go))
    }
    witness.isClosing = true
    await witness.run("close", index.close())
    await Promise.all(others)
    let committed = 0
    for (const outcome of await Promise.all(putting)) {
      if ("value" in outcome) committed += outcome.value
      else if (outcome.error instanceof Error && "committed" in outcome.error) {
        committed += Number(outcome.error.committed)
      }
    }
    await image.close()
    const again = await open(image)
    expect(again.size).toBe(committed)
    expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
    await again.close()
    await expectNoLeftovers(image)
  }
})
