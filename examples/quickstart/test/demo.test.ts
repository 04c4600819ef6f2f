import { expect, test, vi } from "vitest"
import { cityEntries } from "../src/cities.ts"
import { runDemo } from "../src/demo.ts"

test("the demo answers rightly, also after opening again", async () => {
  vi.spyOn(console, "log").mockReturnValue()
  const limit = 5000
  const cities = [...cityEntries(limit)].map(([, city]) => city)
  const { records, answers, answersAreEqual } = await runDemo(limit)
  expect(records).toBe(limit)
  expect(answersAreEqual).toBe(true)
  expect(answers[1]).toBe(
    cities.filter((city) => city.population >= 1e6 && city.population < 2e6).length,
  )
  expect(answers[6]).toBe(cities.filter((city) => city.lat < 0).length)
  const largest = cities.sort((a, b) => b.population - a.population).slice(0, 10)
  expect(answers[4]).toMatchObject({ records: largest.map(({ name }) => ({ name })) })
})
