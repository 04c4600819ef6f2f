import { spawnSync } from "node:child_process"
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"

const PACKAGE = join(import.meta.dirname, "../..")

/** What vitest reports of a run. */
export interface Report {
  readonly status: number | null
  /** By the names of the tests that were chosen. */
  readonly outcomes: Readonly<Record<string, string>>
}

/**
 * Runs files in a project of its own, with the packages as npm would install them; of their tests
 * those whose names match.
 */
export function runProject(files: Readonly<Record<string, string>>, names: string): Report {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tierdex-project-")))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const modules = join(folder, "node_modules")
  // No link: vitest leaves alone what lies in node_modules, and so Node runs it as it is.
  for (const part of ["dist", "package.json"]) {
    cpSync(join(PACKAGE, part), join(modules, "@tierdex/conformance", part), { recursive: true })
  }
  for (const name of ["@tierdex/core", "fast-check", "mingo", "vitest"]) {
    const target = realpathSync(join(PACKAGE, "node_modules", name))
    symlinkSync(target, join(modules, name), "junction")
  }
  for (const [name, text] of Object.entries({ "package.json": '{ "type": "module" }', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }

  const vitest = join(modules, "vitest/vitest.mjs")
  const report = join(folder, "report.json")
  const options = ["--reporter", "json", "--outputFile", report]
  const { status, stderr } = spawnSync(
    process.execPath,
    [vitest, "run", "--root", folder, "-t", names, ...options],
    { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
  )
  const { testResults } = JSON.parse(readFileSync(report, "utf8"))
  if (testResults.length === 0 || testResults[0].message) {
    throw new Error(`${stderr} ${testResults[0]?.message}`)
  }
  const chosen = new RegExp(names)
  const tests: { fullName: string; title: string; status: string }[] =
    testResults[0].assertionResults
  return {
    status,
    outcomes: Object.fromEntries(
      tests
        .filter(({ fullName }) => chosen.test(fullName))
        .map((result) => [result.title, result.status]),
    ),
  }
}
