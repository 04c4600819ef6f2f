import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import {
  MAX_ARRAY_LENGTH,
  MAX_FIELDS,
  MAX_ID_BYTES,
  MAX_STRING_BYTES,
} from "../../src/values/limits.ts"
import type { Fields, FieldsIndex } from "../oracle.ts"
import {
  type Column,
  compareOrder,
  compareQuestion,
  compareRows,
  type Order,
  type Question,
  Table,
} from "./table.ts"

/** Asks the same in the memtable, in segments, after a merge and after opening again. */
async function compareThroughout<R extends Fields>(
  table: Table<R>,
  ask: (index: FieldsIndex) => Promise<void>,
): Promise<void> {
  const store = new MemoryStore()
  const open = () => openIndex<Fields>({ store, durability: "os" })
  let index = await open()
  const entries = [...table.rows]
  const half = entries.length >>> 1
  await index.putMany(entries.slice(0, half))
  await index.flush()
  await index.putMany(entries.slice(half))
  await compareRows(index, table)
  await ask(index)
  await index.flush()
  await ask(index)
  await index.compact()
  await compareRows(index, table)
  await ask(index)
  await index.close()
  index = await open()
  await compareRows(index, table)
  await ask(index)
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.close()
}

test("ids of 512 bytes, alike but for their ends", async () => {
  const table = new Table<{ n: number }>()
  const idOf = (i: number) => "é".repeat(250) + String(i).padStart(MAX_ID_BYTES - 500, "0")
  for (let i = 0; i < 600; i++) table.put(idOf((i * 7) % 600), { n: i })
  const question: Question<{ n: number }> = {
    filter: { n: { $gte: 123 } },
    matches: ({ n }) => n >= 123,
  }
  await compareThroughout(table, async (index) => {
    await compareQuestion(index, table, question, [])
    for (const i of [0, 1, 299, 300, 599]) expect(await index.has(idOf(i))).toBe(true)
    expect(await index.has(idOf(600))).toBe(false)
    expect(await index.has(idOf(0).slice(1))).toBe(false)
  })
})

test("strings of 32 KiB, alike but for their ends", async () => {
  type Row = { text: string; n: number }
  const table = new Table<Row>()
  const common = "t".repeat(MAX_STRING_BYTES - 4)
  const textOf = (i: number) => common + String(i % 40).padStart(4, "0")
  for (let i = 0; i < 60; i++) table.put(`id-${i}`, { text: textOf(i * 17), n: i })
  const questions: Question<Row>[] = [
    { filter: { text: textOf(3) }, matches: ({ text }) => text === textOf(3) },
    { filter: { text: common }, matches: () => false },
    { filter: { text: { $gt: textOf(20) } }, matches: ({ text }) => text > textOf(20) },
    { filter: { text: { $ne: textOf(39) } }, matches: ({ text }) => text !== textOf(39) },
    { filter: { text: { $prefix: `${common}001` } }, matches: ({ text }) => text.at(-2) === "1" },
  ]
  const columns: Column<Row>[] = [{ path: "text", values: ({ text }) => [text] }]
  const orders: Order<Row>[] = [
    { sort: { text: "asc" }, keys: [[({ text }) => text, 1]] },
    { sort: { text: "desc" }, keys: [[({ text }) => text, -1]] },
  ]
  await compareThroughout(table, async (index) => {
    for (const question of questions) await compareQuestion(index, table, question, columns)
    for (const order of orders) await compareOrder(index, table, questions[2], order)
  })
})

test("arrays of 1,024 elements", async () => {
  type Row = { numbers: number[]; few: number[] }
  const table = new Table<Row>()
  for (let i = 0; i < 300; i++) {
    const length = i % 3 === 0 ? MAX_ARRAY_LENGTH : i % 5
    const numbers = Array.from({ length }, (_, j) => (i * 13 + j * 7) % 5000)
    table.put(`id-${i}`, { numbers, few: [i, i, 1000 - i] })
  }
  const least = (values: readonly number[]) =>
    values.length === 0 ? ([] as const) : Math.min(...values)
  const greatest = (values: readonly number[]) =>
    values.length === 0 ? ([] as const) : Math.max(...values)
  const questions: Question<Row>[] = [
    { filter: { numbers: 77 }, matches: ({ numbers }) => numbers.includes(77) },
    { filter: { numbers: { $ne: 77 } }, matches: ({ numbers }) => !numbers.includes(77) },
    {
      filter: { numbers: { $size: MAX_ARRAY_LENGTH } },
      matches: ({ numbers }) => numbers.length === MAX_ARRAY_LENGTH,
    },
    { filter: { numbers: { $size: 0 } }, matches: ({ numbers }) => numbers.length === 0 },
    {
      filter: { numbers: { $all: [1, 8, 15] }, few: { $gt: 900 } },
      matches: ({ numbers, few }) =>
        [1, 8, 15].every((n) => numbers.includes(n)) && few.some((n) => n > 900),
    },
    {
      filter: { numbers: { $lt: 5, $gt: 4990 } },
      matches: ({ numbers }) => numbers.some((n) => n < 5) && numbers.some((n) => n > 4990),
    },
    {
      filter: { few: { $elemMatch: { $gt: 290, $lt: 720 } } },
      matches: ({ few }) => few.some((n) => n > 290 && n < 720),
    },
  ]
  const columns: Column<Row>[] = [
    { path: "numbers", values: ({ numbers }) => numbers },
    { path: "few", values: ({ few }) => few },
  ]
  const orders: Order<Row>[] = [
    { sort: { numbers: "asc" }, keys: [[({ numbers }) => least(numbers), 1]] },
    { sort: { numbers: "desc" }, keys: [[({ numbers }) => greatest(numbers), -1]] },
    {
      sort: [
        ["numbers", "desc"],
        ["few", "desc"],
      ],
      keys: [
        [({ numbers }) => greatest(numbers), -1],
        [({ few }) => greatest(few), -1],
      ],
    },
  ]
  await compareThroughout(table, async (index) => {
    for (const question of questions) await compareQuestion(index, table, question, columns)
    for (const order of orders) await compareOrder(index, table, questions[1], order)
  })
})

test("records of 1,000 fields", async () => {
  const table = new Table<Record<string, number>>()
  const names = Array.from({ length: MAX_FIELDS }, (_, i) => `field ${i}`)
  for (let i = 0; i < 20; i++) {
    // Each record leaves some fields out, and the first half of them has the first half only.
    const own = names
      .slice(0, i < 10 ? MAX_FIELDS / 2 : MAX_FIELDS)
      .filter((_, j) => (i + j) % 7 !== 0)
    table.put(`id-${i}`, Object.fromEntries(own.map((name, j) => [name, (i * j) % 11])))
  }
  const [first, last] = [names[0], names[MAX_FIELDS - 1]]
  const questions: Question<Record<string, number>>[] = [
    { filter: { [last]: { $exists: true } }, matches: (row) => last in row },
    {
      filter: { [last]: null, [first]: { $gte: 0 } },
      matches: (row) => !(last in row) && first in row,
    },
  ]
  await compareThroughout(table, async (index) => {
    for (const question of questions) await compareQuestion(index, table, question, [])
    await expect(index.put("one more", { more: 1 })).rejects.toMatchObject({
      code: "TIERDEX_INVALID_VALUE",
    })
  })
})
