import { hash } from "node:crypto"
import { once } from "node:events"
import { finished } from "node:stream/promises"
import pg from "pg"
import { from as copyFrom } from "pg-copy-streams"
import type { CatalogueEntry } from "../catalogue.ts"
import type { Ask, Engine, Where } from "../engine.ts"
import type { Job } from "../job.ts"
import type { Source } from "../source.ts"
import type { SqlValue } from "./sql.ts"
import { SqlEngine } from "./sql-engine.ts"

export function create(job: Job): Engine {
  return new Postgres(schemaOf(job))
}

/** Drops the records of a job. */
export async function remove(job: Job): Promise<void> {
  const db = new pg.Client()
  await db.connect()
  await db.query(`drop schema if exists ${schemaOf(job)} cascade`)
  await db.end()
}

/** Every job has its own, in the database that the environment names. */
function schemaOf({ folder }: Job): string {
  return `tierdex_bench_${hash("sha1", folder).slice(0, 12)}`
}

const TABLE = `
  create table if not exists items (
    id text collate "C" not null, category text collate "C" not null,
    brand text collate "C" not null, price double precision not null, stock integer not null,
    rating double precision not null, created_at timestamptz not null, tags text[] not null)`

const INDEXES = `
  create unique index on items (id);
  create index on items (category);
  create index on items (brand);
  create index on items (price);
  create index on items (stock);
  create index on items (rating);
  create index on items (created_at);
  create index on items using gin (tags)`

const CHUNK = 500

class Postgres extends SqlEngine {
  readonly #schema: string
  readonly #names = new Map<string, string>()
  #db!: pg.Client
  #usedBytes: number | null = null

  constructor(schema: string) {
    super({ hasTag: "tags @> array[?]", sequence: "created_at" })
    this.#schema = schema
  }

  async open(): Promise<void> {
    this.#db = new pg.Client()
    await this.#db.connect()
    await this.#db.query(`create schema if not exists ${this.#schema}`)
    await this.#db.query(`set search_path to ${this.#schema}`)
    await this.#db.query(TABLE)
  }

  async ingest(source: Source): Promise<void> {
    const copy = this.#db.query(copyFrom("copy items from stdin"))
    for await (const chunk of source.batches(CHUNK)) {
      if (!copy.write(chunk.map(lineOf).join(""))) await once(copy, "drain")
    }
    copy.end()
    await finished(copy)
  }

  async finish(): Promise<void> {
    await this.#db.query(INDEXES)
    await this.#db.query("vacuum (analyze) items")
    const { rows } = await this.#db.query("select pg_total_relation_size('items') as bytes")
    this.#usedBytes = Number(rows[0].bytes)
  }

  close(): Promise<void> {
    return this.#db.end()
  }

  async usedBytes(): Promise<number | null> {
    return this.#usedBytes
  }

  upsert(entries: readonly CatalogueEntry[]): Ask<void> {
    const columns = "category, brand, price, stock, rating, created_at, tags".split(", ")
    const text = `insert into items
      select * from json_populate_recordset(null::items, $1) on conflict (id) do update
      set ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`
    return async () => {
      const rows = entries.map(([id, { createdAt, ...rest }]) => ({
        id,
        ...rest,
        created_at: createdAt,
      }))
      await this.#run(text, [JSON.stringify(rows)])
    }
  }

  delete(where: Where): Ask<number> {
    const { text, values } = this.condition(where)
    return async () => (await this.#run(`delete from items where ${text}`, values)).rowCount ?? 0
  }

  protected column<V>(text: string, values: readonly SqlValue[]): Ask<V[]> {
    return async () => (await this.#run(text, values)).rows.map(([value]) => value)
  }

  protected rows<R>(text: string, values: readonly SqlValue[]): Ask<R[]> {
    return async () => (await this.#run(text, values)).rows as R[]
  }

  /** As a prepared statement of that text, with `$1` and so on for each `?`. */
  #run(text: string, values: readonly SqlValue[]) {
    let name = this.#names.get(text)
    if (name === undefined) {
      name = `ask_${this.#names.size}`
      this.#names.set(text, name)
    }
    let at = 0
    const numbered = text.replaceAll("?", () => `$${++at}`)
    return this.#db.query({ name, text: numbered, values: [...values], rowMode: "array" })
  }
}

/** A line of the text format of COPY; no value of the catalogue needs escaping. */
function lineOf([id, record]: CatalogueEntry): string {
  const { category, brand, price, stock, rating, createdAt, tags } = record
  const list = `{${tags.join(",")}}`
  return `${[id, category, brand, price, stock, rating, createdAt.toISOString(), list].join("\t")}\n`
}
