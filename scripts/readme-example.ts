import { readFileSync } from "node:fs"

/** A README's example, and what it prints. */
export interface Example {
  code: string
  output: string
}

/**
 * The example of a README: the first code block after `<!-- example -->`, and its expected output,
 * the first block after `<!-- example output -->`. Undefined when the file has none.
 */
export function readExample(readme: string): Example | undefined {
  const text = readFileSync(readme, "utf8").replaceAll("\r\n", "\n")
  const code = blockAfter(text, "<!-- example -->")
  if (code === undefined) return undefined
  const output = blockAfter(text, "<!-- example output -->")
  if (output === undefined) throw new Error(`${readme}: the example has no expected output`)
  return { code, output }
}

function blockAfter(text: string, marker: string): string | undefined {
  const start = text.indexOf(marker)
  if (start < 0) return undefined
  return /```\w*\n(.*?)```/s.exec(text.slice(start + marker.length))?.[1]
}

/**
 * The same program for CommonJS: its `import` lines become `require` calls, and the rest moves into
 * an async function, since CommonJS has no top-level await.
 */
export function toCommonJs(code: string): string {
  const importLine = /^import \{([^}]*)\} from ("[^"]+")$/gm
  const requires: string[] = []
  const body = code.replace(importLine, (_, names: string, from: string) => {
    requires.push(`const {${names.replaceAll(" as ", ": ")}} = require(${from})`)
    return ""
  })
  if (/^import\b/m.test(body)) throw new Error("only `import { names } from` is understood")
  return `${requires.join("\n")}\n;(async () => {\n${body}\n})()\n`
}
