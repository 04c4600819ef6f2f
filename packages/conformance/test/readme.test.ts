import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { runProject } from "./support/project.ts"

const STORE = `
import { journalStore } from "@tierdex/conformance/mutants"

export function myStore(options: { readonly path: string }) {
  return journalStore(options)
}
`

function exampleOfReadme(name: string): string {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8")
  const example = new RegExp(`<!-- ${name} -->\n\`\`\`typescript\n(.*?)\`\`\``, "s")
  const block = example.exec(readme.replaceAll("\r\n", "\n"))
  if (block === null) throw new Error("The README has no example.")
  return block[1]
}

test("the README's example runs, in the installed package", { timeout: 120_000 }, () => {
  const files = { "src/index.ts": STORE, "test/store.test.ts": exampleOfReadme("suite") }
  // In this process, generated, in another process, with an index.
  const some = "keys: order|scans: take|refuses another process|engine: is refused where"
  expect(runProject(files, some)).toEqual({
    status: 0,
    outcomes: {
      "keys: order as bytes, in both directions": "passed",
      "scans: take any bounds, direction and limit": "passed",
      "lock: refuses another process": "passed",
      "engine: is refused where another index is open": "passed",
    },
  })
})

test("its example of kills, too", { timeout: 120_000 }, () => {
  const files = { "src/index.ts": STORE, "test/kills.test.ts": exampleOfReadme("kills") }
  expect(runProject(files, "durability sync|an index is made")).toEqual({
    status: 0,
    outcomes: {
      "kills: with durability sync leave what was acknowledged, and every batch whole": "passed",
      "kills: while an index is made leave one, or nothing": "passed",
    },
  })
})
