import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { parseHTML } from "linkedom"
import { afterEach, beforeEach, expect, test } from "vitest"
import { shapes } from "../src/shapes.ts"
import { inventedResults } from "./invented-results.ts"

const run = promisify(execFile)
const main = join(import.meta.dirname, "../src/report/main.ts")

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierdex-bench-test-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function report(): Promise<string> {
  await run(process.execPath, [main, "--from", folder])
  return await readFile(join(folder, "report.html"), "utf8")
}

test("a page of several runs, which needs nothing else", async () => {
  for (const records of [10_000, 1_000_000]) {
    await writeFile(join(folder, `${records}.json`), JSON.stringify(inventedResults(records)))
  }
  const page = await report()
  const { document } = parseHTML(page)
  const headings = [...document.querySelectorAll("h2, summary")].map((of) => of.textContent)
  expect(headings).toEqual([
    ...["1M records", "Growth", "10K records", "What was asked", "What was not measured"],
  ])
  for (const figure of document.querySelectorAll("figure")) {
    expect(figure.textContent).toMatch(/milliseconds|records per second|MB/)
  }
  expect(document.querySelectorAll("figure")).toHaveLength(14)
  for (const { name } of shapes) expect(page).toContain(name)
  expect(page).not.toMatch(/NaN|undefined|Infinity|(src|href)=|url\(|@import/)
})

test("what tierdex loses at is listed, and the mean is that of all shapes", async () => {
  // Twice as fast in all but one, in which it is twice as slow.
  const results = inventedResults(1_000_000, { slow: "facet" })
  await writeFile(join(folder, "1M.json"), JSON.stringify(results))
  const { document } = parseHTML(await report())
  const [behind, ...others] = document.querySelectorAll("tr.behind")
  expect(others).toEqual([])
  expect(behind.textContent).toMatch(/^facet/)
  expect(document.querySelector("ul")?.textContent).toMatch(/^facet: 4 ms, SQLite 2 ms/)
  const mean = 2 ** ((shapes.length - 2) / shapes.length)
  expect(document.body.textContent).toContain(`geometric mean${mean.toFixed(2)}`)
})

test("a run that failed is refused", async () => {
  const results = { ...inventedResults(10_000), faults: ["sqlite: it was wrong"] }
  await writeFile(join(folder, "10K.json"), JSON.stringify(results))
  await expect(report()).rejects.toThrow("sqlite: it was wrong")
})
