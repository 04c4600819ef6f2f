import type { CatalogueEntry } from "../catalogue.ts"
import type { Ask, Engine, Order, Prepared, ValueCount, Where } from "../engine.ts"
import type { Source } from "../source.ts"
import { conditionOf, type SqlValue } from "./sql.ts"

/** What the SQL of an engine has of its own. */
export interface Dialect {
  /** The condition that a record has the tag `?`. */
  readonly hasTag: string
  /** A column that rises with every record written, to put those that tie in order. */
  readonly sequence: string
}

/** What the engines that speak SQL share: a table `items`, and one prepared statement per text. */
export abstract class SqlEngine implements Engine {
  readonly #dialect: Dialect

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  abstract open(): Promise<void>
  abstract ingest(source: Source): Promise<void>
  abstract finish(): Promise<void>
  abstract close(): Promise<void>
  abstract usedBytes(): Promise<number | null>
  abstract upsert(entries: readonly CatalogueEntry[]): Prepared<void>
  abstract delete(where: Where): Prepared<number>

  /** Asks for the first column of all rows. */
  protected abstract column<V>(text: string, values: readonly SqlValue[]): Prepared<V[]>
  /** Asks for all rows. */
  protected abstract rows<R>(text: string, values: readonly SqlValue[]): Prepared<R[]>

  /** Asks for the one number that there is. */
  protected async value(text: string, values: readonly SqlValue[]): Promise<Ask<number>> {
    const ask = await this.column<number>(text, values)
    return async () => Number((await ask())[0])
  }

  protected condition(where: Where) {
    return conditionOf(where, this.#dialect.hasTag)
  }

  count(where: Where): Prepared<number> {
    const { text, values } = this.condition(where)
    return this.value(`select count(*) from items where ${text}`, values)
  }

  ids(where: Where): Prepared<string[]> {
    const { text, values } = this.condition(where)
    return this.column(`select id from items where ${text}`, values)
  }

  top(where: Where, { by, direction }: Order, limit: number): Prepared<string[]> {
    const { text, values } = this.condition(where)
    // No two records were created at the same time.
    const order =
      by === "price" ? `price ${direction}, ${this.#dialect.sequence}` : `created_at ${direction}`
    return this.column(
      `select id from items where ${text} order by ${order} limit ${limit}`,
      values,
    )
  }

  /** By keyset: behind the price and the sequence of the last record that is skipped. */
  async page(where: Where, skip: number, limit: number): Promise<Ask<string[]>> {
    const { sequence } = this.#dialect
    const { text, values } = this.condition(where)
    const order = `order by price, ${sequence}`
    const last = await this.rows<[number, SqlValue]>(
      `select price, ${sequence} from items where ${text} ${order} limit 1 offset ${skip - 1}`,
      values,
    )
    const [[price, at]] = await last()
    return await this.column(
      `select id from items where ${text} and (price, ${sequence}) > (?, ?) ${order} limit ${limit}`,
      [...values, price, at],
    )
  }

  async categories(where: Where): Promise<Ask<ValueCount[]>> {
    const { text, values } = this.condition(where)
    const ask = await this.rows<[string, SqlValue]>(
      `select category, count(*) from items where ${text} group by category`,
      values,
    )
    return async () => (await ask()).map(([category, count]) => [category, Number(count)])
  }
}
