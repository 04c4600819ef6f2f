import { expect } from "vitest"
import type { Durability } from "../../src/api/options.ts"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import type { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import { compareRecords, type Fields, Model } from "../oracle.ts"
import type { CrashingStore } from "../support/crashing-store.ts"
import { randomFrom } from "../support/random.ts"
import { expectNoLeftovers } from "./space.ts"

/** Batches of the workload: enough for 9 segments, and so for a merge. */
export const BATCHES = 18

type Step =
  | { readonly type: "batch"; readonly ops: Parameters<MetadataIndex<Fields>["batch"]>[0] }
  | { readonly type: "flush" | "compact" }

/** Puts, upserts and deletes of a few ids, with flushes and a compaction in between. */
function workload(seed: number): Step[] {
  const random = randomFrom(seed)
  const steps: Step[] = []
  for (let batch = 0; batch < BATCHES; batch++) {
    const ops = Array.from({ length: 3 }, () => {
      const id = `id${Math.floor(random() * 12)}`
      return random() < 0.25
        ? ({ type: "delete", id } as const)
        : ({ type: "put", id, record: { batch, tags: [batch % 3, "x"] } } as const)
    })
    steps.push({ type: "batch", ops })
    if (batch % 2 === 1) steps.push({ type: "flush" })
  }
  steps.splice(steps.length - 4, 0, { type: "compact" })
  return steps
}

export const open = (store: Store, durability: Durability) =>
  openIndex<Fields>({ store, durability, memory: "8 MiB" })

/** Runs the workload until the store dies; returns how many batches were acknowledged. */
export async function run(store: CrashingStore, durability: Durability): Promise<number> {
  let acknowledged = 0
  let index: MetadataIndex<Fields> | undefined
  let merges = 0
  try {
    index = await open(store, durability)
    for (const step of workload(1)) {
      if (step.type === "batch") {
        await index.batch(step.ops, { mark: String(acknowledged) })
        acknowledged++
      } else await index[step.type]()
    }
    merges = index.stats().merges
  } catch (error) {
    if (!store.crashed) throw error
  }
  await index?.close().catch((error: unknown) => {
    if (!store.crashed) throw error
  })
  if (!store.crashed) expect(merges).toBeGreaterThan(1)
  return acknowledged
}

/** The model after some of the batches. */
function modelAfter(batches: number): Model {
  const model = new Model()
  const steps = workload(1).flatMap((step) => (step.type === "batch" ? [step] : []))
  for (const [batch, { ops }] of steps.slice(0, batches).entries()) {
    model.batch(ops, { mark: String(batch) })
  }
  return model
}

/** Opens what a crash left, and checks that it is a state between two batches. */
export async function checkAfter(image: MemoryStore, least: number, most: number): Promise<void> {
  const index = await open(image, "sync")
  const batches = index.mark === undefined ? 0 : Number(index.mark) + 1
  expect(batches).toBeGreaterThanOrEqual(least)
  expect(batches).toBeLessThanOrEqual(most)
  const model = modelAfter(batches)
  await compareRecords(index, model)
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  // And it goes on from there.
  await index.put("after", { batch: -1 })
  model.put("after", { batch: -1 })
  await index.flush()
  await compareRecords(index, model)
  await index.close()
  const again = await open(image, "sync")
  await compareRecords(again, model)
  await again.close()
  await expectNoLeftovers(image)
}
