import type { SqliteDatabase, SqliteStatement } from "./sqlite.ts"

export const TABLE = "tierdex_entries"

/** Rows go to the end of the table, whatever their keys; the keys are in an index beside it. */
const CREATE = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  value BLOB NOT NULL
) STRICT`

/** The statements of a store. */
export interface Statements {
  /** key -> value */
  readonly get: SqliteStatement
  /** key, value */
  readonly put: SqliteStatement
  /** key */
  readonly delete: SqliteStatement
  /** gte, lt, limit */
  readonly deleteSome: SqliteStatement
  /** gte, lt, limit -> [key, value] */
  readonly scan: SqliteStatement
  /** gte, lt, limit -> [key, value] */
  readonly scanReverse: SqliteStatement
}

/** Makes the table if need be. */
export function prepare(db: SqliteDatabase): Statements {
  db.exec(CREATE)
  const range = `FROM ${TABLE} WHERE key >= ? AND key < ? ORDER BY key`
  return {
    get: db.prepare(`SELECT value FROM ${TABLE} WHERE key = ?`).pluck(),
    put: db.prepare(
      `INSERT INTO ${TABLE} (key, value) VALUES (?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    ),
    delete: db.prepare(`DELETE FROM ${TABLE} WHERE key = ?`),
    deleteSome: db.prepare(`DELETE FROM ${TABLE} WHERE id IN (SELECT id ${range} LIMIT ?)`),
    scan: db.prepare(`SELECT key, value ${range} LIMIT ?`).raw(),
    scanReverse: db.prepare(`SELECT key, value ${range} DESC LIMIT ?`).raw(),
  }
}
