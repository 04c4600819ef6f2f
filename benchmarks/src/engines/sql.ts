import type { Where } from "../engine.ts"

export type SqlValue = string | number | bigint

/** Text with a `?` for each value. */
export interface Sql {
  readonly text: string
  readonly values: readonly SqlValue[]
}

/** The condition behind `where`; `hasTag` is the dialect's way to ask for a tag, with one `?`. */
export function conditionOf(where: Where, hasTag: string): Sql {
  const texts: string[] = []
  const values: SqlValue[] = []
  const add = (text: string, ...added: readonly (SqlValue | undefined)[]) => {
    const given = added.filter((value) => value !== undefined)
    if (given.length === 0) return
    texts.push(text)
    values.push(...given)
  }
  add("category = ?", where.category)
  add("category <> ?", where.notCategory)
  add("brand = ?", where.brand)
  add(`brand in (${where.brandIn?.map(() => "?").join(", ")})`, ...(where.brandIn ?? []))
  if (where.brandPrefix !== undefined) {
    add("brand >= ? and brand < ?", where.brandPrefix, behind(where.brandPrefix))
  }
  add("price >= ?", where.priceFrom)
  add("price < ?", where.priceBelow)
  add("stock >= ?", where.stockFrom)
  add("rating >= ?", where.ratingFrom)
  add(hasTag, where.tag)
  if (where.anyOf !== undefined) {
    const parts = where.anyOf.map((part) => conditionOf(part, hasTag))
    add(parts.map(({ text }) => `(${text})`).join(" or "), ...parts.flatMap((part) => part.values))
  }
  return { text: texts.join(" and "), values }
}

/** The least text behind all that begin with a prefix. */
function behind(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}
