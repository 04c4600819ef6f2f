import { expect, test, vi } from "vitest"
import { cityEntries } from "../src/cities.ts"
import { runSharded } from "../src/sharded.ts"

test("a fifth shard is added while the cities are counted", { timeout: 120_000 }, async () => {
  vi.spyOn(console, "log").mockReturnValue()
  const { cities, largest, counts, before, after } = await runSharded()
  const all = [...cityEntries()].map(([, city]) => city)
  expect(cities).toBe(all.length)
  expect(largest[0]).toBe("Rome")
  const large = all.filter(({ population }) => population > 100_000).length
  expect(counts.length).toBeGreaterThan(5)
  expect(new Set(counts)).toEqual(new Set([large]))
  const sum = (sizes: Readonly<Record<string, number>>) =>
    Object.values(sizes).reduce((total, size) => total + size, 0)
  expect(Object.keys(before)).toHaveLength(4)
  expect(Object.keys(after)).toHaveLength(5)
  expect(sum(before)).toBe(new Set([...cityEntries()].map(([id]) => id)).size)
  expect(sum(after)).toBe(sum(before))
  // Each has about a fifth.
  for (const size of Object.values(after)) expect(size / (cities / 5)).toBeCloseTo(1, 1)
})
