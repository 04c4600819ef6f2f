import { expectTypeOf } from "vitest"
import type {
  Extent,
  FacetCount,
  IndexOptions,
  IndexReader,
  IntegerMatchSet,
  MatchSet,
  MetadataIndex,
  Snapshot,
  StoredFields,
} from "../../src/api.ts"
import { copyIndex } from "../../src/copy.ts"
import type { Store } from "../../src/store/store.ts"

interface Product {
  category: "books" | "music"
  price: number
  discount?: number | null
  tags: string[]
  createdAt: Date
  maker: { country: string; since?: Date }
  embedding: number[][]
}

export async function reads(index: IndexReader<Product>): Promise<void> {
  const page = await index.find(
    { price: { $gte: 10 } },
    {
      sort: { price: "asc", "maker.country": "desc" },
      limit: 20,
      select: ["price", "maker.since"],
    },
  )
  expectTypeOf(page.ids).toEqualTypeOf<readonly string[]>()
  expectTypeOf(page.records).toEqualTypeOf<readonly StoredFields<Product>[] | undefined>()
  expectTypeOf(page.records?.[0].maker?.since).toEqualTypeOf<Date | undefined>()
  if (page.cursor !== undefined) await index.find({}, { after: page.cursor })

  await index.find(
    {},
    {
      sort: [
        ["price", "asc"],
        ["createdAt", "desc"],
      ],
    },
  )
  // @ts-expect-error: no such field
  await index.find({}, { sort: { prize: "asc" } })
  // @ts-expect-error: no such direction
  await index.find({}, { sort: { price: "up" } })
  // @ts-expect-error: no such field
  await index.find({}, { sort: [["prize", "asc"]] })
  // @ts-expect-error: no such field
  await index.find({}, { select: ["prize"] })
  // @ts-expect-error: wrong operand
  await index.count({ price: "1" })

  const facets = await index.facets({}, ["category", "tags", "discount"], { limit: 5 })
  expectTypeOf(facets.category).toEqualTypeOf<readonly FacetCount<"books" | "music">[]>()
  expectTypeOf(facets.tags).toEqualTypeOf<readonly FacetCount<string>[]>()
  expectTypeOf(facets.discount).toEqualTypeOf<readonly FacetCount<number | null>[]>()
  // @ts-expect-error: was not asked for
  facets.price
  // @ts-expect-error: no such field
  await index.facets({}, ["brand"])

  expectTypeOf(await index.extent("price")).toEqualTypeOf<Extent<number> | undefined>()
  expectTypeOf(await index.extent("maker.since", {})).toEqualTypeOf<Extent<Date> | undefined>()
  // @ts-expect-error: no such field
  await index.extent("size")

  expectTypeOf(await index.matching({ tags: "new" })).toEqualTypeOf<MatchSet>()
  expectTypeOf(await index.matching()).toEqualTypeOf<MatchSet>()
  expectTypeOf(await index.matching({}, { field: "price" })).toEqualTypeOf<IntegerMatchSet>()
  // @ts-expect-error: no such field
  await index.matching({}, { field: "label" })

  expectTypeOf(await index.getIds("category", "books")).toEqualTypeOf<string[]>()
  await index.getIds("discount", null)
  // @ts-expect-error: wrong operand
  await index.getIds("price", "12")

  for await (const id of index.ids({ price: 1 }, { sort: { price: "asc" } })) {
    expectTypeOf(id).toEqualTypeOf<string>()
  }
  for await (const ids of index.ids().batches())
    expectTypeOf(ids).toEqualTypeOf<readonly string[]>()
  for await (const [id, fields] of index.entries({}, { select: ["price"] })) {
    expectTypeOf(id).toEqualTypeOf<string>()
    expectTypeOf(fields.price).toEqualTypeOf<number | undefined>()
  }
  const product = await index.get("sku-1")
  expectTypeOf(product?.tags).toEqualTypeOf<string[] | undefined>()
}

export async function writes(index: MetadataIndex<Product>, product: Product): Promise<void> {
  await index.put("a", product)
  expectTypeOf(await index.putMany([["a", product]])).toEqualTypeOf<number>()
  await index.putMany(new Map([["a", product]]), { onProgress: ({ done }) => done })
  await index.update("a", { price: 1, discount: undefined, "maker.country": "de" })
  await index.update("a", { maker: { country: "de" }, embedding: [] })
  await index.batch(
    [
      { type: "put", id: "a", record: product },
      { type: "delete", id: "b" },
    ],
    {
      mark: "42",
    },
  )
  // @ts-expect-error: fields are missing
  await index.put("a", { price: 1 })
  // @ts-expect-error: wrong type
  await index.update("a", { price: "1" })
  // @ts-expect-error: wrong type below
  await index.update("a", { "maker.country": 5 })
  // @ts-expect-error: no such field
  await index.update("a", { "maker.name": "x" })
  // @ts-expect-error: wrong operand
  await index.deleteMany({ category: "toys" })
  expectTypeOf(index.mark).toEqualTypeOf<string | undefined>()

  await using view = await index.snapshot({ ttlMs: 1000 })
  expectTypeOf(view).toEqualTypeOf<Snapshot<Product>>()
  expectTypeOf(index).toExtend<IndexReader<Product>>()
  expectTypeOf(view).toExtend<IndexReader<Product>>()
}

/** Without a record type everything goes that could be right. */
export async function untyped(index: MetadataIndex): Promise<void> {
  await index.put("a", { any: 1, nested: { deep: [1, 2] } })
  await index.update("a", { any: undefined, "nested.deep": 5 })
  const page = await index.find({ any: { $gt: 0 }, $or: [{ a: 1 }] }, { sort: { any: "asc" } })
  expectTypeOf(page.records?.[0].any).toEqualTypeOf<unknown>()
  const facets = await index.facets({ any: 1 }, ["any"])
  expectTypeOf(facets.any[0].value).toEqualTypeOf<string | number | boolean | Date | null>()
  await index.extent("any.path", {})
  await index.getIds("any", "thing")
}

/** Code over any record type, as an application's own layer would have. */
export async function generic<T extends { category: string }>(
  index: MetadataIndex<T>,
  records: Iterable<readonly [string, T]>,
): Promise<number> {
  await index.putMany(records)
  const page = await index.find()
  return page.ids.length + (await index.count())
}

/** An interface's methods, classes and dates in a record do not upset anything. */
export async function odd(
  index: MetadataIndex<{ when: Date; nothing: null; flag?: boolean }>,
): Promise<void> {
  await index.find({ when: { $lt: new Date(0) }, nothing: null, flag: { $ne: true } })
  // @ts-expect-error: a date is compared with a date
  await index.find({ when: 0 })
}

export const options: IndexOptions[] = [
  {},
  { memory: "1 GiB", durability: "os" },
  { memory: 1e9, fields: { exclude: ["embedding"], onUnindexable: "skip" } },
  { fields: { include: ["a"], paths: { "a.b": { onUnindexable: "skip" } } } },
  // @ts-expect-error: no such durability
  { durability: "none" },
]

/** Indexes of any type of records can be copied. */
export async function copies(index: MetadataIndex<Product>, store: Store): Promise<void> {
  await copyIndex(index, store)
  await copyIndex(await index.snapshot(), store)
  await copyIndex(store, store)
  // @ts-expect-error no source of records
  await copyIndex(new Map(), store)
}
