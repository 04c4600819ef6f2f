import Loki from "lokijs"
import type { CatalogueEntry, CatalogueRecord } from "../catalogue.ts"
import type { Ask, Engine, Order, ValueCount, Where } from "../engine.ts"
import type { Source } from "../source.ts"

export function create(): Engine {
  return new LokiEngine()
}

type Item = Omit<CatalogueRecord, "createdAt"> & { readonly id: string; readonly createdAt: number }

const INDEXED = ["category", "brand", "price", "stock", "rating", "createdAt"] as const

const CHUNK = 500

class LokiEngine implements Engine {
  #items!: Collection<Item>

  async open(): Promise<void> {
    const options = { unique: ["id" as const], indices: [...INDEXED], disableMeta: true }
    // Otherwise each record that is inserted would be put into the sorted arrays by itself.
    const loading = { adaptiveBinaryIndices: false }
    this.#items = new Loki("").addCollection<Item>("items", { ...options, ...loading })
  }

  async ingest(source: Source): Promise<void> {
    for await (const chunk of source.batches(CHUNK)) this.#items.insert(chunk.map(itemOf))
  }

  async finish(): Promise<void> {
    this.#items.ensureAllIndexes(true)
    this.#items.configureOptions({ adaptiveBinaryIndices: true })
  }

  async close(): Promise<void> {}

  async usedBytes(): Promise<null> {
    return null
  }

  count(where: Where): Ask<number> {
    const query = queryOf(where)
    return () => this.#items.count(query)
  }

  ids(where: Where): Ask<string[]> {
    const query = queryOf(where)
    return () => this.#items.find(query).map(({ id }) => id)
  }

  top(where: Where, { by, direction }: Order, limit: number): Ask<string[]> {
    return this.#sorted(where, by, direction === "desc", 0, limit)
  }

  /** It has no way to begin behind a record but to count. */
  page(where: Where, skip: number, limit: number): Ask<string[]> {
    return this.#sorted(where, "price", false, skip, limit)
  }

  categories(where: Where): Ask<ValueCount[]> {
    const query = queryOf(where)
    return () => {
      const counts = new Map<string, number>()
      for (const { category } of this.#items.find(query)) {
        counts.set(category, (counts.get(category) ?? 0) + 1)
      }
      return Array.from(counts)
    }
  }

  upsert(entries: readonly CatalogueEntry[]): Ask<void> {
    return () => {
      const changed = entries.map((entry) => ({
        ...this.#items.by("id", entry[0]),
        ...itemOf(entry),
      }))
      this.#items.update(changed as (Item & LokiObj)[])
    }
  }

  delete(where: Where): Ask<number> {
    const query = queryOf(where)
    return () => {
      const before = this.#items.count()
      this.#items.findAndRemove(query)
      return before - this.#items.count()
    }
  }

  #sorted(where: Where, by: Order["by"], isDescending: boolean, skip: number, limit: number) {
    const query = queryOf(where)
    return () => {
      const sorted = this.#items.chain().find(query).simplesort(by, isDescending)
      return sorted
        .offset(skip)
        .limit(limit)
        .data()
        .map(({ id }) => id)
    }
  }
}

function itemOf([id, { createdAt, ...rest }]: CatalogueEntry): Item {
  return { id, ...rest, createdAt: createdAt.getTime() }
}

/** The field whose index narrows the most stands first: it uses the index of the first one only. */
function queryOf(where: Where): LokiQuery<Item & LokiObj> {
  const { category, notCategory, brand, brandIn, brandPrefix, priceFrom, priceBelow } = where
  const { stockFrom, ratingFrom, tag, anyOf } = where
  const clauses: object[] = []
  if (brand !== undefined) clauses.push({ brand })
  if (brandIn !== undefined) clauses.push({ brand: { $in: brandIn } })
  if (brandPrefix !== undefined) {
    clauses.push({ brand: { $between: [brandPrefix, `${brandPrefix}\uffff`] } })
  }
  if (category !== undefined) clauses.push({ category })
  if (priceFrom !== undefined && priceBelow !== undefined) {
    // It takes both bounds from the index only this way, and the upper one with it.
    clauses.push({ price: { $between: [priceFrom, priceBelow] } })
  }
  if (priceBelow !== undefined) clauses.push({ price: { $lt: priceBelow } })
  if (ratingFrom !== undefined) clauses.push({ rating: { $gte: ratingFrom } })
  if (stockFrom !== undefined) clauses.push({ stock: { $gte: stockFrom } })
  if (notCategory !== undefined) clauses.push({ category: { $ne: notCategory } })
  if (tag !== undefined) clauses.push({ tags: { $contains: tag } })
  if (anyOf !== undefined) clauses.push({ $or: anyOf.map(queryOf) })
  return clauses.length === 1 ? clauses[0] : { $and: clauses }
}
