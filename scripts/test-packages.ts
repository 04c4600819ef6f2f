// Installs the packed packages the way a user does, and runs the examples of the READMEs with them:
// on every supported Node, as ES modules through `import` and as CommonJS through `require`.
import { strict as assert } from "node:assert"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { packAll, publishedPackages, root, withTemporaryFolder } from "./packages.ts"
import { type Example, readExample, toCommonJs } from "./readme-example.ts"
import { run } from "./run.ts"
import { threadExample } from "./thread-example.ts"

/** The oldest that `engines` allows, and the newest of each line. */
const nodeVersions = ["22.15.0", "22", "24", "26"]

withTemporaryFolder((folder) => {
  const tarballs = packAll(folder)
  const examples = collectExamples()
  for (const version of nodeVersions) {
    const node = installNode(version, join(folder, `node-${version}`))
    const project = join(folder, `project-${version}`)
    createProject(project, [...tarballs.values()])
    for (const [readme, example] of examples) {
      runExample(node, project, "example.mjs", example.code, example)
      runExample(node, project, "example.cjs", toCommonJs(example.code), example)
      console.log(`ok: ${readme}, Node ${version}, import and require\n`)
    }
  }
  console.log(`${examples.size} examples on Node ${nodeVersions.join(", ")}: all passed`)
})

function collectExamples(): Map<string, Example> {
  const readmes = [root, ...publishedPackages().map(({ directory }) => directory)]
    .map((directory) => join(directory, "README.md"))
    .filter((readme) => existsSync(readme))
  const examples = new Map<string, Example>()
  for (const readme of readmes) {
    const example = readExample(readme)
    if (example) examples.set(readme.slice(root.length + 1), example)
  }
  assert(examples.has("README.md"), "the root README has no example")
  examples.set("worker threads", threadExample)
  return examples
}

/** Installs one Node version by the `node` package and returns the path of its binary. */
function installNode(version: string, directory: string): string {
  createProject(directory, [`node@${version}`])
  const file = process.platform === "win32" ? "node.exe" : "node"
  const binary = join(directory, "node_modules", "node", "bin", file)
  const found = run(binary, ["--version"], { capture: true }).trim()
  console.log(`Node ${found}`)
  assert(found.startsWith(`v${version}`), `asked for ${version}`)
  return binary
}

/** Makes an empty project and installs packages there with npm. */
function createProject(directory: string, packages: readonly string[]): void {
  mkdirSync(directory)
  writeFileSync(join(directory, "package.json"), '{ "private": true }\n')
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages], {
    cwd: directory,
  })
}

function runExample(
  node: string,
  project: string,
  file: string,
  code: string,
  { output }: Example,
): void {
  // A folder of its own, so that an example finds no files of the one before.
  const directory = join(project, `run-${process.hrtime.bigint()}`)
  mkdirSync(directory)
  writeFileSync(join(directory, file), code)
  const printed = run(node, [file], { cwd: directory, capture: true })
  assert.equal(printed.replaceAll("\r\n", "\n").trimEnd(), output.trimEnd())
}
