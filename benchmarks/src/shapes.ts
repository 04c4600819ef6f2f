import type { Filter, MetadataIndex } from "@tierdex/core"
import { type CatalogueRecord, drawBrand, drawCategory, drawPrices } from "./catalogue.ts"
import type { Random } from "./random.ts"

type Index = MetadataIndex<CatalogueRecord>

/** A kind of question. Each draw asks it with other parameters. */
export interface Shape {
  readonly name: string
  /** Draws parameters; what is returned asks once and answers with how many it found. */
  draw(random: Random): (index: Index) => Promise<number>
}

export const shapes: readonly Shape[] = [
  counting("eqCount", (random) => ({ category: drawCategory(random) })),
  counting("rangeNarrowCount", (random) => ({ price: drawPrices(random, 0.001) })),
  counting("rangeWideCount", (random) => ({ price: drawPrices(random, 0.3) })),
  counting("andCount", (random) => ({
    category: drawCategory(random),
    price: drawPrices(random, 0.1),
    stock: { $gte: 50 },
  })),
  {
    name: "top20",
    draw(random) {
      const filter: Filter<CatalogueRecord> = {
        category: drawCategory(random),
        price: { $lt: 500 },
      }
      return async (index) => {
        const page = await index.find(filter, { sort: { createdAt: "desc" }, limit: 20 })
        return page.ids.length
      }
    },
  },
  {
    name: "eqIds",
    draw(random) {
      const brand = drawBrand(random)
      return async (index) => (await index.getIds("brand", brand)).length
    },
  },
  {
    name: "facet",
    draw(random) {
      const filter: Filter<CatalogueRecord> = { price: drawPrices(random, 0.1) }
      return async (index) => (await index.facets(filter, ["category"])).category.length
    },
  },
  counting("in10", (random) => ({
    brand: { $in: Array.from({ length: 10 }, () => drawBrand(random)) },
  })),
  counting("missing", (random) => ({ brand: `${drawBrand(random)}-missing` })),
]

function counting(name: string, draw: (random: Random) => Filter<CatalogueRecord>): Shape {
  return {
    name,
    draw(random) {
      const filter = draw(random)
      return (index) => index.count(filter)
    },
  }
}
