import type { Scalar } from "../../src/values/kind.ts"
import type { Column, Order, Question, SortValue } from "./table.ts"

/** A record of many kinds of columns: see `makeRow`. */
export type Row = {
  group: string
  unique: number
  price: number
  tags: string[]
  at?: Date | null
  mixed?: Scalar | string[]
  note?: string
  nested: { level: number; rare?: boolean }
  constant: string
  label: number
}

const DAY = 86_400_000

/** The `i`th record, or with a `version` a changed one in its place. */
export function makeRow(i: number, random: () => number, version = 0): Row {
  const below = (limit: number) => Math.floor(random() * limit)
  const row: Row = {
    // Few values with thousands of records each: their postings leave the leaves of the tree.
    group: `g${below(5)}`,
    unique: i * 16 + version + 0.5,
    price: below(1_000_000) / 100,
    tags: tagsOf(below),
    nested: { level: below(100) },
    constant: "always",
    label: i,
  }
  // Dates ascend, as in most logs.
  if (i % 11 !== 0) row.at = i % 13 === 0 ? null : new Date(i * DAY + below(DAY))
  if (i % 3 !== 0) row.mixed = mixedOf(below)
  // Long strings with long common beginnings: few fit a page, so that trees grow tall.
  if (i % 6 === 0) row.note = `${"n".repeat(430)}${String(below(1e9)).padStart(9, "0")}/${i}`
  if (i % 2003 === 0) row.nested.rare = true
  return row
}

function tagsOf(below: (limit: number) => number): string[] {
  const tags = Array.from({ length: below(5) }, () => `t${below(50)}`)
  return below(10) < 6 ? [...tags, "hot"] : tags
}

function mixedOf(below: (limit: number) => number): Scalar | string[] {
  const kinds: readonly (() => Scalar | string[])[] = [
    () => null,
    () => below(500) - 250,
    () => `s${below(300)}`,
    () => below(2) === 1,
    () => new Date(below(50) * DAY),
    () => [],
    () => [`s${below(300)}`, `s${below(300)}`],
  ]
  return kinds[below(kinds.length)]()
}

function elements(value: Row["mixed"]): readonly Scalar[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

/** Filters of every kind about rows of so many records. */
export function questionsAbout(count: number, random: () => number): Question<Row>[] {
  const from = Math.floor(random() * count * 8)
  const price = Math.floor(random() * 5000)
  const level = Math.floor(random() * 90)
  const day = new Date(Math.floor((random() * count) / 2) * DAY)
  const later = new Date(day.getTime() + count * 10 * 3_600_000)
  const dateOf = (row: Row) => row.at?.getTime() ?? Number.NaN
  return [
    { filter: {}, matches: () => true },
    { filter: { group: "g3" }, matches: (row) => row.group === "g3" },
    { filter: { group: { $ne: "g3" } }, matches: (row) => row.group !== "g3" },
    {
      filter: { group: { $in: ["g0", "g4", "none"] } },
      matches: ({ group }) => group === "g0" || group === "g4",
    },
    { filter: { unique: 16 * 77 + 0.5 }, matches: (row) => row.unique === 16 * 77 + 0.5 },
    {
      filter: { unique: { $between: [from, from + 1600] } },
      matches: ({ unique }) => unique >= from && unique <= from + 1600,
    },
    { filter: { unique: { $gt: count } }, matches: ({ unique }) => unique > count },
    {
      filter: { price: { $gte: price, $lt: price + 500 } },
      matches: (row) => row.price >= price && row.price < price + 500,
    },
    {
      filter: { price: { $not: { $gt: price } } },
      matches: (row) => row.price <= price,
    },
    { filter: { tags: "hot" }, matches: ({ tags }) => tags.includes("hot") },
    {
      filter: { tags: { $all: ["hot", "t7"] } },
      matches: ({ tags }) => tags.includes("hot") && tags.includes("t7"),
    },
    {
      filter: { tags: { $nin: ["hot", "t1", "t2"] } },
      matches: ({ tags }) => !tags.some((tag) => ["hot", "t1", "t2"].includes(tag)),
    },
    { filter: { tags: { $size: 2 } }, matches: ({ tags }) => tags.length === 2 },
    {
      // Not one range: two elements may each meet a bound.
      filter: { tags: { $gt: "t3", $lt: "t2" } },
      matches: ({ tags }) => tags.some((tag) => tag > "t3") && tags.some((tag) => tag < "t2"),
    },
    {
      filter: { tags: { $elemMatch: { $gt: "t2", $lt: "t3" } } },
      matches: ({ tags }) => tags.some((tag) => tag > "t2" && tag < "t3"),
    },
    {
      filter: { at: { $gte: day, $lte: later } },
      matches: (row) => dateOf(row) >= day.getTime() && dateOf(row) <= later.getTime(),
    },
    { filter: { at: null }, matches: ({ at }) => at === undefined || at === null },
    { filter: { at: { $exists: false } }, matches: ({ at }) => at === undefined },
    {
      filter: { mixed: { $lt: 10 } },
      matches: ({ mixed }) => typeof mixed === "number" && mixed < 10,
    },
    {
      filter: { mixed: { $gte: "s2" } },
      matches: ({ mixed }) =>
        elements(mixed).some((each) => typeof each === "string" && each >= "s2"),
    },
    { filter: { mixed: true }, matches: ({ mixed }) => mixed === true },
    {
      filter: { mixed: { $ne: null } },
      matches: ({ mixed }) => mixed !== undefined && mixed !== null,
    },
    {
      filter: { note: { $prefix: `${"n".repeat(430)}5` } },
      matches: ({ note }) => note?.[430] === "5",
    },
    { filter: { "nested.rare": true }, matches: ({ nested }) => nested.rare === true },
    {
      filter: { "nested.level": { $gte: level, $lt: level + 10 }, tags: "t3", group: "g1" },
      matches: ({ nested, tags, group }) =>
        nested.level >= level && nested.level < level + 10 && tags.includes("t3") && group === "g1",
    },
    {
      filter: { $or: [{ unique: { $lt: from } }, { group: "g2", price: { $gt: price } }] },
      matches: (row) => row.unique < from || (row.group === "g2" && row.price > price),
    },
    {
      filter: { $nor: [{ tags: "hot" }, { mixed: { $exists: true } }], price: { $lt: price } },
      matches: (row) => !row.tags.includes("hot") && row.mixed === undefined && row.price < price,
    },
    { filter: { constant: { $ne: "always" } }, matches: () => false },
    { filter: { constant: "always", nowhere: null }, matches: () => true },
  ]
}

function least(values: readonly string[]): string | readonly never[] {
  return values.toSorted()[0] ?? []
}

function greatest(values: readonly string[]): string | readonly never[] {
  return values.toSorted().at(-1) ?? []
}

function mixedLeast({ mixed }: Row): SortValue {
  return Array.isArray(mixed) ? least(mixed) : mixed
}

export const orders: readonly Order<Row>[] = [
  { sort: { unique: "asc" }, keys: [[({ unique }) => unique, 1]] },
  { sort: { at: "desc" }, keys: [[({ at }) => at, -1]] },
  { sort: { note: "asc" }, keys: [[({ note }) => note, 1]] },
  { sort: { tags: "asc" }, keys: [[({ tags }) => least(tags), 1]] },
  { sort: { tags: "desc" }, keys: [[({ tags }) => greatest(tags), -1]] },
  { sort: { mixed: "asc" }, keys: [[mixedLeast, 1]] },
  {
    sort: { group: "desc", price: "asc" },
    keys: [
      [({ group }) => group, -1],
      [({ price }) => price, 1],
    ],
  },
  { sort: { constant: "desc" }, keys: [[({ constant }) => constant, -1]] },
]

export const columns: readonly Column<Row>[] = [
  { path: "group", values: ({ group }) => [group] },
  { path: "price", values: ({ price }) => [price] },
  { path: "tags", values: ({ tags }) => tags },
  { path: "mixed", values: ({ mixed }) => elements(mixed) },
  { path: "at", values: ({ at }) => (at === undefined ? [] : [at]) },
]
