import type { EngineResult } from "../results.ts"

/** Two colours that stand out from white and from black, and the mark of a point in a plot. */
interface Look {
  readonly light: string
  readonly dark: string
  readonly symbol: string
}

const LOOKS: Readonly<Record<string, Look>> = {
  "tierdex-lmdb": { light: "#1766d1", dark: "#62abff", symbol: "circle" },
  "tierdex-memory": { light: "#6b4fd0", dark: "#b09cff", symbol: "square" },
  "tierdex-level": { light: "#0b8080", dark: "#4fd1c9", symbol: "triangle" },
  "tierdex-rocksdb": { light: "#3c8527", dark: "#86d36f", symbol: "diamond2" },
  "tierdex-sqlite": { light: "#a83c94", dark: "#f294df", symbol: "star" },
  sqlite: { light: "#d0450c", dark: "#ff9057", symbol: "square" },
  duckdb: { light: "#8f6b00", dark: "#ffd84d", symbol: "triangle" },
  lancedb: { light: "#bd2358", dark: "#ff78a6", symbol: "diamond2" },
  loki: { light: "#74512f", dark: "#d6ae82", symbol: "star" },
  postgres: { light: "#59636b", dark: "#b4bcc4", symbol: "wye" },
}

const OTHER: Look = { light: "#444444", dark: "#cccccc", symbol: "cross" }

function lookOf(engine: string): Look {
  return LOOKS[engine] ?? OTHER
}

/** For `color` and `symbol` of a plot: engines by their labels, which a legend shows. */
export function scalesOf(engines: readonly Pick<EngineResult, "engine" | "label">[]) {
  const domain = engines.map(({ label }) => label)
  return {
    color: { domain, range: engines.map(({ engine }) => colorOf(engine)) },
    symbol: { domain, range: engines.map(({ engine }) => lookOf(engine).symbol) },
  }
}

function colorOf(engine: string): string {
  return `var(--${engine in LOOKS ? engine : "other"})`
}

function colorsOf(mode: "light" | "dark"): string {
  const looks = Object.entries({ ...LOOKS, other: OTHER })
  return looks.map(([engine, look]) => `--${engine}: ${look[mode]};`).join(" ")
}

export const STYLE = `
:root { color-scheme: light dark; --text: #1c1e21; --quiet: #5b6168; --line: #d5d9dd;
  --page: #ffffff; --behind: #b3261e; ${colorsOf("light")} }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e8ea; --quiet: #a2a9b0; --line: #3a3f45; --page: #14171a; --behind: #ff8a80;
    ${colorsOf("dark")} }
}
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; margin: 2em 0 0.5em; }
h1 { margin-top: 0; }
p, li { max-width: 46rem; }
.quiet { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 0.2rem 0.7rem; text-align: right;
  white-space: nowrap; }
th:first-child, td:first-child, .words th, .words td { text-align: left; }
th { font-weight: 600; vertical-align: bottom; }
.words td { white-space: normal; }
.behind, .MISS { color: var(--behind); font-weight: 600; }
figure { margin: 1rem 0; overflow-x: auto; }
summary { cursor: pointer; font-size: 1.2em; font-weight: 600; margin: 1em 0; }
`
