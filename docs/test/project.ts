import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { withChecks } from "./checks.ts"
import type { Program } from "./pages.ts"

/** What programs import, and the types of it. */
const PACKAGES = [
  "@tierdex/core",
  "@tierdex/adapter-level",
  "@tierdex/adapter-lmdb",
  "@tierdex/adapter-rocksdb",
  "@tierdex/adapter-sqlite",
  "@types/better-sqlite3",
  "@types/node",
  "better-sqlite3",
  "classic-level",
  "lmdb",
  "rocksdb-native",
]

/** What the programs see of the checks. Says at the end how many were made. */
const HARNESS = `
import assert from "node:assert/strict"

let checks = 0
process.on("exit", () => { process.stderr.write("checks: " + checks) })

export function checkEqual(actual: unknown, expected: unknown, place: string): void {
  checks++
  try {
    assert.deepStrictEqual(actual, expected)
  } catch (error) {
    throw new Error(place + " says something else", { cause: error })
  }
}

export async function checkThrows(call: () => Promise<unknown>, code: string, place: string) {
  checks++
  await assert.rejects(call, { code }, place)
}
`

const TSCONFIG = {
  compilerOptions: {
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable"],
    types: ["node"],
    module: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ["*.ts"],
}

/** How a program ended. */
export interface ProgramResult {
  readonly status: number | null
  readonly output: string
  readonly errors: string
}

/** A temporary project with the packages linked into it, in which programs run as a user's do. */
export class Project {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "tierdex-docs-")))
  #count = 0

  constructor() {
    this.#write("package.json", '{ "type": "module" }')
    this.#write("tsconfig.json", JSON.stringify(TSCONFIG))
    this.#write("harness.ts", HARNESS)
    for (const name of PACKAGES) {
      const link = join(this.#folder, "node_modules", name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(
        realpathSync(join(import.meta.dirname, "../node_modules", name)),
        link,
        "junction",
      )
    }
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text)
  }

  /** Writes a program and returns its file and how many checks it will make. */
  add({ name, language, blocks }: Program): { file: string; checks: number } {
    const page = name.slice(0, name.lastIndexOf(":"))
    const checked = blocks.map((block) => withChecks(block, page))
    const file = `${name.replace(/\W+/g, "-")}.${language}`
    const code = checked.map((block) => block.code).join("\n")
    this.#write(file, `import { checkEqual, checkThrows } from "./harness.ts"\n${code}\n`)
    return { file, checks: checked.reduce((sum, block) => sum + block.checks, 0) }
  }

  /** Runs a program in an empty folder. */
  run(file: string): ProgramResult {
    const cwd = join(this.#folder, `run-${this.#count++}`)
    mkdirSync(cwd)
    return run([join(this.#folder, file)], cwd)
  }

  /** Checks the types of all programs in ts fences. */
  checkTypes(): ProgramResult {
    const require = createRequire(import.meta.url)
    const compiler = join(dirname(require.resolve("typescript/package.json")), "bin/tsc")
    return run([compiler, "--project", this.#folder], this.#folder)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function run(args: readonly string[], cwd: string): ProgramResult {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
  })
  if (error) throw error
  return { status, output: stdout.replaceAll("\r\n", "\n"), errors: stderr }
}
