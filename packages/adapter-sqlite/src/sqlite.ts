/** The class that `better-sqlite3` exports. */
export interface SqliteConstructor {
  new (path: string, options: { readonly timeout: number }): SqliteDatabase
}

/** What is used of an open database of `better-sqlite3`, which has no types of its own. */
export interface SqliteDatabase {
  readonly name: string
  readonly open: boolean
  readonly memory: boolean
  readonly readonly: boolean
  prepare(sql: string): SqliteStatement
  pragma(sql: string, options?: { readonly simple?: boolean }): unknown
  exec(sql: string): unknown
  /** A function that runs another in a transaction. */
  transaction<A extends unknown[]>(
    run: (...args: A) => void,
  ): { readonly immediate: (...args: A) => void }
  close(): unknown
}

export interface SqliteStatement {
  run(...values: unknown[]): { readonly changes: number }
  get(...values: unknown[]): unknown
  iterate(...values: unknown[]): IterableIterator<unknown>
  /** Makes it answer with the first column of each row. */
  pluck(): SqliteStatement
}
