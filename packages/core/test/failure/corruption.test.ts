import { describe, expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { codeOf } from "../../src/errors.ts"
import { openIndex } from "../../src/open.ts"
import { FileKind, SEGMENT_FIELD } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { flipBit } from "../support/corrupt.ts"

interface Item {
  readonly n: number
  readonly text: string
  readonly tags: string[]
  readonly odd?: boolean
}

const SIZE = 3000
const EVERYTHING = { gte: Uint8Array.of(0), lt: new Uint8Array(64).fill(0xff) }

const item = (i: number): Item => ({
  n: (i * 7919) % SIZE,
  text: `text ${i % 1500}`,
  tags: [`a${i % 5}`, `b${i % 3}`],
  ...(i % 2 === 1 ? { odd: true } : {}),
})

/** An index of several segments with deletions, and writes in its log. */
async function build(): Promise<MemoryStore> {
  const store = new MemoryStore()
  const index = await openIndex<Item>({ store })
  await index.putMany(Array.from({ length: SIZE }, (_, i) => [`id${i}`, item(i)] as const))
  await index.flush()
  await index.putMany(Array.from({ length: 50 }, (_, i) => [`new${i}`, item(i)] as const))
  for (let i = 0; i < 20; i++) await index.delete(`id${i * 10}`)
  await index.flush()
  for (let i = 0; i < 3; i++) await index.put(`logged${i}`, item(i))
  await index.close()
  return store
}

async function copyOf(store: MemoryStore): Promise<MemoryStore> {
  const copy = new MemoryStore()
  await copy.open()
  await store.open()
  for await (const batch of store.scan(EVERYTHING)) {
    await copy.write(batch.map(({ key, value }) => ({ type: "put", key, value })))
  }
  await store.close()
  await copy.close()
  return copy
}

async function keysOf(store: MemoryStore): Promise<{ key: Uint8Array; bits: number }[]> {
  await store.open()
  const keys: { key: Uint8Array; bits: number }[] = []
  for await (const batch of store.scan(EVERYTHING)) {
    for (const { key, value } of batch) keys.push({ key, bits: value.length * 8 })
  }
  await store.close()
  return keys
}

/** Questions that touch every kind of page, with what a sound index answers. */
const QUESTIONS: Record<string, (index: MetadataIndex<Item>) => Promise<unknown>> = {
  "n: count of a range": (index) => index.count({ n: { $gte: 100, $lt: 2000 } }),
  "n: sorted": (index) => index.find({}, { sort: { n: "desc" }, limit: 30 }),
  "text: equality": (index) => index.getIds("text", "text 77"),
  "text: none": (index) => index.count({ text: "no such text" }),
  "tags: both": (index) => index.count({ tags: { $all: ["a1", "b2"] } }),
  "odd: missing": (index) => index.count({ odd: { $exists: false } }),
  "odd: facets": (index) => index.facets({ odd: true }, ["odd"]),
  "ids: records": async (index) => [await index.get("id77"), await index.get("id1")],
}

async function answersOf(index: MetadataIndex<Item>): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    try {
      answers.set(name, JSON.stringify(await ask(index)))
    } catch (error) {
      answers.set(name, codeOf(error) ?? `no code: ${String(error)}`)
    }
  }
  return answers
}

describe("damage", async () => {
  const original = await build()
  const sound = await openIndex<Item>({ store: await copyOf(original) })
  const expected = await answersOf(sound)
  const fields = new Map(["n", "text", "tags", "odd"].map((path, i) => [i, path]))
  await sound.close()

  /** Opens a damaged store; checks that the damage is reported and nothing answers from it. */
  async function check(store: MemoryStore, key: Uint8Array): Promise<void> {
    let index: MetadataIndex<Item>
    try {
      index = await openIndex<Item>({ store })
    } catch (error) {
      expect(codeOf(error)).toBe("TIERDEX_CORRUPT")
      return
    }
    const isPage = key[0] === 3
    const number = key[5] * 256 + key[6]
    const field = number === SEGMENT_FIELD ? undefined : fields.get(number)
    const answers = await answersOf(index)
    for (const [name, answer] of answers) {
      if (answer === "TIERDEX_CORRUPT") {
        const isIds = name.startsWith("ids") || field === undefined
        expect(isIds || name.startsWith(`${field}:`), `${name} fails for ${field}`).toBe(true)
      } else if (isPage) expect(answer, name).toBe(expected.get(name))
    }
    const report = await index.verify()
    if (isPage) {
      expect(report.ok).toBe(false)
      if (key[7] !== FileKind.live) {
        expect(report.damage.some((damage) => damage.field === field)).toBe(true)
        expect(report.damage[0].message).toMatch(/segment \d+/)
      }
    }
    await index.close()
  }

  test("a flipped bit in any page is found, named and never answered from", async () => {
    for (const { key, bits } of await keysOf(original)) {
      for (const bit of [3, Math.floor(bits / 2), bits - 1]) {
        const store = await copyOf(original)
        await store.open()
        await flipBit(store, key, bit)
        await store.close()
        await check(store, key)
      }
    }
  }, 60_000)

  test("so is a page that is missing, or that lies under another's key", async () => {
    const keys = (await keysOf(original)).filter(({ key }) => key[0] === 3)
    for (const [i, { key }] of keys.entries()) {
      for (const other of [undefined, keys[(i + 1) % keys.length].key]) {
        const store = await copyOf(original)
        await store.open()
        const value = other === undefined ? undefined : store.get(other)
        await store.write([
          value === undefined ? { type: "delete", key } : { type: "put", key, value },
        ])
        await store.close()
        await check(store, key)
      }
    }
  }, 60_000)

  test("a torn end of the log is dropped, damage before it is an error", async () => {
    const logs = (await keysOf(original)).filter(({ key }) => key[0] === 2)
    expect(logs).toHaveLength(3)
    for (const [i, { key, bits }] of logs.entries()) {
      const store = await copyOf(original)
      await store.open()
      await flipBit(store, key, bits - 5)
      await store.close()
      const opening = openIndex<Item>({ store })
      if (i < logs.length - 1) {
        await expect(opening).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
      } else {
        const index = await opening
        expect(await index.has("logged1")).toBe(true)
        expect(await index.has("logged2")).toBe(false)
        await index.close()
      }
    }
  })
})
