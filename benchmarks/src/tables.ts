import Table from "cli-table3"
import { barsOf } from "./bars.ts"
import { figure, megabytes, shortCount } from "./format.ts"
import { meanTimes, ratiosOf, shapeOf } from "./ratios.ts"
import type { EngineResult, Results } from "./results.ts"
import { shapes } from "./shapes.ts"

/** The tables that are printed. */
export function tablesOf(results: Results): string {
  const { machine, records, load, leftOut, faults, draws, durability, memory } = results
  const head =
    `${shortCount(records)} records, ${draws} draws, tierdex with ${memory} and durability ` +
    `${durability}, Node ${machine.node}, ${machine.cpus} x ${machine.cpu}, ` +
    `load ${load.map(figure).join(" -> ")}`
  const parts = [head, latencies(results), figures(results), bars(results), ratios(results)]
  if (leftOut.length > 0) parts.push(["left out", ...leftOut].join("\n  "))
  if (faults.length > 0) parts.push(["FAILED", ...faults].join("\n  "))
  return parts.filter((part) => part !== "").join("\n")
}

function latencies({ engines }: Results): string {
  const rows = table(["p50 / p99, ms", ...engines.map(({ engine }) => engine)])
  for (const { name } of shapes) {
    const cells = engines.map((engine) => shapeOf(engine, name))
    if (cells.every((cell) => cell === undefined)) continue
    rows.push([name, ...cells.map((cell) => (cell ? pair(cell.p50Ms, cell.p99Ms) : "-"))])
  }
  for (const { engine, idsQuery } of engines) {
    for (const { shape, p50Ms, p99Ms } of idsQuery?.shapes ?? []) {
      const cells = engines.map((other) => (other.engine === engine ? pair(p50Ms, p99Ms) : ""))
      rows.push([`${shape}, ${idsQuery?.memory}`, ...cells])
    }
  }
  return rows.toString()
}

function pair(p50Ms: number, p99Ms: number): string {
  return `${figure(p50Ms)} / ${figure(p99Ms)}`
}

const FIGURES: readonly (readonly [what: string, of: (engine: EngineResult) => string])[] = [
  ["ingest, records/s", ({ ingest }) => (ingest ? figure(ingest.recordsPerSecond) : "-")],
  [
    "  with generating them",
    ({ ingest }) => (ingest ? figure(ingest.recordsPerSecondGenerated) : "-"),
  ],
  ["  putting, s", ({ ingest }) => (ingest ? figure(ingest.putMs / 1e3) : "-")],
  ["  indexes, flush, s", ({ ingest }) => (ingest ? figure(ingest.finishMs / 1e3) : "-")],
  ["  merging after it, s", ({ ingest }) => (ingest ? figure(ingest.settleMs / 1e3) : "-")],
  ["  processor time, s", ({ ingest }) => (ingest ? figure(ingest.cpuMs / 1e3) : "-")],
  ["worst event-loop delay, ms", ({ ingest }) => (ingest ? figure(ingest.worstDelayMs) : "-")],
  ["open, ms", ({ query }) => (query.reopen ? figure(query.reopen.openMs) : "-")],
  [
    "  to first answer, ms",
    ({ query }) => (query.reopen ? figure(query.reopen.firstAnswerMs) : "-"),
  ],
  ["RssAnon of ingest, peak MB", ({ ingest }) => megabytes(ingest?.peakMemory?.anonymous)],
  ["  RssFile", ({ ingest }) => megabytes(ingest?.peakMemory?.file)],
  ["RssAnon of queries, peak MB", ({ query }) => megabytes(query.peakMemory?.anonymous)],
  ["  steady", ({ query }) => megabytes(query.steadyMemory.anonymous)],
  ["  RssFile, steady", ({ query }) => megabytes(query.steadyMemory.file)],
  ["disk, pages in use, MB", ({ ingest }) => megabytes(ingest?.usedBytes)],
  ["  files", ({ ingest }) => megabytes(ingest?.fileBytes)],
  ["  files, peak", ({ ingest }) => megabytes(ingest?.peakFileBytes)],
]

function figures({ engines }: Results): string {
  const rows = table(["", ...engines.map(({ engine }) => engine)])
  for (const [what, of] of FIGURES) rows.push([what, ...engines.map(of)])
  return rows.toString()
}

function bars(results: Results): string {
  const measured = barsOf(results)
  if (measured.length === 0) return ""
  const rows = table(["tierdex on LMDB", "measured", "bound", ""])
  for (const { what, unit, measured: value, bound, passes } of measured) {
    const sign = unit === "records/s" ? "≥" : "≤"
    const result = passes ? "pass" : "MISS"
    rows.push([what, `${figure(value)} ${unit}`, `${sign} ${figure(bound)}`, result])
  }
  return rows.toString()
}

function ratios(results: Results): string {
  const measured = ratiosOf(results)
  if (measured.length === 0) return ""
  const rows = table(["tierdex on LMDB", "p50 ms", "best rival", "p50 ms", "times faster"])
  for (const { shape, memory, oursMs, rival, rivalMs, times } of measured) {
    const what = memory === undefined ? shape : `${shape}, ${memory}`
    rows.push([what, figure(oursMs), rival, figure(rivalMs), figure(times)])
  }
  rows.push(["geometric mean", "", "", "", figure(meanTimes(measured))])
  return rows.toString()
}

function table(head: string[]) {
  return new Table({
    head,
    colAligns: ["left", ...head.slice(1).map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  })
}
