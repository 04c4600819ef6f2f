import { afterAll, describe, expect, test } from "vitest"
import { withChecks } from "./checks.ts"
import { Project } from "./project.ts"

const project = new Project()
afterAll(() => project.remove())

let count = 0

/** Runs a block of code as it would stand on a page. */
function run(code: string) {
  const blocks = [{ language: "ts", line: 1, code }] as const
  const { file, checks } = project.add({
    name: `page-${count++}.md:1`,
    language: "ts",
    blocks,
    output: undefined,
  })
  return { checks, ...project.run(file) }
}

describe("a block of code", () => {
  test.each([
    ["a value behind a statement", "1 + 1 // => 2"],
    ["behind one of several lines", "[1, 2].map(\n  (n) => n + 1,\n) // => [2, 3]"],
    ["on the next line", "[\n  1,\n].length\n// => 1"],
    ["over several lines", "({ a: 1, b: [2] }) // => {\n//   a: 1,\n//   b: [2],\n// }"],
    ["behind a declaration", "const two = 1 + 1 // => 2\ntwo // => 2"],
    ["inside a loop", "for (const n of [3, 3]) {\n  n // => 3\n}"],
    ["an error", "await Promise.reject(Object.assign(new Error(), { code: 'X' })) // throws X"],
  ])("holds what it says: %s", (_name, code) => {
    const { status, checks, errors } = run(code)
    expect(checks).toBeGreaterThan(0)
    expect(errors).toMatch(/checks: [1-9]\d*$/)
    expect(status).toBe(0)
  })

  test.each([
    ["a wrong value", "1 + 1 // => 3"],
    ["a wrong type", "({ a: 1 }) // => { a: '1' }"],
    ["a wrong value of a declaration", "const two = 1 + 1 // => 3"],
    ["no error", "await Promise.resolve() // throws X"],
    [
      "another error",
      "await Promise.reject(Object.assign(new Error(), { code: 'Y' })) // throws X",
    ],
    ["code that fails", "null.x"],
  ])("fails with %s", (_name, code) => {
    expect(run(code).status).toBe(1)
  })

  test("says where it fails", () => {
    const block = { language: "js", line: 10, code: "1 // => 1\n\n1 // => 2" } as const
    expect(withChecks(block, "a.md").code).toContain('"a.md:12"')
  })
})
