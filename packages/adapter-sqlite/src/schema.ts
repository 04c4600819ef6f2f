import type { WriteOp } from "@tierdex/core"
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
  /** Writes a batch, in a transaction. */
  readonly write: (ops: readonly WriteOp[]) => void
  /** gte, lt, limit */
  readonly deleteSome: SqliteStatement
  /** gte, lt, limit -> entries */
  readonly scan: SqliteStatement
  /** gte, lt, limit -> entries */
  readonly scanReverse: SqliteStatement
}

/** Makes the table if need be. */
export function prepare(db: SqliteDatabase): Statements {
  db.exec(CREATE)
  const range = `FROM ${TABLE} WHERE key >= ? AND key < ? ORDER BY key`
  const put = db.prepare(
    `INSERT INTO ${TABLE} (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  )
  const remove = db.prepare(`DELETE FROM ${TABLE} WHERE key = ?`)
  const { immediate: write } = db.transaction((ops: readonly WriteOp[]) => {
    for (const op of ops) {
      if (op.type === "put") put.run(op.key, op.value)
      else remove.run(op.key)
    }
  })
  return {
    get: db.prepare(`SELECT value FROM ${TABLE} WHERE key = ?`).pluck(),
    write,
    deleteSome: db.prepare(`DELETE FROM ${TABLE} WHERE id IN (SELECT id ${range} LIMIT ?)`),
    scan: db.prepare(`SELECT key, value ${range} LIMIT ?`),
    scanReverse: db.prepare(`SELECT key, value ${range} DESC LIMIT ?`),
  }
}
