import Database from "better-sqlite3"

/** Pages of an SQLite file that is not open which hold something; the others are free to be used. */
export function sqliteUsedBytes(path: string): number {
  const db = new Database(path, { readonly: true })
  const pragma = (name: string) => Number(db.pragma(name, { simple: true }))
  const bytes = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
  db.close()
  return bytes
}
