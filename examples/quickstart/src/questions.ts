import { type Question, question } from "./question.ts"
import { bars, fields, ids, number, page, plan, range, twoPages } from "./show.ts"

export const QUESTIONS: readonly Question[] = [
  question({
    topic: "By id",
    text: "What is known of Berlin, number 2950159 of GeoNames?",
    ask: (cities) => cities.get("2950159"),
    show: fields,
  }),
  question({
    topic: "Equality",
    text: "Which are the largest places called Springfield?",
    ask: (cities) =>
      cities.find(
        { name: "Springfield" },
        { sort: { population: "desc" }, limit: 5, select: ["country", "adminCode", "population"] },
      ),
    show: page,
  }),
  question({
    topic: "Range",
    text: "How many cities have one to two million people?",
    ask: (cities) => cities.count({ population: { $gte: 1_000_000, $lt: 2_000_000 } }),
    show: number,
  }),
  question({
    topic: "Prefix",
    text: "Which are the largest places whose names begin with San?",
    ask: (cities) =>
      cities.find(
        { name: { $prefix: "San " } },
        { sort: { population: "desc" }, limit: 5, select: ["name", "country", "population"] },
      ),
    show: page,
  }),
  question({
    topic: "And, or, not",
    text: "Which large cities of Spain and Portugal are not their capitals?",
    ask: (cities) =>
      cities.find(
        {
          $or: [{ country: "ES" }, { country: "PT" }],
          population: { $gt: 400_000 },
          featureCode: { $not: { $eq: "PPLC" } },
        },
        { sort: { population: "desc" }, limit: 5, select: ["name", "country", "population"] },
      ),
    show: page,
  }),
  question({
    topic: "Sort and cursor",
    text: "Which are the ten largest cities of the world, and the ten after them?",
    ask: async (cities) => {
      const first = await cities.find(
        {},
        { sort: { population: "desc" }, limit: 10, select: ["name", "country", "population"] },
      )
      const second = await cities.find(
        {},
        {
          sort: { population: "desc" },
          limit: 10,
          select: ["name", "country", "population"],
          after: first.cursor,
        },
      )
      return [first, second] as const
    },
    show: twoPages,
  }),
  question({
    topic: "Count",
    text: "How many capitals and regional seats lie south of the equator?",
    ask: (cities) => cities.count({ featureCode: { $in: ["PPLC", "PPLA"] }, lat: { $lt: 0 } }),
    show: number,
  }),
  question({
    topic: "Facets",
    text: "Which countries have the most places?",
    ask: (cities) => cities.facets({}, ["country"], { limit: 8 }),
    show: bars,
  }),
  question({
    topic: "Facets of a filter",
    text: "And which have the most cities of over a million people?",
    ask: (cities) => cities.facets({ population: { $gt: 1_000_000 } }, ["country"], { limit: 5 }),
    show: bars,
  }),
  question({
    topic: "Bounding box",
    text: "Which are the largest places around the Bay of Naples?",
    ask: (cities) =>
      cities.find(
        { lat: { $between: [40.5, 41] }, lon: { $between: [13.9, 14.6] } },
        { sort: { population: "desc" }, limit: 5, select: ["name", "population", "lat", "lon"] },
      ),
    show: page,
  }),
  question({
    topic: "Extent",
    text: "How far south and north do people live in Chile?",
    ask: (cities) => cities.extent("lat", { country: "CL" }),
    show: range,
  }),
  question({
    topic: "Every id",
    text: "Which ids have the places that are capitals?",
    ask: (cities) => cities.getIds("featureCode", "PPLC"),
    show: ids,
  }),
  question({
    topic: "Stream",
    text: "How many people live in the places of Iceland?",
    ask: async (cities) => {
      let people = 0
      for await (const [, city] of cities.entries({ country: "IS" }, { select: ["population"] })) {
        people += city.population ?? 0
      }
      return people
    },
    show: number,
  }),
  question({
    topic: "Explain",
    text: "How is the bounding box found, and how much is looked at?",
    ask: (cities) =>
      cities.explain(
        { lat: { $between: [40.5, 41] }, lon: { $between: [13.9, 14.6] } },
        { sort: { population: "desc" }, limit: 5 },
      ),
    show: plan,
    // Times and page reads differ from run to run.
    lasting: ({ matchedRecords, estimatedRecords }) => ({ matchedRecords, estimatedRecords }),
  }),
]
