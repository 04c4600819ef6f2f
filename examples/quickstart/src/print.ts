import { inspect, styleText } from "node:util"

const out = process.stdout

export function title(text: string): void {
  console.log(`\n${styleText(["bold", "cyan"], text, { stream: out })}`)
}

export function fact(name: string, value: string): void {
  console.log(`  ${styleText("dim", name.padEnd(26), { stream: out })} ${value}`)
}

/** The source of a question as it was written, without the arrow in front of it. */
export function code(ask: (...parameters: never[]) => unknown): void {
  const lines = ask
    .toString()
    .replace(/^(async )?\(index\) =>\s*/, "")
    .split("\n")
  // The first line lost its indent with the arrow; the last one has that of the whole.
  const indent = /^ */.exec(lines.at(-1) ?? "")?.[0].length ?? 0
  const text = lines.map((line, i) => (i === 0 ? line : line.slice(indent))).join("\n")
  for (const line of text.split("\n")) console.log(`  ${styleText("green", line, { stream: out })}`)
}

export function answer(value: unknown, elapsedMs: number): void {
  const text = inspect(value, {
    colors: out.hasColors?.() ?? false,
    depth: 5,
    compact: 4,
    breakLength: 96,
  })
  for (const line of text.split("\n")) console.log(`    ${line}`)
  console.log(`  ${styleText("yellow", milliseconds(elapsedMs), { stream: out })}`)
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`
}

export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

export function count(value: number): string {
  return value.toLocaleString("en")
}
