import { expect } from "vitest"
import type { ShardedIndex } from "../../src/api.ts"

export interface Row {
  readonly n: number
  readonly text?: string
}

/** Checks that an index holds these records, each once and in the shard that it belongs to. */
export async function expectHolds(
  index: ShardedIndex<Row>,
  expected: ReadonlyMap<string, Row>,
): Promise<void> {
  const entries: (readonly [string, unknown])[] = []
  for await (const entry of index.entries()) entries.push(entry)
  const byId = (a: readonly [string, unknown], b: readonly [string, unknown]) =>
    a[0] < b[0] ? -1 : 1
  expect(entries.sort(byId)).toEqual([...expected].sort(byId))
  expect(index.size).toBe(expected.size)
  expect(await index.count()).toBe(expected.size)
  const sum = [...expected.values()].reduce((total, { n }) => total + n, 0)
  const { n } = await index.facets({}, ["n"], { limit: expected.size + 1 })
  expect(n.reduce((total, { value, count }) => total + Number(value) * count, 0)).toBe(sum)
  for (const [id, row] of expected) expect(await index.get(id)).toEqual(row)
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
}
