import Table from "cli-table3"
import type { IngestResult } from "./ingest.ts"
import type { Job } from "./job.ts"
import type { QueryResult } from "./query.ts"

/** What `--json` writes. */
export interface FloorResult {
  readonly job: Job
  readonly machine: {
    readonly node: string
    readonly platform: string
    readonly cpu: string
    readonly cpus: number
    /** Over the last minute, before and after. */
    readonly load: readonly [before: number, after: number]
  }
  /** Null if an index was there already. */
  readonly ingest: IngestResult | null
  readonly query: QueryResult
  readonly floors: readonly Floor[]
}

/** A bound and what was measured. */
export interface Floor {
  readonly what: string
  readonly unit: "records/s" | "ms" | "MB"
  readonly measured: number
  readonly bound: number
  readonly passes: boolean
}

const COUNTS = ["eqCount", "rangeNarrowCount", "rangeWideCount", "andCount"]

/** What was measured of what the floors bound. */
export function floorsOf(ingest: IngestResult | null, query: QueryResult): Floor[] {
  const floors: Floor[] = []
  if (ingest !== null) {
    floors.push(atLeast("ingest", "records/s", ingest.recordsPerSecond, 100_000))
    floors.push(atMost("RssAnon, peak of ingest", "MB", ingest.peakMemory.anonymous / 1e6, 400))
  }
  if (query.reopen !== null) {
    floors.push(atMost("reopen to first answer", "ms", query.reopen.firstAnswerMs, 100))
  }
  for (const { shape, p50Ms } of query.shapes) {
    if (COUNTS.includes(shape)) floors.push(atMost(`${shape}, p50`, "ms", p50Ms, 1))
    if (shape === "top20") floors.push(atMost("top20, p50", "ms", p50Ms, 2))
  }
  floors.push(atMost("RssAnon, peak of queries", "MB", query.peakMemory.anonymous / 1e6, 400))
  return floors
}

function atLeast(what: string, unit: Floor["unit"], measured: number, bound: number): Floor {
  return { what, unit, measured, bound, passes: measured >= bound }
}

function atMost(what: string, unit: Floor["unit"], measured: number, bound: number): Floor {
  return { what, unit, measured, bound, passes: measured <= bound }
}

/** The tables that are printed. */
export function tablesOf({ ingest, query, floors, machine, job }: FloorResult): string {
  const bounds = table(["floor", "measured", "bound", ""])
  for (const { what, unit, measured, bound, passes } of floors) {
    const sign = unit === "records/s" ? "≥" : "≤"
    bounds.push([
      what,
      `${figure(measured)} ${unit}`,
      `${sign} ${figure(bound)}`,
      passes ? "pass" : "MISS",
    ])
  }

  const questions = table(["shape", "p50 ms", "p99 ms", "found", "pages read"])
  for (const { shape, p50Ms, p99Ms, found, pagesRead } of query.shapes) {
    questions.push([shape, figure(p50Ms), figure(p99Ms), figure(found), figure(pagesRead)])
  }

  const rest = table(["figure", "measured"])
  if (ingest !== null) {
    rest.push(
      ["putMany and flush", `${figure(ingest.elapsedMs)} ms`],
      ["processor time of it", `${figure(ingest.cpuMs)} ms`],
      ["of it the final flush", `${figure(ingest.flushMs)} ms`],
      ["merging after it", `${figure(ingest.settleMs)} ms`],
      ["ingest, merging included", `${figure(ingest.recordsPerSecondSettled)} records/s`],
      ["worst event-loop delay", `${figure(ingest.worstDelayMs)} ms`],
      ["RssFile, peak of ingest", megabytes(ingest.peakMemory.file)],
      ["flushes, merges", `${ingest.stats.flushes}, ${ingest.stats.merges}`],
      ["close", `${figure(ingest.closeMs)} ms`],
    )
  }
  if (query.reopen !== null) rest.push(["openIndex", `${figure(query.reopen.openMs)} ms`])
  const { stats } = query
  const segmentBytes = stats.segments.reduce((sum, { bytes }) => sum + bytes, 0)
  rest.push(
    ["RssAnon after the queries", megabytes(query.steadyMemory.anonymous)],
    ["RssFile after the queries", megabytes(query.steadyMemory.file)],
    ["store", megabytes(stats.bytesOnDisk)],
    ["pages of segments", megabytes(segmentBytes)],
    ["tier, segments", `${stats.tier}, ${stats.segments.length}`],
    ["hot cache", megabytes(stats.memory.cacheBytes)],
    ["load average", machine.load.map(figure).join(" -> ")],
  )
  const head =
    `${figure(job.records)} records, store ${job.store}, durability ${job.durability}, ` +
    `memory ${job.memory}, Node ${machine.node}, ${machine.cpus} x ${machine.cpu}`
  const note = "The floors are set for 1M records, LMDB, durability os, 256 MiB, two cores."
  return [head, bounds.toString(), note, questions.toString(), rest.toString()].join("\n")
}

function table(head: string[]) {
  return new Table({
    head,
    colAligns: ["left", ...head.slice(1).map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  })
}

function figure(value: number): string {
  const maximumFractionDigits = value >= 100 ? 0 : value >= 1 ? 2 : 4
  return value.toLocaleString("en", { maximumFractionDigits })
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "-" : `${figure(bytes / 1e6)} MB`
}
