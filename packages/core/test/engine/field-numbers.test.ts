import { describe, expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { codeOf } from "../../src/errors.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { MAX_FIELDS } from "../../src/values/limits.ts"
import type { Fields } from "../oracle.ts"
import { randomFrom } from "../support/random.ts"

/** A record of fields that no other has. */
function fresh(name: string, count: number): Fields {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}-${i}`, i]))
}

type FieldsIndex = MetadataIndex<Fields>

const outcomeOf = (call: Promise<unknown>) => call.then((value) => String(value), codeOf)

/** Writes that come to nothing, each with new fields, and what becomes of them. */
const refusals: Record<string, [string, (index: FieldsIndex, record: Fields) => Promise<unknown>]> =
  {
    "an update of no record": ["false", (index, record) => index.update("nobody", record)],
    "a record with a bad value": [
      "TIERDEX_INVALID_VALUE",
      (index, record) => index.put("id", { ...record, bad: Number.NaN }),
    ],
    "a record with a bad id": ["TIERDEX_INVALID_ID", (index, record) => index.put("", record)],
    "a patch with a bad value": [
      "TIERDEX_INVALID_VALUE",
      (index, record) => index.update("kept", { ...record, bad: Number.NaN }),
    ],
    "a batch with a bad record": [
      "TIERDEX_INVALID_VALUE",
      (index, record) =>
        index.batch([
          { type: "put", id: "a", record },
          { type: "put", id: "b", record: { bad: Number.NaN } },
        ]),
    ],
    "a batch with a bad delete": [
      "TIERDEX_INVALID_ID",
      (index, record) =>
        index.batch([
          { type: "put", id: "a", record },
          { type: "delete", id: "" },
        ]),
    ],
    "records of a call that is aborted": [
      "TIERDEX_ABORTED",
      (index, record) => {
        const abort = new AbortController()
        const records = function* (): Generator<[string, Fields]> {
          yield ["a", record]
          abort.abort()
          yield ["b", { other: 1 }]
        }
        return index.putMany(records(), { signal: abort.signal })
      },
    ],
  }

/** Checks that all fields but one are still to be had. */
async function expectRoom(index: FieldsIndex): Promise<void> {
  const full = fresh("full", MAX_FIELDS - 1)
  await index.put("full", full)
  expect(await index.get("full")).toEqual(full)
  expect(await outcomeOf(index.put("more", { more: 1 }))).toBe("TIERDEX_INVALID_VALUE")
}

// A thousand updates of records that are not there left an empty index without fields to give.
describe.each(Object.entries(refusals))("%s leaves no field behind", (_, [outcome, refused]) => {
  test.each(["one by one", "all at once"])("%s", async (how) => {
    const store = new MemoryStore()
    const index = await openIndex<Fields>({ store })
    await index.put("kept", { kept: 1 })
    const calls: Promise<string | undefined>[] = []
    for (let round = 0; round < 15; round++) {
      const call = outcomeOf(refused(index, fresh(`r${round}`, 50)))
      calls.push(call)
      if (how === "one by one") await call
    }
    expect(new Set(await Promise.all(calls))).toEqual(new Set([outcome]))
    await index.flush()
    await index.close()
    const again = await openIndex<Fields>({ store })
    await outcomeOf(refused(again, fresh("again", 50)))
    await expectRoom(again)
    await again.close()
  })
})

test("a write for which there is no memory leaves no field behind", async () => {
  const index = await openIndex<Fields>({ memory: "1 MiB" })
  await index.put("kept", { kept: 1 })
  const text = "x".repeat(30_000)
  const writes = Array.from({ length: 15 }, (_, round) => {
    const record = { ...fresh(`r${round}`, 60), ...fresh("long", 15) }
    for (let i = 0; i < 15; i++) record[`long-${i}`] = text
    return index.put(`id${round}`, record)
  })
  expect(await Promise.all(writes.map(outcomeOf))).toEqual(
    writes.map(() => "TIERDEX_MEMORY_EXCEEDED"),
  )
  await expectRoom(index)
  await index.close()
})

test("an update numbers its fields when it is written, in its turn", async () => {
  const store = new MemoryStore()
  const index = await openIndex<Fields>({ store })
  await index.put("full", fresh("full", MAX_FIELDS - 2))
  const updates = ["a", "b", "c"].map((name) => index.update("full", { [name]: { in: 1 } }))
  const after = index.update("full", { "full-0": "changed" })
  expect(await Promise.all(updates.map(outcomeOf))).toEqual([
    "true",
    "TIERDEX_INVALID_VALUE",
    "TIERDEX_INVALID_VALUE",
  ])
  expect(await after).toBe(true)
  const expected = { ...fresh("full", MAX_FIELDS - 2), "full-0": "changed", a: { in: 1 } }
  expect(await index.get("full")).toEqual(expected)
  await index.close()
  const again = await openIndex<Fields>({ store })
  expect(await again.get("full")).toEqual(expected)
  await again.close()
})

test("an update leaves out what there is no room for, if it may", async () => {
  const index = await openIndex<Fields>({ fields: { onUnindexable: "skip" } })
  await index.put("full", fresh("full", MAX_FIELDS - 1))
  const updates = ["a", "b"].map((name) => index.update("full", { [name]: 1 }))
  expect(await Promise.all(updates)).toEqual([true, true])
  expect(await index.get("full")).toEqual({ ...fresh("full", MAX_FIELDS - 1), a: 1 })
  expect(index.stats().skippedPaths).toEqual({ b: 1 })
  await index.close()
})

test("fields keep their numbers, whatever is refused beside them", async () => {
  const random = randomFrom(Number(process.env.TIERDEX_SEED))
  const below = (end: number) => Math.floor(random() * end)
  const store = new MemoryStore()
  const model = new Map<string, Fields>()
  let index = await openIndex<Fields>({ store, durability: "os" })
  for (let round = 0; round < 40; round++) {
    const calls: Promise<unknown>[] = []
    for (let left = below(12); left > 0; left--) {
      const id = `id${below(8)}`
      const record = { [`field${below(250)}`]: below(9), [`field${below(250)}`]: "x" }
      const kind = below(4)
      if (kind === 0) {
        calls.push(index.put(id, record))
        model.set(id, record)
      } else if (kind === 1) {
        calls.push(index.update(id, record))
        const old = model.get(id)
        if (old !== undefined) model.set(id, { ...old, ...record })
      } else {
        const [, refused] = Object.values(refusals)[below(Object.keys(refusals).length)]
        calls.push(outcomeOf(refused(index, record)))
      }
      if (below(4) === 0) await new Promise((go) => setImmediate(go))
    }
    if (below(3) === 0) calls.push(index.flush())
    await Promise.all(calls)
    if (below(3) === 0) {
      await index.close()
      index = await openIndex<Fields>({ store, durability: "os" })
    }
    for (let i = 0; i < 8; i++) expect(await index.get(`id${i}`)).toEqual(model.get(`id${i}`))
  }
  await index.close()
})
