import type { BatchOp } from "@tierdex/core"
import type { FieldsIndex } from "../oracle/index.ts"

/** A record of every type of value, by its number. */
export const row = (n: number) => ({
  n,
  group: `g${n % 7}`,
  price: n % 10 === 0 ? null : (n * 37) % 1000,
  tags: [`t${n % 5}`, `t${n % 3}`],
  at: new Date(1_700_000_000_000 + n),
  maker: { name: `maker ${n % 100}` },
})

export function* rows(from: number, to: number): Generator<[id: string, ReturnType<typeof row>]> {
  for (let n = from; n < to; n++) yield [`id${n}`, row(n)]
}

export function puts(from: number, to: number): BatchOp<Record<string, unknown>>[] {
  return [...rows(from, to)].map(([id, record]) => ({ type: "put", id, record }))
}

/** What an index says of rows, in every way of asking; to compare before and after something. */
export async function answersOf(index: FieldsIndex) {
  const filter = { group: "g3", price: { $gte: 200, $lt: 700 }, tags: "t1" }
  const sort = { price: "desc", n: "asc" } as const
  const first = await index.find(filter, { sort, limit: 20 })
  const select = ["n", "maker.name", "at"]
  const second = await index.find(filter, { sort, limit: 20, after: first.cursor, select })
  const ids: string[] = []
  for await (const batch of index.ids({ price: null }).batches()) ids.push(...batch)
  return {
    size: index.size,
    mark: index.mark,
    first: first.ids,
    second: [second.ids, second.records],
    // In no order: a record that is written again moves in write order.
    ids: ids.sort(),
    count: await index.count({ $or: [{ group: "g1" }, { "maker.name": { $prefix: "maker 9" } }] }),
    facets: await index.facets(filter, ["maker.name", "tags"]),
    extent: await index.extent("at", { group: "g2" }),
    record: await index.get("id4321"),
    none: await index.get("id7"),
  }
}
