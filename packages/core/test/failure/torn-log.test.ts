import { expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { logKey } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"
import { flipBit } from "../support/corrupt.ts"

const open = (store: MemoryStore): Promise<MetadataIndex<Fields>> => openIndex<Fields>({ store })

/** A batch that takes more than one part of the log. */
const LARGE = Array.from({ length: 45 }, (_, i) => ({
  type: "put" as const,
  id: `large${i}`,
  record: { text: `${i}`.padEnd(30_000, "x") },
}))

/** Ways to tear the last entry, whose first write has this sequence. */
const tears: Record<string, (store: MemoryStore, sequence: number) => Promise<void>> = {
  "its last part missing": (store, sequence) =>
    store.write([{ type: "delete", key: logKey(sequence, 1) }]),
  "its last part damaged": (store, sequence) => flipBit(store, logKey(sequence, 1), 999),
  "both parts missing": (store, sequence) =>
    store.deleteRange({ gte: logKey(sequence, 0), lt: logKey(sequence, 9) }),
}

test.each(Object.entries(tears))("a last entry with %s is dropped, for good", async (_, tear) => {
  const store = new MemoryStore()
  let index = await open(store)
  await index.put("a", { text: "small" })
  await index.batch(LARGE)
  await index.close()
  await store.open()
  expect(store.get(logKey(2, 1))).toBeDefined()
  await tear(store, 2)
  await store.close()

  index = await open(store)
  expect(index.size).toBe(1)
  await index.put("b", { text: "instead" })
  await index.put("c", { text: "and more" })
  await index.close()
  index = await open(store)
  expect(await index.getIds("text", "and more")).toEqual(["c"])
  expect(index.size).toBe(3)
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.close()
})

test("verify reports the end of the log if that is what is damaged", async () => {
  const store = new MemoryStore()
  const index = await open(store)
  await index.put("a", { text: "first" })
  await index.put("b", { text: "last" })
  for (const bit of [0, 40, 100, 200]) {
    await flipBit(store, logKey(2, 0), bit)
    const { ok, damage } = await index.verify()
    expect(ok).toBe(false)
    expect(damage).toMatchObject([{ message: expect.stringContaining("log") }])
    await flipBit(store, logKey(2, 0), bit)
  }
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.close()
})
