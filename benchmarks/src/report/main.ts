import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Results } from "../results.ts"
import { pageOf } from "./page.ts"

const HELP = `Makes a page of the results that --out of the benchmarks wrote.

  --from <folder>   with the results (default results)
  --to <file>       (default report.html in that folder)`

const { values } = parseArgs({
  options: {
    from: { type: "string", default: join(import.meta.dirname, "../../results") },
    to: { type: "string" },
    help: { type: "boolean", default: false },
  },
})

async function main(): Promise<void> {
  const files = await readdir(values.from).catch(() => [])
  const names = files.filter((name) => name.endsWith(".json"))
  if (names.length === 0) throw new Error(`There are no results in ${values.from}.`)
  const all = await Promise.all(names.map((name) => readResults(join(values.from, name))))
  const page = values.to ?? join(values.from, "report.html")
  await writeFile(page, pageOf(all))
  console.log(`Wrote ${page}`)
}

async function readResults(file: string): Promise<Results> {
  const results: Results = JSON.parse(await readFile(file, "utf8"))
  if (results.format !== 1) throw new Error(`${file} is not of this version of the benchmarks.`)
  if (results.faults.length > 0) {
    throw new Error(`${file} is of a run that failed: ${results.faults.join("; ")}`)
  }
  return results
}

if (values.help) console.log(HELP)
else await main()
