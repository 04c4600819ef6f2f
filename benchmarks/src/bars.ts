import { OURS, shapeOf } from "./ratios.ts"
import type { EngineResult, Results } from "./results.ts"

/** A bound that is set for tierdex on LMDB with two cores, and what was measured. */
export interface Bar {
  readonly what: string
  readonly unit: string
  readonly measured: number
  readonly bound: number
  readonly passes: boolean
}

interface Bound {
  readonly what: string
  readonly unit: "ms" | "MB" | "records/s"
  readonly bound: number
  readonly of: (engine: EngineResult) => number | undefined
}

const ingest = (bound: number): Bound => ({
  what: "ingest, merges included",
  unit: "records/s",
  bound,
  of: (engine) => engine.ingest?.recordsPerSecond,
})
const worstDelay = (bound: number): Bound => ({
  what: "worst event-loop delay of ingest",
  unit: "ms",
  bound,
  of: (engine) => engine.ingest?.worstDelayMs,
})
const ingestMemory = (bound: number): Bound => ({
  what: "RssAnon, peak of ingest",
  unit: "MB",
  bound,
  of: (engine) => inMegabytes(engine.ingest?.peakMemory?.anonymous),
})
const queryMemory = (bound: number): Bound => ({
  what: "RssAnon, peak of queries",
  unit: "MB",
  bound,
  of: (engine) => inMegabytes(engine.query.peakMemory?.anonymous),
})
const steadyMemory = (bound: number): Bound => ({
  what: "RssAnon, steady while querying",
  unit: "MB",
  bound,
  of: (engine) => inMegabytes(engine.query.steadyMemory.anonymous),
})
const disk = (bound: number): Bound => ({
  what: "disk, pages in use",
  unit: "MB",
  bound,
  of: (engine) => inMegabytes(engine.ingest?.usedBytes),
})
const reopen = (bound: number): Bound => ({
  what: "reopen to first answer",
  unit: "ms",
  bound,
  of: (engine) => engine.query.reopen?.firstAnswerMs,
})
const open = (bound: number): Bound => ({
  what: "open",
  unit: "ms",
  bound,
  of: (engine) => engine.query.reopen?.openMs,
})
const p50 = (shape: string, bound: number): Bound => ({
  what: `${shape}, p50`,
  unit: "ms",
  bound,
  of: (engine) => shapeOf(engine, shape)?.p50Ms,
})
const idsP50 = (shape: string, bound: number): Bound => ({
  what: `${shape} at 512 MiB, p50`,
  unit: "ms",
  bound,
  of: ({ idsQuery }) => idsQuery?.shapes.find((asked) => asked.shape === shape)?.p50Ms,
})

/** By number of records. */
const BOUNDS: Readonly<Record<number, readonly Bound[]>> = {
  1000000: [
    ...[ingest(100_000), ingestMemory(400), queryMemory(400), reopen(100)],
    ...[p50("eqCount", 1), p50("rangeNarrowCount", 1), p50("rangeWideCount", 1)],
    ...[p50("andCount", 1), p50("top20", 2)],
  ],
  10000000: [
    ...[p50("eqCount", 0.1), idsP50("eqIds", 4), p50("missing", 0.01)],
    ...[idsP50("rangeNarrowIds", 12), p50("rangeWideCount", 0.2), p50("andCount", 3)],
    ...[idsP50("andIds", 6), p50("top20", 0.3), p50("top20Tag", 1), p50("notCount", 5)],
    ...[p50("facet", 20), ingest(150_000), reopen(50), steadyMemory(400), disk(900)],
    worstDelay(50),
  ],
  100000000: [
    ...[ingestMemory(1_000), queryMemory(1_000), open(100)],
    ...["eqCount", "missing", "rangeNarrowCount", "rangeWideCount", "andCount"].map(thirty),
    ...["notCount", "in10", "or3", "top20", "top20Tag"].map(thirty),
  ],
}

function thirty(shape: string): Bound {
  return p50(shape, 30)
}

/** Empty if there are none for this number of records, or tierdex on LMDB was not measured. */
export function barsOf({ records, engines }: Results): Bar[] {
  const ours = engines.find(({ engine }) => engine === OURS)
  if (ours === undefined) return []
  return (BOUNDS[records] ?? []).flatMap(({ what, unit, bound, of }) => {
    const measured = of(ours)
    if (measured === undefined) return []
    const passes = unit === "records/s" ? measured >= bound : measured <= bound
    return [{ what, unit, measured, bound, passes }]
  })
}

function inMegabytes(bytes: number | null | undefined): number | undefined {
  return bytes === undefined || bytes === null ? undefined : bytes / 1e6
}
