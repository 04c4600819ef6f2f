import { MemoryStore } from "@tierdex/core"
import { expect, test } from "vitest"
import { describeStore } from "../src/index.ts"
import { kills } from "../src/kills/kills.ts"
import { journalStore } from "../src/mutants/index.ts"
import { reasonToSkip } from "../src/scenario.ts"
import { scenarios } from "../src/scenarios.ts"
import { subjectOf } from "../src/subject.ts"
import { runProject } from "./support/project.ts"

test("so many scenarios are played, and none twice", () => {
  const memory = subjectOf({ name: "MemoryStore", make: () => new MemoryStore() })
  const journal = subjectOf({ factory: journalStore, module: "not needed" })
  const playedBy = (subject: typeof memory) =>
    scenarios.filter((scenario) => reasonToSkip(scenario, subject) === undefined).length
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length)
  expect(scenarios).toHaveLength(67)
  expect(kills).toHaveLength(4)
  expect(playedBy(memory)).toBe(55)
  expect(playedBy(journal)).toBe(process.platform === "win32" ? 63 : 67)
})

const BROKEN = `
import { describeStore } from "@tierdex/conformance"
import { mutants } from "@tierdex/conformance/mutants"

const { options } = mutants.find(({ name }) => name === "drops the last write of a batch")
describeStore(options)
`

test("a run fails by the scenario that a store fails, and says what does not apply", {
  timeout: 120_000,
}, () => {
  const names = "batches: are written|values: that are empty|^.* kill: "
  expect(runProject({ "broken.test.mjs": BROKEN }, names)).toEqual({
    status: 1,
    outcomes: {
      "values: that are empty are not missing": "failed",
      "batches: are written to their last operation, of any length": "failed",
      "kill: loses no write that was acknowledged, and leaves no half of one": "skipped",
    },
  })
})

test("a persistent store has to come with its module", () => {
  const store = journalStore({ path: "never opened" })
  expect(() => describeStore({ name: "journal", make: () => store })).toThrow(/module/)
})
