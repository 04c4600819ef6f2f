import { type IndexStats, type MetadataIndex, openIndex, type Store } from "@tierdex/core"
import type { CatalogueRecord } from "./catalogue.ts"
import { indexOptions, type Job } from "./job.ts"
import { MemoryPeak, type ProcessMemory, processMemory } from "./process-memory.ts"
import { Random } from "./random.ts"
import { type Shape, shapes } from "./shapes.ts"

/** Untimed questions of each shape. */
const WARM_UP = 20

export interface ReopenResult {
  /** `openIndex` alone. */
  readonly openMs: number
  /** From before `openIndex` to the first answer. */
  readonly firstAnswerMs: number
}

export interface ShapeResult {
  readonly shape: string
  readonly draws: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Records found by a draw, on average. */
  readonly found: number
  /** Pages that came from the store, of a draw, on average. */
  readonly pagesRead: number
}

export interface QueryResult {
  /** Null for an index that cannot be reopened. */
  readonly reopen: ReopenResult | null
  readonly shapes: readonly ShapeResult[]
  readonly peakMemory: ProcessMemory
  /** After the last question. */
  readonly steadyMemory: ProcessMemory
  readonly stats: IndexStats
}

/** Opens the index and asks a first question. */
export async function reopen(job: Job, store: Store) {
  const start = performance.now()
  const index = await openIndex<CatalogueRecord>(indexOptions(job, store))
  const openMs = performance.now() - start
  await index.count({ category: "category-00" })
  return { index, reopen: { openMs, firstAnswerMs: performance.now() - start } }
}

/** Asks every shape; the index is left open. */
export async function query(
  job: Job,
  index: MetadataIndex<CatalogueRecord>,
  reopen: ReopenResult | null,
): Promise<QueryResult> {
  const peak = new MemoryPeak()
  const random = new Random(job.seed + 1)
  const results: ShapeResult[] = []
  for (const shape of shapes) {
    // Every shape is drawn, so that one asked alone gets the questions it gets among all.
    const asks = Array.from({ length: WARM_UP + job.draws }, () => shape.draw(random))
    if (job.shapes.length > 0 && !job.shapes.includes(shape.name)) continue
    results.push(await measure(shape, asks, index))
  }
  return {
    reopen,
    shapes: results,
    peakMemory: peak.stop(),
    steadyMemory: processMemory(),
    stats: index.stats(),
  }
}

async function measure(
  shape: Shape,
  asks: readonly ReturnType<Shape["draw"]>[],
  index: MetadataIndex<CatalogueRecord>,
): Promise<ShapeResult> {
  for (const ask of asks.slice(0, WARM_UP)) await ask(index)
  const timed = asks.slice(WARM_UP)
  const pagesBefore = index.stats().cache.pagesRead
  const times: number[] = []
  let found = 0
  for (const ask of timed) {
    const start = performance.now()
    found += await ask(index)
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return {
    shape: shape.name,
    draws: timed.length,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    found: found / timed.length,
    pagesRead: (index.stats().cache.pagesRead - pagesBefore) / timed.length,
  }
}

/** Of sorted numbers, the least that is not below this share of them. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}
