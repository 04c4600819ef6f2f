import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { compareRecords, compareWithModel, type Fields, Model } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { randomFrom } from "../support/random.ts"
import { expectNoLeftovers } from "./space.ts"

const CLIENTS = 4
const STEPS = 14
const IDS = 14

type Random = () => number
type FieldsIndex = MetadataIndex<Fields>

const pick = (random: Random, below: number) => Math.floor(random() * below)
const idFrom = (random: Random) => `id${pick(random, IDS)}`
const recordFrom = (random: Random): Fields => ({
  a: pick(random, 5),
  tags: [pick(random, 3), "x"],
  ...(random() < 0.3 ? { [`field${pick(random, 4)}`]: pick(random, 9) } : {}),
})

/** Some turns of the event loop, which is when other clients act. */
async function turns(random: Random): Promise<void> {
  for (let left = pick(random, 4); left > 0; left--) await new Promise((go) => setImmediate(go))
}

/**
 * What an index held after each write, in the order of the calls. A read is right if it answers as
 * one of the states from the last acknowledged write on to the last one that was asked for.
 */
class History {
  readonly states: Model[] = [new Model()]
  #acknowledged = 0
  readonly #pending: Promise<void>[] = []

  get last(): Model {
    return this.states[this.states.length - 1]
  }

  /** Makes a write, and checks what it reports once it is done. */
  write<R>(ask: () => Promise<R>, apply: (model: Model) => R): Promise<void> {
    const done = ask()
    const model = this.last.clone()
    const expected = apply(model)
    const position = this.states.push(model) - 1
    const checked = done.then((reported) => {
      expect(reported, `write ${position}`).toEqual(expected)
      this.#acknowledged = Math.max(this.#acknowledged, position)
    })
    // Whoever awaits it, or `settled`, learns of a failure.
    checked.catch(() => {})
    this.#pending.push(checked)
    return checked
  }

  /** Reads, and returns the states that the answer fits, of which there must be one. */
  async read<R>(ask: () => Promise<R>, answer: (model: Model) => R): Promise<Model[]> {
    const from = this.#acknowledged
    const to = this.states.length
    const got = await ask()
    const fitting = this.states.slice(from, to).filter((model) => this.#isSame(got, answer(model)))
    if (fitting.length === 0) expect(got, `states ${from} to ${to}`).toEqual(answer(this.last))
    return fitting
  }

  #isSame(a: unknown, b: unknown): boolean {
    return JSON.stringify(a) === JSON.stringify(b)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }
}

function write(index: FieldsIndex, history: History, random: Random): Promise<void> {
  const id = idFrom(random)
  const record = recordFrom(random)
  const kind = random()
  if (kind < 0.35) {
    return history.write(
      () => index.put(id, record),
      (model) => model.put(id, record),
    )
  }
  if (kind < 0.5) {
    const patch = { a: pick(random, 5), ...(random() < 0.3 ? { tags: undefined } : {}) }
    return history.write(
      () => index.update(id, patch),
      (model) => model.update(id, patch),
    )
  }
  if (kind < 0.65) {
    return history.write(
      () => index.delete(id),
      (model) => model.delete(id),
    )
  }
  if (kind < 0.8) {
    const entries = [0, 1, 2].map(() => [idFrom(random), recordFrom(random)] as const)
    return history.write(
      () => index.putMany(entries),
      (model) => model.putMany(entries),
    )
  }
  if (kind < 0.98) {
    const mark = String(pick(random, 100))
    const ops = [
      { type: "put" as const, id, record },
      { type: "delete" as const, id: idFrom(random) },
      { type: "put" as const, id: idFrom(random), record },
    ]
    return history.write(
      () => index.batch(ops, { mark }),
      (model) => model.batch(ops, { mark }),
    )
  }
  return history.write(
    () => index.clear(),
    (model) => model.clear(),
  )
}

async function read(index: FieldsIndex, history: History, random: Random): Promise<void> {
  const kind = random()
  const a = pick(random, 5)
  const filter = { a: { $gte: a } }
  if (kind < 0.25) {
    await history.read(
      async () => (await index.find(filter, { sort: { a: "desc" } })).ids,
      (model) => model.find(filter, { sort: { a: "desc" } }),
    )
  } else if (kind < 0.45) {
    await history.read(
      () => index.count({ tags: a }),
      (model) => model.count({ tags: a }),
    )
  } else if (kind < 0.65) {
    const id = idFrom(random)
    await history.read(
      async () => Object.entries((await index.get(id)) ?? {}).sort(),
      (model) => Object.entries(model.get(id) ?? {}).sort(),
    )
  } else if (kind < 0.85) {
    await history.read(
      async () => Object.entries(await index.facets({}, ["a", "tags"])),
      (model) => Object.entries(model.facets({}, ["a", "tags"])),
    )
  } else await readSnapshot(index, history, random)
}

/** All ids and records as text, whatever the order of properties. */
const allOf = (model: Model) =>
  model.find().map((id) => [id, Object.entries(model.get(id) ?? {}).sort()])

/** A snapshot is of one state, and stays so while writes, flushes and merges go on. */
async function readSnapshot(index: FieldsIndex, history: History, random: Random): Promise<void> {
  const taken = index.snapshot()
  const [state] = await history.read(async () => {
    const found: unknown[] = []
    for await (const [id, fields] of (await taken).entries()) {
      found.push([id, Object.entries(fields).sort()])
    }
    return found
  }, allOf)
  const snapshot = await taken
  for (let i = 0; i < 3; i++) await turns(random)
  await compareWithModel(snapshot, state, { a: { $lt: 3 } }, { sort: { a: "asc" } })
  await snapshot.close()
}

async function client(index: FieldsIndex, history: History, random: Random): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    await turns(random)
    const kind = random()
    if (kind < 0.25) await write(index, history, random)
    else if (kind < 0.55) {
      // Several writes of one turn, none awaited.
      for (let count = 1 + pick(random, 3); count > 0; count--) void write(index, history, random)
    } else if (kind < 0.82) await read(index, history, random)
    else if (kind < 0.95) await index.flush()
    else if (kind < 0.98) await index.compact()
    else expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  }
}

const homes: Record<string, (seed: number, image: MemoryStore) => Promise<FieldsIndex>> = {
  "an asynchronous store": (seed, image) =>
    openIndex<Fields>({ store: new AsyncStore(image, seededDelay(seed)), durability: "os" }),
  "a synchronous store": (_, image) => openIndex<Fields>({ store: image, durability: "os" }),
  "no store": () => openIndex<Fields>(),
}

describe.each(Object.entries(homes))("with %s", (home, open) => {
  test("writes take effect in call order, and reads see whole ones", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.noShrink(fc.nat()), async (seed) => {
        const image = new MemoryStore()
        const index = await open(seed, image)
        const history = new History()
        const clients = Array.from({ length: CLIENTS }, (_, i) =>
          client(index, history, randomFrom(seed + i * 7919)),
        )
        await Promise.all(clients)
        await history.settled()
        await compareWithModel(index, history.last, { a: { $gte: 1 } }, { sort: { a: "desc" } })
        expect(index.mark).toBe(history.last.mark)
        await index.close()
        if (home === "no store") return

        const again = await openIndex<Fields>({ store: image })
        await compareRecords(again, history.last)
        expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
        await again.close()
        await expectNoLeftovers(image)
      }),
    )
  })
})
