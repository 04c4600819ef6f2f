import { join } from "node:path"
import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampMillisecondsValue,
  listValue,
} from "@duckdb/node-api"
import type { CatalogueEntry } from "../catalogue.ts"
import type { Ask, Engine, Where } from "../engine.ts"
import type { Job } from "../job.ts"
import type { Source } from "../source.ts"
import type { SqlValue } from "./sql.ts"
import { SqlEngine } from "./sql-engine.ts"

export function create(job: Job): Engine {
  return new DuckDb(join(job.folder, "catalogue.duckdb"))
}

const COLUMNS = `(
  id varchar, category varchar, brand varchar, price double, stock integer, rating double,
  created_at timestamp_ms, tags varchar[])`

const CHUNK = 500
/** Records that the appender holds before it hands them on. */
const FLUSH = 100_000

class DuckDb extends SqlEngine {
  readonly #path: string
  #instance!: DuckDBInstance
  #db!: DuckDBConnection

  constructor(path: string) {
    super({ hasTag: "list_contains(tags, ?)", sequence: "rowid" })
    this.#path = path
  }

  async open(): Promise<void> {
    this.#instance = await DuckDBInstance.create(this.#path)
    this.#db = await this.#instance.connect()
    await this.#db.run(`create table if not exists items ${COLUMNS}`)
    await this.#db.run(`create temp table changes ${COLUMNS}`)
  }

  ingest(source: Source): Promise<void> {
    return this.#append("items", source.batches(CHUNK))
  }

  async finish(): Promise<void> {
    await this.#db.run("checkpoint")
  }

  async close(): Promise<void> {
    this.#db.closeSync()
    this.#instance.closeSync()
  }

  async usedBytes(): Promise<number> {
    const instance = await DuckDBInstance.create(this.#path)
    const db = await instance.connect()
    const [[blocks]] = await (
      await db.run("select used_blocks * block_size from pragma_database_size()")
    ).getRows()
    db.closeSync()
    instance.closeSync()
    return Number(blocks)
  }

  upsert(entries: readonly CatalogueEntry[]): Ask<void> {
    return async () => {
      await this.#db.run("delete from changes")
      await this.#append("changes", [entries])
      await this.#db.run("begin")
      await this.#db.run("delete from items where id in (select id from changes)")
      await this.#db.run("insert into items from changes")
      await this.#db.run("commit")
    }
  }

  async delete(where: Where): Promise<Ask<number>> {
    const { text, values } = this.condition(where)
    const statement = await this.#prepare(`delete from items where ${text}`, values)
    return async () => (await statement.run()).rowsChanged
  }

  protected async column<V>(text: string, values: readonly SqlValue[]): Promise<Ask<V[]>> {
    const statement = await this.#prepare(text, values)
    return async () => ((await (await statement.run()).getColumns())[0] ?? []) as V[]
  }

  protected async rows<R>(text: string, values: readonly SqlValue[]): Promise<Ask<R[]>> {
    const statement = await this.#prepare(text, values)
    return async () => (await (await statement.run()).getRows()) as R[]
  }

  async #prepare(text: string, values: readonly SqlValue[]) {
    const statement = await this.#db.prepare(text)
    statement.bind([...values])
    return statement
  }

  async #append(
    table: string,
    batches: AsyncIterable<readonly CatalogueEntry[]> | Iterable<readonly CatalogueEntry[]>,
  ): Promise<void> {
    const appender = await this.#db.createAppender(table)
    let appended = 0
    for await (const batch of batches) {
      for (const [id, { category, brand, price, stock, rating, createdAt, tags }] of batch) {
        appender.appendVarchar(id)
        appender.appendVarchar(category)
        appender.appendVarchar(brand)
        appender.appendDouble(price)
        appender.appendInteger(stock)
        appender.appendDouble(rating)
        appender.appendTimestampMilliseconds(
          new DuckDBTimestampMillisecondsValue(BigInt(createdAt.getTime())),
        )
        appender.appendList(listValue(tags))
        appender.endRow()
        if (++appended % FLUSH === 0) appender.flushSync()
      }
    }
    appender.closeSync()
  }
}
