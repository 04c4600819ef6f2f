import { describe, expect, test } from "vitest"
import type { Durability, ShardedIndex } from "../../src/api.ts"
import { openShardedIndex } from "../../src/sharded/open.ts"
import type { MemoryStore } from "../../src/store/memory-store.ts"
import { randomFrom } from "../support/random.ts"
import { expectHolds, type Row } from "./holds.ts"
import { Mortality, MortalStore } from "./mortal-store.ts"

const isLong = Number(process.env.TIERDEX_RUNS) > 1000
const RECORDS = 40
const NAMES = ["a", "b", "c"]
/** So long that a move takes several steps. */
const TEXT = "x".repeat(30_000)

const row = (n: number): Row => (n % 2 === 0 ? { n, text: TEXT } : { n })

/** The stores of one process: those of the shards and of the map. */
class Machine {
  readonly mortality: Mortality
  readonly #images: ReadonlyMap<string, MemoryStore>
  readonly #stores = new Map<string, MortalStore>()

  constructor(mortality: Mortality, images: ReadonlyMap<string, MemoryStore> = new Map()) {
    this.mortality = mortality
    this.#images = images
  }

  store(name: string): MortalStore {
    const store = new MortalStore(this.mortality, this.#images.get(name))
    this.#stores.set(name, store)
    return store
  }

  /**
   * What the next process finds: the same each time that it is called.
   * @param kept how many of a store's pending writes are left; all, if only the process died
   */
  survivors(kept: (pending: number) => number): Survivors {
    const stores = Array.from(this.#stores, ([name, store]) => {
      return { name, store, prefix: kept(store.pending) }
    })
    return async () => {
      const images = new Map<string, MemoryStore>()
      for (const { name, store, prefix } of stores) images.set(name, await store.afterCrash(prefix))
      return images
    }
  }
}

type Survivors = () => Promise<ReadonlyMap<string, MemoryStore>>

async function open(
  machine: Machine,
  names: readonly string[],
  by: "hash" | "range",
  durability: Durability,
): Promise<ShardedIndex<Row>> {
  const splitKeys = by === "range" ? ["r-2", "r-4"].slice(0, names.length - 1) : []
  return await openShardedIndex<Row>({
    shards: names.map((name) => ({ name, store: machine.store(name) })),
    by,
    splitKeys: names.length - 1 === splitKeys.length ? splitKeys : [],
    map: machine.store("map"),
    durability,
  })
}

/**
 * Fills three shards durably, then grows them while records are written, until the process dies.
 * Answers what was acknowledged, and the one write that was not.
 */
async function run(machine: Machine, by: "hash" | "range", durability: Durability) {
  const acknowledged = new Map<string, number>()
  let pending: { id: string; n: number | undefined } | undefined
  let isFilled = false
  try {
    const index = await open(machine, NAMES, by, durability)
    const rows = Array.from({ length: RECORDS }, (_, i) => [`r-${i % 7}-${i}`, row(0)] as const)
    await index.putMany(rows)
    await index.flush()
    for (const [id] of rows) acknowledged.set(id, 0)
    isFilled = true
    const growing = grow(index, machine)
    growing.catch(() => {})
    for (let i = 0; i < 25; i++) {
      const id = `r-${i % 7}-${(i * 17) % RECORDS}`
      const isDelete = i % 5 === 4
      pending = { id, n: isDelete ? undefined : i + 1 }
      if (isDelete) await index.delete(id)
      else await index.put(id, row(i + 1))
      if (isDelete) acknowledged.delete(id)
      else acknowledged.set(id, i + 1)
      pending = undefined
    }
    await growing
    await index.close()
  } catch (error) {
    if (!machine.mortality.isDead) throw error
  }
  return { acknowledged, pending, isFilled }
}

async function grow(index: ShardedIndex<Row>, machine: Machine): Promise<void> {
  await index.addShard({ name: "d", store: machine.store("d") })
  await index.mergeShards("b", "c")
}

describe.each(["hash", "range"] as const)("shards by %s", (by) => {
  test.each(["sync", "os"] as const)(
    "lose no record and double none when the process dies at any write (durability %s)",
    { timeout: 120_000 },
    async (durability) => {
      const whole = new Machine(new Mortality())
      await run(whole, by, durability)
      const { operations } = whole.mortality
      expect(operations).toBeGreaterThan(50)
      const random = randomFrom(Number(process.env.TIERDEX_SEED))
      for (let crashAt = 1; crashAt <= operations; crashAt++) {
        // In a long run, whether it is carried out is tried both ways.
        for (const applied of isLong ? [false, true] : [crashAt % 2 === 0]) {
          const machine = new Machine(new Mortality(crashAt, applied))
          const { acknowledged, pending, isFilled } = await run(machine, by, durability)
          if (!isFilled) continue
          const survivors = machine.survivors((pending) => pending)
          await checkAfter(survivors, by, durability, acknowledged, pending)
        }
        if (durability === "os") await powerCut(by, crashAt, random)
      }
    },
  )
})

async function checkAfter(
  survivors: Survivors,
  by: "hash" | "range",
  durability: Durability,
  acknowledged: ReadonlyMap<string, number>,
  pending: { id: string; n: number | undefined } | undefined,
): Promise<void> {
  const index = await openAfterCrash(survivors, by, durability)
  const expected = new Map(Array.from(acknowledged, ([id, n]) => [id, row(n)]))
  if (pending !== undefined) {
    const found = await index.get(pending.id)
    const before = acknowledged.get(pending.id)
    expect([before, pending.n]).toContain(found?.n)
    if (found === undefined) expected.delete(pending.id)
    else expected.set(pending.id, row(found.n ?? Number.NaN))
  }
  await expectHolds(index, expected)
  await index.resume()
  expect(index.isGrowing).toBe(false)
  await expectHolds(index, expected)
  await index.close()
}

/** Opens what is left, with the shards that the map names: before, within and after its growth. */
async function openAfterCrash(
  survivors: Survivors,
  by: "hash" | "range",
  durability: Durability,
): Promise<ShardedIndex<Row>> {
  const errors: string[] = []
  for (const names of [NAMES, [...NAMES, "d"], ["a", "c", "d"]]) {
    try {
      const machine = new Machine(new Mortality(), await survivors())
      return await open(machine, names, by, durability)
    } catch (error) {
      if (!/lacks|names no shard/.test(String(error))) throw error
      errors.push(String(error))
    }
  }
  throw new Error(`No shards are those of the map: ${errors.join("; ")}`)
}

/** A power cut takes any of what was not durable, of each store by itself; never what was. */
async function powerCut(by: "hash" | "range", crashAt: number, random: () => number) {
  const machine = new Machine(new Mortality(crashAt, true))
  const { isFilled } = await run(machine, by, "os")
  if (!isFilled) return
  const survivors = machine.survivors((pending) => Math.floor(random() * (pending + 1)))
  const index = await openAfterCrash(survivors, by, "os")
  // What was flushed and not written again since is there once, wherever it was moved.
  const ids: string[] = []
  for await (const id of index.ids()) ids.push(id)
  expect(new Set(ids).size).toBe(ids.length)
  const rewritten = new Set(
    Array.from({ length: 25 }, (_, i) => `r-${i % 7}-${(i * 17) % RECORDS}`),
  )
  for (let i = 0; i < RECORDS; i++) {
    const id = `r-${i % 7}-${i}`
    if (!rewritten.has(id)) expect(await index.get(id)).toEqual(row(0))
  }
  expect(await index.verify()).toMatchObject({ ok: true })
  await index.resume()
  expect(index.size).toBe(ids.length)
  await index.close()
}
