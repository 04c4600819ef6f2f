import type { Block } from "./pages.ts"

/** A block in which comments that state results have become checks. */
export interface CheckedBlock {
  readonly code: string
  readonly checks: number
}

/**
 * Turns comments behind statements into checks of what they say:
 *
 * - `await index.count() // => 3` compares the value deeply with a JavaScript expression, which
 *   may go on in comment lines that are indented further or close a bracket. The comment may also
 *   stand on the line after the statement, and the statement may be `const name = ...`.
 * - `await index.put("", {}) // throws TIERDEX_INVALID_ID` expects an error with that code.
 *
 * A statement begins on the nearest line of the same indent that does not begin with a bracket
 * that closes.
 */
export function withChecks({ code, line }: Block, page: string): CheckedBlock {
  const lines = code.split("\n")
  let checks = 0
  for (let at = 0; at < lines.length; at++) {
    const found = /^(.*?)\s*\/\/ (=>|throws) (.*)$/.exec(lines[at])
    if (found === null) continue
    const [, before, verb, said] = found
    const more = verb === "=>" ? continuation(lines, at + 1) : []
    const end = before.trim() === "" ? at - 1 : at
    if (end === at) lines[at] = before
    const start = statementStart(lines, end)
    const statement = lines.slice(start, end + 1).join("\n")
    const place = JSON.stringify(`${page}:${line + at}`)
    lines.fill("", start, at + 1 + more.length)
    lines[start] = check(statement, verb, [said, ...more].join(" "), place)
    checks++
  }
  return { code: lines.join("\n"), checks }
}

/** The rest of a value over several comment lines. */
function continuation(lines: readonly string[], from: number): string[] {
  const rest: string[] = []
  for (let at = from; at < lines.length; at++) {
    const found = /^\s*\/\/ ( +.*|[\])}].*)$/.exec(lines[at])
    if (found === null) break
    rest.push(found[1])
  }
  return rest
}

function statementStart(lines: readonly string[], end: number): number {
  const indent = indentOf(lines[end])
  let at = end
  while (/^\s*[)\]}]/.test(lines[at])) {
    at--
    while (at > 0 && (lines[at] === "" || indentOf(lines[at]) > indent)) at--
  }
  return at
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function check(statement: string, verb: string, said: string, place: string): string {
  if (verb === "throws") {
    return `await checkThrows(async () => ${statement.trim()}, ${JSON.stringify(said)}, ${place});`
  }
  const declared = /^\s*(?:const|let) (\w+)/.exec(statement)
  return declared === null
    ? `checkEqual(${statement.trim()}, (${said}), ${place});`
    : `${statement}; checkEqual(${declared[1]}, (${said}), ${place});`
}
