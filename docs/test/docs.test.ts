import { afterAll, describe, expect, test } from "vitest"
import { pages, programsOf } from "./pages.ts"
import { Project } from "./project.ts"

const project = new Project()
afterAll(() => project.remove())

/** Every page for readers that has code; a page that is missing here fails the first test. */
const PAGES_WITH_CODE = [
  "README.md",
  "docs/adapters.md",
  "docs/filters.md",
  "docs/origin.md",
  "docs/sharding.md",
  "docs/tuning.md",
  "packages/adapter-level/README.md",
  "packages/adapter-lmdb/README.md",
  "packages/adapter-rocksdb/README.md",
  "packages/adapter-sqlite/README.md",
  "packages/core/README.md",
]

const found = pages()
  .map((page) => ({
    page,
    programs: programsOf(page).map((program) => ({ ...program, ...project.add(program) })),
  }))
  .filter(({ programs }) => programs.length > 0)

test("every page is known, and those with code have some", () => {
  expect(found.map(({ page }) => page)).toEqual(PAGES_WITH_CODE)
})

describe.each(found)("$page", ({ programs }) => {
  test.each(programs)("$name", ({ file, checks, output }) => {
    const result = project.run(file)
    expect(result.errors).toBe(`checks: ${checks}`)
    expect(result.status).toBe(0)
    if (output !== undefined) expect(result.output.trimEnd()).toBe(output.trimEnd())
  })
})

test("the types of the programs fit", () => {
  expect(project.checkTypes()).toMatchObject({ output: "", status: 0 })
})
