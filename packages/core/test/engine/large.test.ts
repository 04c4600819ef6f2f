import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields, FieldsIndex, Reader } from "../oracle.ts"
import { randomFrom } from "../support/random.ts"
import { columns, makeRow, orders, questionsAbout, type Row } from "./rows.ts"
import { compareOrder, compareQuestion, compareRows, Table } from "./table.ts"

const seed = Number(process.env.TIERDEX_SEED)
/** With the usual number of runs still enough for trees of three levels. */
const COUNT = Math.min(60_000, 80 * Number(process.env.TIERDEX_RUNS))

/** A step of a large index's life. */
type Stage = readonly [
  name: string,
  step: (index: FieldsIndex, table: Table<Row>) => Promise<FieldsIndex>,
]

const random = randomFrom(seed)
const questions = questionsAbout(COUNT, random)

const idOf = (i: number) => `row-${i}`

const fill: Stage = [
  "filled",
  async (index, table) => {
    for (let i = 0; i < COUNT; i++) table.put(idOf(i), makeRow(i, random))
    expect(await index.putMany(table.rows)).toBe(COUNT)
    return index
  },
]

const change: Stage = [
  "changed and thinned out",
  async (index, table) => {
    const changed = new Map<string, Row>()
    for (let i = 0; i < COUNT; i += 7) changed.set(idOf(i), makeRow(i, random, 1))
    for (const [id, row] of changed) table.put(id, row)
    await index.putMany(changed)
    const old = table.matching(({ unique }) => unique > 50_000 && unique < 80_000)
    const filter = { unique: { $gt: 50_000, $lt: 80_000 } }
    expect(await index.deleteMany(filter)).toBe(old.length)
    for (const [id] of old) table.delete(id)
    const deleted = [...table.rows.keys()].filter((_, at) => at % 10 === 0)
    await index.batch(deleted.map((id) => ({ type: "delete", id })))
    for (const id of deleted) table.delete(id)
    return index
  },
]

const flush: Stage = [
  "flushed",
  async (index) => {
    await index.flush()
    return index
  },
]

const compact: Stage = [
  "compacted",
  async (index) => {
    await index.compact()
    return index
  },
]

/** Every question and every order, though not in every combination: the stage decides which. */
async function compareAll(reader: Reader, table: Table<Row>, stage: number): Promise<void> {
  await compareRows(reader, table)
  for (const [i, question] of questions.entries()) {
    await compareQuestion(reader, table, question, (i + stage) % 4 === 0 ? columns : [])
  }
  for (const [i, order] of orders.entries()) {
    const question = questions[(i + stage) % 2 === 0 ? 0 : (i * 5 + stage) % questions.length]
    await compareOrder(reader, table, question, order)
  }
}

async function live(open: () => Promise<FieldsIndex>, stages: readonly Stage[]): Promise<void> {
  const table = new Table<Row>()
  let index = await open()
  for (const [stage, [name, step]] of stages.entries()) {
    try {
      index = await step(index, table)
      await compareAll(index, table, stage)
    } catch (error) {
      throw new Error(`${name}, seed ${seed}`, { cause: error })
    }
  }
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.close()
}

test(`${COUNT} records in memory`, { timeout: 600_000 }, async () => {
  await live(() => openIndex<Fields>(), [fill, change, compact])
})

test(`${COUNT} records in a store`, { timeout: 600_000 }, async () => {
  const store = new MemoryStore()
  const open = () => openIndex<Fields>({ store, durability: "os" })
  const reopen: Stage = [
    "reopened",
    async (index) => {
      await index.close()
      return await open()
    },
  ]
  await live(open, [fill, flush, change, flush, reopen, compact, reopen])
})
