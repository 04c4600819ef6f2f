import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"
import {
  type Column,
  compareOrder,
  compareQuestion,
  type Order,
  type Question,
  Table,
} from "./table.ts"

/** Postings and live sets come in chunks of 65,536 ordinals: these are three of them. */
const COUNT = 140_000
const CHUNK = 65_536

/** Short enough a record that so many of them are written quickly. */
type Row = {
  /** Half of all, spread evenly: bitmaps. */
  even: boolean
  /** Few in each chunk: arrays. */
  rare?: number
  /** One stretch over the end of a chunk: runs. */
  phase: string
}

function rowOf(i: number): Row {
  const phase = i < 1000 ? "start" : i < CHUNK + 5000 ? "middle" : "end"
  return { even: i % 2 === 0, phase, ...(i % 997 === 0 ? { rare: i } : {}) }
}

const questions: readonly Question<Row>[] = [
  { filter: { even: true }, matches: ({ even }) => even },
  { filter: { phase: { $ne: "middle" } }, matches: ({ phase }) => phase !== "middle" },
  { filter: { rare: { $gte: CHUNK } }, matches: ({ rare = 0 }) => rare >= CHUNK },
  {
    filter: { even: false, phase: { $in: ["start", "middle"] }, rare: { $exists: true } },
    matches: ({ even, phase, rare }) => !even && phase !== "end" && rare !== undefined,
  },
  {
    filter: { $or: [{ rare: { $lt: 9970 } }, { even: true, phase: "start" }] },
    matches: ({ even, phase, rare = COUNT }) => rare < 9970 || (even && phase === "start"),
  },
  {
    filter: { $nor: [{ even: true }, { phase: "middle" }] },
    matches: ({ even, phase }) => !even && phase !== "middle",
  },
]

const columns: readonly Column<Row>[] = [
  { path: "phase", values: ({ phase }) => [phase] },
  { path: "even", values: ({ even }) => [even] },
]

const order: Order<Row> = { sort: { rare: "desc" }, keys: [[({ rare }) => rare, -1]] }

test(`postings of ${COUNT} records, before and after deletions`, { timeout: 120_000 }, async () => {
  const store = new MemoryStore()
  let index = await openIndex<Fields>({ store, durability: "os" })
  const table = new Table<Row>()
  for (let i = 0; i < COUNT; i++) table.put(String(i), rowOf(i))
  await index.putMany(table.rows)
  await index.flush()
  expect(index.stats().segments).toMatchObject([{ records: COUNT }])
  for (const question of questions) await compareQuestion(index, table, question, columns)

  // The end of a chunk, the last chunk but for little, and records throughout.
  const deleted: string[] = []
  for (let i = 0; i < COUNT; i++) {
    const isGone = Math.abs(i - CHUNK) < 300 || (i >= 2 * CHUNK && i % 50 !== 0) || i % 31 === 0
    if (isGone) deleted.push(String(i))
  }
  await index.batch(deleted.map((id) => ({ type: "delete", id })))
  for (const id of deleted) table.delete(id)
  for (let i = 5; i < COUNT; i += 1003) {
    const row = { ...rowOf(i), phase: "changed" }
    await index.put(String(i), row)
    table.put(String(i), row)
  }
  for (const question of questions) await compareQuestion(index, table, question, columns)
  await compareOrder(index, table, questions[0], order)

  await index.close()
  index = await openIndex<Fields>({ store, durability: "os" })
  await compareQuestion(index, table, questions[3], columns)
  await index.compact()
  expect(index.stats().segments).toMatchObject([{ records: table.size }])
  for (const question of questions) await compareQuestion(index, table, question, columns)
  await compareOrder(index, table, questions[1], order)
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.close()
})
