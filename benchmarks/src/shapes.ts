import {
  Catalogue,
  type CatalogueEntry,
  drawBrand,
  drawCategory,
  drawPrices,
  drawTag,
  idOf,
} from "./catalogue.ts"
import type { Ask, Engine, Prepared, ValueCount, Where } from "./engine.ts"
import { Random } from "./random.ts"

/** What an engine answers, to be compared with what another does. */
export type Rows = number | readonly string[] | readonly ValueCount[]

/** How rows are compared: ids of `ids` may come in any order, those of `page` in one. */
export type RowsKind = "count" | "ids" | "page" | "facet"

/** One question, with its parameters. */
export interface Draw {
  prepare(engine: Engine): Prepared<Rows>
  /** A further question, not timed, that shows whether a write took effect. */
  check?(engine: Engine): Prepared<readonly string[]>
}

/** A kind of question. Each draw asks it with other parameters. */
export interface Shape {
  readonly name: string
  readonly what: string
  readonly rows: RowsKind
  /** It changes the records, so it comes after those that do not. */
  readonly writes?: true
  draw(random: Random, records: number): Draw
}

const UPSERTS = 1_000
const DEEP = 50_000

/** Shapes whose answers are figures or few ids: the work is in the index, not in handing out. */
const MIXED = ["andCount", "rangeWideCount", "notCount", "top20", "top20Tag", "facet"]

const NEWEST = { by: "createdAt", direction: "desc" } as const
const CHEAPEST = { by: "price", direction: "asc" } as const

const range = (random: Random, share: number): Where => {
  const { $gte, $lt } = drawPrices(random, share)
  return { priceFrom: $gte, priceBelow: $lt }
}

export const shapes: readonly Shape[] = [
  counts("eqCount", "records of a category", (random) => ({ category: drawCategory(random) })),
  ids("eqIds", "all ids of a brand", (random) => ({ brand: drawBrand(random) })),
  counts("missing", "records of a brand that there is not", (random) => ({
    brand: `${drawBrand(random)}-missing`,
  })),
  counts("rangeNarrowCount", "0.1% of the prices", (random) => range(random, 0.001)),
  ids("rangeNarrowIds", "all ids of 0.1% of the prices", (random) => range(random, 0.001)),
  counts("rangeWideCount", "30% of the prices", (random) => range(random, 0.3)),
  counts("andCount", "a category, 10% of the prices, stock of 50 or more", (random) => ({
    category: drawCategory(random),
    ...range(random, 0.1),
    stockFrom: 50,
  })),
  ids("andIds", "all ids of a category that have a tag", (random) => ({
    category: drawCategory(random),
    tag: drawTag(random),
  })),
  {
    name: "top20",
    what: "the newest 20 of a category, price below 500",
    rows: "page",
    draw(random) {
      const where = { category: drawCategory(random), priceBelow: 500 }
      return { prepare: (engine) => engine.top(where, NEWEST, 20) }
    },
  },
  {
    name: "top20Tag",
    what: "the cheapest 20 that have a tag",
    rows: "page",
    draw(random) {
      const where = { tag: drawTag(random) }
      return { prepare: (engine) => engine.top(where, CHEAPEST, 20) }
    },
  },
  counts("notCount", "not a category, rating of 4.5 or more", (random) => ({
    notCategory: drawCategory(random),
    ratingFrom: 4.5,
  })),
  {
    name: "facet",
    what: "records of each category in 10% of the prices",
    rows: "facet",
    draw(random) {
      const where = range(random, 0.1)
      return { prepare: (engine) => engine.categories(where) }
    },
  },
  counts("in10", "records of ten brands", (random) => ({
    brandIn: Array.from({ length: 10 }, () => drawBrand(random)),
  })),
  counts("or3", "a brand, or 0.1% of the prices, or a tag", (random) => ({
    anyOf: [{ brand: drawBrand(random) }, range(random, 0.001), { tag: drawTag(random) }],
  })),
  ids("prefixIds", "all ids of ten brands that begin alike", (random) => ({
    brandPrefix: drawBrand(random).slice(0, -1),
  })),
  {
    name: "deepPage",
    what: "20 behind the first 50,000 of 80% or more, by price",
    rows: "page",
    draw(random, records) {
      const where = { stockFrom: random.below(20) }
      const skip = Math.min(DEEP, Math.floor(records / 2))
      return { prepare: (engine) => engine.page(where, skip, 20) }
    },
  },
  {
    name: "mix",
    what: "12 questions at once: two each of six shapes above",
    rows: "count",
    draw(random, records) {
      const draws = MIXED.flatMap((name) => {
        const shape = shapes.find((each) => each.name === name)
        return shape === undefined ? [] : [shape.draw(random, records), shape.draw(random, records)]
      })
      return {
        async prepare(engine) {
          const asks: Ask<Rows>[] = []
          for (const draw of draws) asks.push(await draw.prepare(engine))
          return async () => {
            const answers = await Promise.all(asks.map((ask) => ask()))
            return answers.reduce<number>((sum, rows) => sum + amountOf(rows), 0)
          }
        },
      }
    },
  },
  {
    name: "upsert",
    what: "1,000 records that are there, written anew",
    rows: "count",
    writes: true,
    draw(random, records) {
      const seed = random.below(2 ** 31)
      return {
        async prepare(engine) {
          const entries = replacements(seed, records)
          const upsert = await engine.upsert(entries)
          return async () => {
            await upsert()
            return entries.length
          }
        },
        check: (engine) => engine.ids({ brand: replacements(seed, records)[0][1].brand }),
      }
    },
  },
  {
    name: "deleteMany",
    what: "all records of a brand, deleted",
    rows: "count",
    writes: true,
    draw(random) {
      const where = { brand: drawBrand(random) }
      return {
        prepare: (engine) => engine.delete(where),
        check: (engine) => engine.ids({ brandPrefix: where.brand.slice(0, -1) }),
      }
    },
  },
]

function amountOf(rows: Rows): number {
  return typeof rows === "number" ? rows : rows.length
}

function counts(name: string, what: string, draw: (random: Random) => Where): Shape {
  return {
    name,
    what,
    rows: "count",
    draw(random) {
      const where = draw(random)
      return { prepare: (engine) => engine.count(where) }
    },
  }
}

function ids(name: string, what: string, draw: (random: Random) => Where): Shape {
  return {
    name,
    what,
    rows: "ids",
    draw(random) {
      const where = draw(random)
      return { prepare: (engine) => engine.ids(where) }
    },
  }
}

/** New records, of another catalogue, under different ids that are there. */
function replacements(seed: number, records: number): CatalogueEntry[] {
  const random = new Random(seed)
  const indexes = new Set<number>()
  while (indexes.size < Math.min(UPSERTS, records / 2)) indexes.add(random.below(records))
  const fresh = new Catalogue(seed).next(indexes.size)
  return Array.from(indexes, (index, i) => [idOf(index), fresh[i][1]])
}
