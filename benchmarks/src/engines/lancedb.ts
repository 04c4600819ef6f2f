import { type Connection, connect, Index, type Query, type Table } from "@lancedb/lancedb"
import { Field, Float64, Int32, List, Schema, TimestampMillisecond, Utf8 } from "apache-arrow"
import type { CatalogueEntry } from "../catalogue.ts"
import { folderBytes } from "../disk.ts"
import type { Ask, Engine, Order, ValueCount, Where } from "../engine.ts"
import type { Job } from "../job.ts"
import type { Source } from "../source.ts"
import { conditionOf } from "./sql.ts"

export function create(job: Job): Engine {
  return new LanceDb(job.folder)
}

const SCHEMA = new Schema([
  new Field("id", new Utf8()),
  new Field("category", new Utf8()),
  new Field("brand", new Utf8()),
  new Field("price", new Float64()),
  new Field("stock", new Int32()),
  new Field("rating", new Float64()),
  new Field("created_at", new TimestampMillisecond()),
  new Field("tags", new List(new Field("item", new Utf8()))),
])

/** Bitmaps where few values are, as its documentation advises; it has none for floating point. */
const INDEXES = {
  id: Index.btree(),
  category: Index.bitmap(),
  brand: Index.btree(),
  price: Index.btree(),
  stock: Index.bitmap(),
  rating: Index.btree(),
  created_at: Index.btree(),
  tags: Index.labelList(),
}

const BATCH = 100_000

/** Orders by price, and by time where prices are equal. */
const BY_PRICE = [
  { columnName: "price", ascending: true },
  { columnName: "created_at", ascending: true },
]

class LanceDb implements Engine {
  readonly #folder: string
  #db!: Connection
  #table!: Table

  constructor(folder: string) {
    this.#folder = folder
  }

  async open(): Promise<void> {
    this.#db = await connect(this.#folder)
    this.#table = (await this.#db.tableNames()).includes("items")
      ? await this.#db.openTable("items")
      : await this.#db.createEmptyTable("items", SCHEMA)
  }

  async ingest(source: Source): Promise<void> {
    for await (const batch of source.batches(BATCH)) await this.#table.add(batch.map(rowOf))
  }

  /** Compacts first, so that the indexes cover what stays. */
  async finish(): Promise<void> {
    await this.#optimize()
    for (const [column, config] of Object.entries(INDEXES)) {
      await this.#table.createIndex(column, { config })
    }
    await this.#optimize()
  }

  async close(): Promise<void> {
    this.#table.close()
    this.#db.close()
  }

  usedBytes(): Promise<number> {
    return folderBytes(this.#folder)
  }

  count(where: Where): Ask<number> {
    const filter = filterOf(where)
    return () => this.#table.countRows(filter)
  }

  ids(where: Where): Ask<string[]> {
    return columnOf(this.#query(where), "id")
  }

  top(where: Where, { by, direction }: Order, limit: number): Ask<string[]> {
    const order =
      by === "price" ? BY_PRICE : [{ columnName: "created_at", ascending: direction === "asc" }]
    // Without the row id it cannot plan an order by columns that are not selected.
    return columnOf(this.#query(where).orderBy(order).limit(limit).withRowId(), "id")
  }

  page(where: Where, skip: number, limit: number): Ask<string[]> {
    const query = this.#query(where).orderBy(BY_PRICE).offset(skip).limit(limit)
    return columnOf(query.withRowId(), "id")
  }

  /** It does not group: the categories of all that match are counted here. */
  categories(where: Where): Ask<ValueCount[]> {
    const categories = columnOf(this.#query(where, "category"), "category")
    return async () => {
      const counts = new Map<string, number>()
      for (const category of await categories()) {
        counts.set(category, (counts.get(category) ?? 0) + 1)
      }
      return Array.from(counts)
    }
  }

  upsert(entries: readonly CatalogueEntry[]): Ask<void> {
    return async () => {
      const merge = this.#table.mergeInsert("id").whenMatchedUpdateAll().whenNotMatchedInsertAll()
      await merge.execute(entries.map(rowOf))
    }
  }

  delete(where: Where): Ask<number> {
    const filter = filterOf(where)
    return async () => Number((await this.#table.delete(filter)).numDeletedRows)
  }

  #query(where: Where, column = "id"): Query {
    return this.#table.query().where(filterOf(where)).select([column])
  }

  /** Compacts, brings the indexes up to date and drops what only older versions need. */
  async #optimize(): Promise<void> {
    await this.#table.optimize({ cleanupOlderThan: new Date(), deleteUnverified: true })
  }
}

function columnOf(query: Query, column: string): Ask<string[]> {
  return async () => Array.from((await query.toArrow()).getChild(column) ?? [])
}

function rowOf([id, record]: CatalogueEntry): Record<string, unknown> {
  const { category, brand, price, stock, rating, createdAt, tags } = record
  return { id, category, brand, price, stock, rating, created_at: createdAt, tags }
}

/** It takes no parameters, only text; no value of the catalogue needs escaping. */
function filterOf(where: Where): string {
  const { text, values } = conditionOf(where, "array_has(tags, ?)")
  let at = 0
  return text.replaceAll("?", () => {
    const value = values[at++]
    return typeof value === "string" ? `'${value}'` : String(value)
  })
}
