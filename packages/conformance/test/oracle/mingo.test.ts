import { describe, expect, test } from "vitest"
import { type Fact, facts } from "../../src/oracle/facts.ts"
import { type CorrectionName, corrections, matcher, matches } from "../../src/oracle/mingo.ts"

const table: readonly (readonly [group: string, ...Fact])[] = Object.entries(facts).flatMap(
  ([group, rows]) => rows.map((fact) => [group, ...fact] as const),
)

describe("the oracle knows MongoDB's answers", () => {
  test.each(table)("%s: %o on %o is %o", (_group, filter, record, expected) => {
    expect(matches(filter, record)).toBe(expected)
  })
})

describe("no correction of mingo is idle", () => {
  test.each(Object.keys(corrections) as CorrectionName[])("%s", (name) => {
    const wrong = table.filter(([, filter, record, expected]) => {
      try {
        return matcher(filter, name)(record) !== expected
      } catch {
        return true
      }
    })
    expect(wrong.length).toBeGreaterThan(0)
    expect(wrong.length).toBeLessThan(table.length / 4)
  })
})
