import { expect, test } from "vitest"
import { divide } from "../../src/engine/options.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"
import { CountingStore } from "../support/counting-store.ts"
import { randomFrom } from "../support/random.ts"
import { columns, makeRow, orders, questionsAbout, type Row } from "./rows.ts"
import { compareOrder, compareQuestion, compareRows, Table } from "./table.ts"

const random = randomFrom(Number(process.env.TIERDEX_SEED))

test("the same calls from no record through every tier", { timeout: 120_000 }, async () => {
  const store = new CountingStore(new MemoryStore())
  const index = await openIndex<Fields>({ store, memory: "8 MiB", durability: "os" })
  const table = new Table<Row>()
  const questions = questionsAbout(10_000, random)
  const compare = async () => {
    await compareRows(index, table)
    const some = questions.filter((_, i) => i % 5 === tiers.length)
    for (const question of some) await compareQuestion(index, table, question, columns.slice(0, 2))
    for (const order of orders) await compareOrder(index, table, some[0], order)
  }
  const tiers = [index.tier]
  let next = 0
  await compare()
  while (index.tier < 3 && next < 60_000) {
    const added = new Map<string, Row>()
    for (const end = next + 1000; next < end; next++) {
      const row = makeRow(next, random)
      row.note ??= `${random()} ${"note ".repeat(20)}${next}`
      added.set(`row-${next}`, row)
    }
    // Some of the old are replaced, so that no tier holds live records only.
    for (let i = 0; i < next - 1000; i += 211) added.set(`row-${i}`, makeRow(i, random, next))
    for (const [id, row] of added) table.put(id, row)
    await index.putMany(added)
    if (table.size === 1000) await compare()
    if (index.tier === tiers.at(-1)) continue
    tiers.push(index.tier)
    await compare()
  }
  expect(tiers).toEqual([1, 2, 3])
  const { memory, cache, flushes } = index.stats()
  expect(flushes).toBeGreaterThan(2)
  const shares = divide(8 * 2 ** 20)
  expect(memory.cacheBytes).toBeLessThanOrEqual(shares.cache + shares.kept)
  expect(cache.evictions).toBeGreaterThan(0)
  await index.compact()
  await compare()
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.close()
})
