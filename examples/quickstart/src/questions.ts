import type { IndexReader } from "@tierdex/core"
import type { City } from "./cities.ts"

export interface Question {
  readonly title: string
  /** Its source text is shown, so it says nothing but the question. */
  readonly ask: (index: IndexReader<City>) => Promise<unknown>
}

export const QUESTIONS: readonly Question[] = [
  {
    title: "Equality: which places are called Springfield?",
    ask: (index) => index.find({ name: "Springfield" }, { limit: 5, select: ["country", "admin"] }),
  },
  {
    title: "Range: how many cities have one to two million people?",
    ask: (index) => index.count({ population: { $gte: 1_000_000, $lt: 2_000_000 } }),
  },
  {
    title: "Prefix: places that begin with San, largest first",
    ask: (index) =>
      index.find(
        { name: { $prefix: "San " } },
        { sort: { population: "desc" }, limit: 5, select: ["name", "country", "population"] },
      ),
  },
  {
    title: "And, or, not: large cities of Spain or Portugal that are no capitals",
    ask: (index) =>
      index.find(
        {
          $or: [{ country: "ES" }, { country: "PT" }],
          population: { $gt: 300_000 },
          feature: { $ne: "PPLC" },
        },
        { sort: { name: "asc" }, limit: 10, select: ["name"] },
      ),
  },
  {
    title: "Sort: the ten largest cities of the world",
    ask: (index) =>
      index.find(
        {},
        { sort: { population: "desc" }, limit: 10, select: ["name", "country", "population"] },
      ),
  },
  {
    title: "Cursor: and the ten after them",
    ask: async (index) => {
      const first = await index.find({}, { sort: { population: "desc" }, limit: 10 })
      return index.find(
        {},
        {
          sort: { population: "desc" },
          limit: 10,
          after: first.cursor,
          select: ["name", "country", "population"],
        },
      )
    },
  },
  {
    title: "Count: how many places are in the southern hemisphere?",
    ask: (index) => index.count({ lat: { $lt: 0 } }),
  },
  {
    title: "Facets: which countries have the most places?",
    ask: (index) => index.facets({}, ["country"], { limit: 5 }),
  },
  {
    title: "Facets under a filter: and the most capitals and regional seats?",
    ask: (index) => index.facets({ feature: { $in: ["PPLC", "PPLA"] } }, ["country"], { limit: 5 }),
  },
  {
    title: "Bounding box: the largest places around the Bay of Naples",
    ask: (index) =>
      index.find(
        { lat: { $between: [40.5, 41] }, lon: { $between: [13.9, 14.6] } },
        { sort: { population: "desc" }, limit: 5, select: ["name", "population"] },
      ),
  },
  {
    title: "Extent: how far north and south do Chileans live?",
    ask: (index) => index.extent("lat", { country: "CL" }),
  },
  {
    title: "Explain: how was the bounding box found?",
    ask: (index) =>
      index.explain(
        { lat: { $between: [40.5, 41] }, lon: { $between: [13.9, 14.6] } },
        { sort: { population: "desc" }, limit: 5 },
      ),
  },
]
