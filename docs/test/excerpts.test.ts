import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { pages } from "./pages.ts"

const ROOT = join(import.meta.dirname, "../..")

/** A block that is an excerpt has a line before its fence that names the file. */
const EXCERPT = /<!-- source: (\S+) -->\n```\w+\n(.*?)\n```/gs

const excerpts = pages().flatMap((page) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(EXCERPT)].map(([, file, code]) => ({
    page,
    file,
    code,
    firstLine: code.split("\n")[0],
  })),
)

test.each(excerpts)("$page quotes $file as it is: $firstLine", ({ file, code }) => {
  expect(withoutIndent(readFileSync(join(ROOT, file), "utf8"))).toContain(withoutIndent(code))
})

test("every piece of code in adapters.md that does not run is an excerpt", () => {
  const text = readFileSync(join(ROOT, "docs/adapters.md"), "utf8")
  const quoted = excerpts.filter(({ page }) => page === "docs/adapters.md")
  expect(quoted.length).toBeGreaterThan(4)
  expect(text.match(/^```typescript$/gm)).toHaveLength(quoted.length)
})

/** Excerpts stand further to the left than in their file. */
function withoutIndent(code: string): string {
  return code.replace(/^[ \t]+/gm, "").replaceAll("\r\n", "\n")
}
