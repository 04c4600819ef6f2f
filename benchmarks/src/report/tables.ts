import { barsOf } from "../bars.ts"
import { figure } from "../format.ts"
import { meanTimes, OURS, ratiosOf, shapeOf } from "../ratios.ts"
import type { EngineResult, Results } from "../results.ts"
import { shapes } from "../shapes.ts"
import { list, paragraph, table } from "./html.ts"

/** Each shape beside the fastest rival. */
export function ratioTable(results: Results): string {
  const ratios = ratiosOf(results)
  if (ratios.length === 0) return ""
  const rows = ratios.map(({ shape, memory, oursMs, rival, rivalMs, times }) => ({
    cells: [
      memory === undefined ? shape : `${shape}, ${memory}`,
      figure(oursMs),
      rival,
      figure(rivalMs),
      figure(times),
    ],
    ...(times < 1 && { className: "behind" }),
  }))
  return table(
    ["shape", "tierdex on LMDB, p50 ms", "fastest rival", "its p50 ms", "times faster"],
    [...rows, { cells: ["geometric mean", "", "", "", figure(meanTimes(ratios))] }],
  )
}

/** What tierdex on LMDB does worse than the best rival. */
export function losses(results: Results): string {
  const slower = ratiosOf(results)
    .filter(({ memory, times }) => memory === undefined && times < 1)
    .map(
      ({ shape, oursMs, rival, rivalMs }) =>
        `${shape}: ${figure(oursMs)} ms, ${rival} ${figure(rivalMs)} ms`,
    )
  const ours = results.engines.find(({ engine }) => engine === OURS)
  const items = [...slower, ...(ours === undefined ? [] : worseFigures(ours, results.engines))]
  return items.length === 0 ? paragraph("Nothing in this run.") : list(items)
}

const FIGURES: readonly {
  readonly what: string
  readonly unit: string
  readonly isBetter: "more" | "less"
  readonly of: (engine: EngineResult) => number | null | undefined
}[] = [
  {
    what: "ingest",
    unit: "records/s",
    isBetter: "more",
    of: ({ ingest }) => ingest?.recordsPerSecond,
  },
  {
    what: "reopening to the first answer",
    unit: "ms",
    isBetter: "less",
    of: ({ query }) => query.reopen?.firstAnswerMs,
  },
  {
    what: "RssAnon after the questions",
    unit: "MB",
    isBetter: "less",
    of: ({ isServer, query }) => (isServer ? null : query.steadyMemory.anonymous / 1e6),
  },
  {
    what: "disk in use",
    unit: "MB",
    isBetter: "less",
    of: ({ ingest }) => ingest?.usedBytes && ingest.usedBytes / 1e6,
  },
  {
    what: "worst event-loop delay of ingest",
    unit: "ms",
    isBetter: "less",
    of: ({ ingest }) => ingest?.worstDelayMs,
  },
]

function worseFigures(ours: EngineResult, engines: readonly EngineResult[]): string[] {
  return FIGURES.flatMap(({ what, unit, isBetter, of }) => {
    const mine = of(ours)
    const better = engines
      .filter(({ isOurs }) => !isOurs)
      .flatMap((engine) => {
        const value = of(engine)
        if (typeof value !== "number" || typeof mine !== "number") return []
        return (isBetter === "more" ? value > mine : value < mine) ? [{ engine, value }] : []
      })
      .sort((a, b) => (isBetter === "more" ? b.value - a.value : a.value - b.value))
    if (typeof mine !== "number" || better.length === 0) return []
    const others = better.map(({ engine, value }) => `${engine.label} ${figure(value)}`).join(", ")
    return [`${what}: ${figure(mine)} ${unit}; ${others}`]
  })
}

/** The bounds that were set beforehand. */
export function barTable(results: Results): string {
  const rows = barsOf(results).map(({ what, unit, measured, bound, passes }) => ({
    cells: [
      what,
      `${figure(measured)} ${unit}`,
      `${unit === "records/s" ? "≥" : "≤"} ${figure(bound)}`,
      passes ? "pass" : "MISS",
    ],
    className: passes ? "" : "MISS",
  }))
  if (rows.length === 0) return ""
  return `<h3>The bounds set beforehand</h3>${table(["what", "measured", "bound", ""], rows)}`
}

export function latencyTable({ engines }: Results): string {
  const pair = (of: { readonly p50Ms: number; readonly p99Ms: number } | undefined) =>
    of === undefined ? "" : `${figure(of.p50Ms)} / ${figure(of.p99Ms)}`
  const rows = shapes
    .map(({ name }) => [name, ...engines.map((engine) => pair(shapeOf(engine, name)))])
    .filter(([, ...cells]) => cells.some((cell) => cell !== ""))
  const larger = engines.flatMap(({ engine, idsQuery }) =>
    (idsQuery?.shapes ?? []).map((shape) => [
      `${shape.shape}, ${idsQuery?.memory}`,
      ...engines.map((other) => (other.engine === engine ? pair(shape) : "")),
    ]),
  )
  return table(
    ["p50 / p99, ms", ...engines.map(({ label }) => label)],
    [...rows, ...larger].map((cells) => ({ cells })),
  )
}

export function engineTable({ engines }: Results): string {
  const rows = engines.map(({ label, settings }) => ({ cells: [label, settings] }))
  return table(["engine", "settings"], rows, "words")
}

export function shapeTable(): string {
  const rows = shapes.map(({ name, what }) => ({ cells: [name, what] }))
  return table(["shape", "what is asked"], rows, "words")
}
