import { stripVTControlCharacters } from "node:util"
import { expect, test, vi } from "vitest"
import { type City, cityEntries, countCities } from "../src/cities.ts"
import { runDemo } from "../src/demo.ts"
import { QUESTIONS } from "../src/questions.ts"
import { STORE_NAMES } from "../src/stores.ts"

/** A sixth of the cities, with something to find for every question. */
const MIN_POPULATION = 20_000

test.each(STORE_NAMES)(
  "the demo answers rightly on the store %s, also when opened again",
  {
    timeout: 60_000,
  },
  async (store) => {
    const log = vi.spyOn(console, "log").mockReturnValue()
    const { records, answers, reopened } = await runDemo({ store, minPopulation: MIN_POPULATION })
    const cities = [...cityEntries(MIN_POPULATION)]
    expect(records).toBe(cities.length)
    expect(reopened.answers).toEqual(answers)
    for (const answer of answers) expect(answer).not.toSatisfy(isEmpty)

    const answerTo = (topic: string) => answers[QUESTIONS.findIndex((each) => each.topic === topic)]
    const count = (matches: (city: City) => boolean) =>
      cities.filter(([, city]) => matches(city)).length
    const largest = (matches: (city: City) => boolean) =>
      cities.filter(([, city]) => matches(city)).sort(([, a], [, b]) => b.population - a.population)
    const idsOf = (entries: readonly (readonly [string, City])[]) => entries.map(([id]) => id)

    expect(QUESTIONS.length).toBeGreaterThanOrEqual(10)
    expect(answerTo("By id")).toMatchObject({ name: "Berlin", country: "DE", featureCode: "PPLC" })
    expect(answerTo("Range")).toBe(count(({ population: p }) => p >= 1e6 && p < 2e6))
    expect(answerTo("Count")).toBe(
      count(({ featureCode, lat }) => ["PPLC", "PPLA"].includes(featureCode) && lat < 0),
    )
    expect(answerTo("Equality")).toMatchObject({
      ids: idsOf(largest(({ name }) => name === "Springfield").slice(0, 5)),
    })
    expect(answerTo("Prefix")).toMatchObject({
      ids: idsOf(largest(({ name }) => name.startsWith("San ")).slice(0, 5)),
    })
    expect(answerTo("And, or, not")).toMatchObject({
      ids: idsOf(
        largest(
          ({ country, population, featureCode }) =>
            ["ES", "PT"].includes(country) && population > 400_000 && featureCode !== "PPLC",
        ).slice(0, 5),
      ),
    })
    const all = largest(() => true)
    expect(answerTo("Sort and cursor")).toMatchObject([
      { ids: idsOf(all.slice(0, 10)) },
      { ids: idsOf(all.slice(10, 20)) },
    ])
    const box = ({ lat, lon }: City) => lat >= 40.5 && lat <= 41 && lon >= 13.9 && lon <= 14.6
    expect(answerTo("Bounding box")).toMatchObject({ ids: idsOf(largest(box).slice(0, 5)) })
    expect(answerTo("Explain")).toMatchObject({ matchedRecords: count(box) })
    const chile = cities.flatMap(([, { country, lat }]) => (country === "CL" ? [lat] : []))
    expect(answerTo("Extent")).toEqual({ min: Math.min(...chile), max: Math.max(...chile) })
    expect(answerTo("Every id")).toEqual(
      cities.flatMap(([id, { featureCode }]) => (featureCode === "PPLC" ? [id] : [])),
    )
    expect(answerTo("Stream")).toBe(
      cities.reduce((sum, [, { country, population }]) => {
        return country === "IS" ? sum + population : sum
      }, 0),
    )
    expect(answerTo("Facets")).toEqual({ country: commonest(cities, () => true, 8) })
    expect(answerTo("Facets of a filter")).toEqual({
      country: commonest(cities, ({ population }) => population > 1e6, 5),
    })

    const printed = log.mock.calls.map(([line]) => stripVTControlCharacters(String(line)))
    for (const { text, code } of QUESTIONS) {
      expect(printed).toContain(text)
      expect(code).toContain("cities.")
      for (const line of code.split("\n")) expect(printed).toContain(line && `    ${line}`)
    }
  },
)

function isEmpty(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return !answer
  return "ids" in answer ? isEmpty(answer.ids) : Object.keys(answer).length === 0
}

test("there are 135,233 cities to index", () => {
  expect(countCities(0)).toBe(135_233)
})

function commonest(
  cities: readonly (readonly [string, City])[],
  matches: (city: City) => boolean,
  limit: number,
): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const [, city] of cities) {
    if (matches(city)) counts.set(city.country, (counts.get(city.country) ?? 0) + 1)
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, limit)
}
