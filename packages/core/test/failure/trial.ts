import { expect } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import { compareRecords, type Fields, Model } from "../oracle.ts"
import { AsyncStore, LateStore, seededDelay } from "../support/async-store.ts"
import { type FaultOptions, FaultyStore, type StoreCall } from "../support/faulty-store.ts"
import { randomFrom } from "../support/random.ts"
import { Client } from "./client.ts"
import { expectNoLeftovers } from "./space.ts"
import { type FieldsIndex, Witness } from "./witness.ts"

/** Calls after whose failure nothing may be written any more. */
export const WRITES: readonly StoreCall[] = ["write", "deleteRange"]

type Home = (store: Store, seed: number) => Store

/** Ways in which a store answers, each the same again for the same seed. */
export const homes = {
  atOnce: (store) => store,
  /** But for reads, which are synchronous. */
  late: (store, seed) => new LateStore(store, seededDelay(seed)),
  allLate: (store, seed) => new AsyncStore(store, seededDelay(seed)),
} satisfies Record<string, Home>

const open = (store: Store): Promise<FieldsIndex> => openIndex<Fields>({ store, memory: "8 MiB" })

/** An index over a store with a fault, and the clients that use it. */
export class Trial {
  readonly faulty: FaultyStore
  readonly #image = new MemoryStore()
  readonly #store: Store
  readonly #witnesses: Witness[]
  readonly #clients: Client[]
  /** What had failed when the index was opened. */
  #earlier: StoreCall | undefined

  constructor(home: Home, clients: number, fault: FaultOptions) {
    this.faulty = new FaultyStore(this.#image, fault)
    this.#store = home(this.faulty, fault.failAt)
    this.#witnesses = Array.from({ length: clients }, () => new Witness(this.faulty, [new Model()]))
    this.#clients = this.#witnesses.map((witness, i) => new Client(witness, `owner${i}-`))
  }

  async run(): Promise<void> {
    const isFilled = await this.#use((client, index) => client.fill(index))
    if (isFilled) await this.#use((client, index) => client.work(index, this.#clients.length === 1))
    const { failed, lasts } = this.faulty
    if (failed !== undefined && lasts === "once" && !WRITES.includes(failed)) {
      for (const { failures } of this.#witnesses) {
        expect(failures, "calls that one failed read makes fail").toBeLessThan(2)
      }
    }
    // As the end of the process does, however that came.
    await this.#image.close()
    await this.#checkImage()
  }

  /** Opens the index, uses it and closes it. Returns whether opening and closing succeeded. */
  async #use(use: (client: Client, index: FieldsIndex) => Promise<void>): Promise<boolean> {
    const [first] = this.#witnesses
    this.#earlier = this.faulty.failed
    const opened = await first.outcome("open", open(this.#store))
    if ("error" in opened) return false
    const index = opened.value
    for (const witness of this.#witnesses) witness.reopened()
    await Promise.all(this.#clients.map((client) => use(client, index)))
    await this.#checkRefusal(index)
    return await first.run("close", index.close())
  }

  /** Writes are refused after one that failed, and not after a read that did. */
  async #checkRefusal(index: FieldsIndex): Promise<void> {
    // What runs in the background learns of its failure.
    for (let left = 8; left > 0; left--) await new Promise((go) => setImmediate(go))
    const isDue = this.#isWriteFailed && this.faulty.lasts !== "all"
    await this.#clients[0].put(index, 99)
    const isRefused = this.#witnesses.some((witness) => witness.isRefused)
    if (isDue) expect(isRefused, "a write is refused after one that failed").toBe(true)
    if (!this.#isWriteFailed) expect(isRefused, "a failed read does that").toBe(false)
  }

  /** Whether a write may have failed since the index was opened. */
  get #isWriteFailed(): boolean {
    const { failed, lasts } = this.faulty
    if (failed === undefined || (lasts === "once" && failed === this.#earlier)) return false
    return lasts === "all" || WRITES.includes(failed)
  }

  /** What is left holds all that was acknowledged, and one can go on with it. */
  async #checkImage(): Promise<void> {
    const index = await open(this.#image)
    expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
    const model = await stateOf(index, unions(this.#witnesses))
    await index.put("after", { b: 1 })
    model.put("after", { b: 1 })
    await index.flush()
    await compareRecords(index, model)
    await index.close()
    await expectNoLeftovers(this.#image)
  }
}

/** What an index may hold, of all clients together. */
function unions(witnesses: readonly Witness[]): Model[] {
  let all = [new Model()]
  for (const { seen, left } of witnesses) {
    all = all.flatMap((union) =>
      [...seen, ...left].map((own) => {
        const model = union.clone()
        for (const id of own.ids()) model.put(id, own.get(id) ?? {})
        model.mark = own.mark ?? model.mark
        return model
      }),
    )
  }
  return all
}

/** The first of some states that an index is in. */
async function stateOf(index: FieldsIndex, [model, ...others]: readonly Model[]): Promise<Model> {
  try {
    await compareRecords(index, model)
    expect(index.mark).toBe(model.mark)
    return model
  } catch (error) {
    if (others.length === 0) throw error
    return await stateOf(index, others)
  }
}

export interface Plan {
  readonly home: Home
  readonly clients: number
  readonly fault: Omit<FaultOptions, "failAt">
  /** At most so many calls of each kind fail, drawn by the seed. */
  readonly perKind: number
}

/** Runs a trial for each call that is to fail, and says which one went wrong. */
export async function runTrials({ home, clients, fault, perKind }: Plan): Promise<void> {
  const whole = new Trial(home, clients, { ...fault, failAt: Number.POSITIVE_INFINITY })
  await whole.run()
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => unhandled.push(reason)
  process.on("unhandledRejection", listen)
  try {
    for (const failAt of placesOf(whole.faulty.calls, perKind, fault.kinds)) {
      const trial = new Trial(home, clients, { ...fault, failAt })
      try {
        await trial.run()
        await new Promise((go) => setImmediate(go))
        expect(unhandled, "unhandled rejections").toEqual([])
      } catch (cause) {
        const what = `With call ${failAt} failing, a ${trial.faulty.failed}`
        throw new Error(`${what}: ${String(cause)}`, { cause })
      }
    }
  } finally {
    process.off("unhandledRejection", listen)
  }
}

/** The numbers, from 1, of the calls that are to fail: of those kinds, or of all. */
function placesOf(
  calls: readonly StoreCall[],
  perKind: number,
  kinds: readonly StoreCall[] | undefined,
): number[] {
  const random = randomFrom(Number(process.env.TIERDEX_SEED))
  const counted = calls.filter((call) => kinds?.includes(call) ?? true)
  const byKind = Map.groupBy(counted.keys(), (i) => counted[i])
  return [...byKind.values()].flatMap((places) => {
    for (let i = places.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      ;[places[i], places[j]] = [places[j], places[i]]
    }
    return places.slice(0, perKind).map((place) => place + 1)
  })
}
