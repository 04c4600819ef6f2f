import { globSync, readFileSync } from "node:fs"
import { join, sep } from "node:path"

const ROOT = join(import.meta.dirname, "../..")

/** A code block of a page. */
export interface Block {
  readonly language: "js" | "ts"
  /** Of its first line of code, from 1. */
  readonly line: number
  readonly code: string
}

/** Blocks that make one program: the first stands alone, the others continue it. */
export interface Program {
  /** `docs/filters.md:12`. */
  readonly name: string
  readonly language: "js" | "ts"
  readonly blocks: readonly Block[]
  /** What it must print: the text of `<!-- example output -->`, if that follows. */
  readonly output: string | undefined
}

/** A block that continues the one before it on its page has this line before its fence. */
const CONTINUES = "<!-- continues -->"
const OUTPUT = "<!-- example output -->"

/** The pages for readers: of the repository, of its packages, and the documentation. */
export function pages(): string[] {
  return globSync(["README.md", "packages/*/README.md", "docs/*.md"], { cwd: ROOT })
    .map((path) => path.replaceAll(sep, "/"))
    .sort()
}

/** The programs of a page in js and ts fences. */
export function programsOf(page: string): Program[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split(/\r?\n/)
  const programs: { name: string; language: "js" | "ts"; blocks: Block[]; output?: string }[] = []
  let marker = ""
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\w*)/.exec(lines[at])
    if (fence === null) {
      if (lines[at] !== "") marker = lines[at]
      continue
    }
    const end = lines.indexOf("```", at + 1)
    if (end < 0) throw new Error(`${page}:${at + 1}: this fence is not closed`)
    const code = lines.slice(at + 1, end).join("\n")
    const [, language] = fence
    const last = programs.at(-1)
    if (language === "js" || language === "ts") {
      const block: Block = { language, line: at + 2, code }
      if (marker !== CONTINUES)
        programs.push({ name: `${page}:${at + 2}`, language, blocks: [block] })
      else if (last?.language !== language) {
        throw new Error(`${page}:${at + 1}: there is no ${language} block that this one continues`)
      } else last.blocks.push(block)
    } else if (marker === OUTPUT && last !== undefined) last.output = code
    marker = ""
    at = end
  }
  return programs.map((program) => ({ output: undefined, ...program }))
}
