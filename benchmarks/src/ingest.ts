import { monitorEventLoopDelay } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import { type IndexStats, type MetadataIndex, openIndex, type Store } from "@tierdex/core"
import { Catalogue, type CatalogueEntry, type CatalogueRecord } from "./catalogue.ts"
import { indexOptions, type Job } from "./job.ts"
import { MemoryPeak, type ProcessMemory } from "./process-memory.ts"

/** Records that are generated at a time, outside of what is timed, while they are put. */
const CHUNK = 500

export interface IngestResult {
  readonly records: number
  /** `putMany` and the final `flush()`, without generating. */
  readonly elapsedMs: number
  readonly flushMs: number
  /** Processor time of all threads meanwhile: what is left of the noise on a busy machine. */
  readonly cpuMs: number
  /** After the flush, until merging came to rest. */
  readonly settleMs: number
  readonly closeMs: number
  readonly recordsPerSecond: number
  /** With the time until merging came to rest. */
  readonly recordsPerSecondSettled: number
  /** The longest that the event loop stood still, while putting, flushing and merging. */
  readonly worstDelayMs: number
  /** The records that are being put, of this benchmark itself, included. */
  readonly peakMemory: ProcessMemory
  readonly stats: IndexStats
}

export interface Ingested {
  readonly result: () => Promise<IngestResult>
  readonly index: MetadataIndex<CatalogueRecord>
}

/** Builds the index; it is left open. */
export async function ingest(job: Job, store: Store | undefined): Promise<Ingested> {
  const index = await openIndex<CatalogueRecord>(indexOptions(job, store))
  const peak = new MemoryPeak()
  const catalogue = new Catalogue(job.seed)
  let worstDelayMs = 0
  let cpuMs = 0
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const cpuBefore = process.cpuUsage()
    const start = performance.now()
    await work()
    const elapsedMs = performance.now() - start
    const { user, system } = process.cpuUsage(cpuBefore)
    cpuMs += (user + system) / 1000
    delay.disable()
    worstDelayMs = Math.max(worstDelayMs, delay.max / 1e6)
    return elapsedMs
  }

  let generatingMs = 0
  function* entries(): Iterable<CatalogueEntry> {
    for (let done = 0; done < job.records; done += CHUNK) {
      const start = performance.now()
      const chunk = catalogue.next(Math.min(CHUNK, job.records - done))
      generatingMs += performance.now() - start
      yield* chunk
    }
  }
  const putMs =
    (await timed(() =>
      index.putMany(entries(), { onProgress: ({ done }) => progress(done, job.records) }),
    )) - generatingMs
  const flushMs = await timed(() => index.flush())
  const ingestCpuMs = cpuMs
  let settleMs = 0
  await timed(async () => {
    settleMs = await settled()
  })
  const peakMemory = peak.stop()
  const stats = index.stats()
  const elapsedMs = putMs + flushMs

  const result = async (): Promise<IngestResult> => {
    const start = performance.now()
    await index.close()
    return {
      records: job.records,
      elapsedMs,
      flushMs,
      cpuMs: ingestCpuMs,
      settleMs,
      closeMs: performance.now() - start,
      recordsPerSecond: (job.records / elapsedMs) * 1000,
      recordsPerSecondSettled: (job.records / (elapsedMs + settleMs)) * 1000,
      worstDelayMs,
      peakMemory,
      stats,
    }
  }
  return { index, result }
}

const IDLE_WINDOW_MS = 100
const IDLE_SHARE = 0.1

/** Waits until this process does nothing any more; returns how long it was busy. */
async function settled(): Promise<number> {
  const start = performance.now()
  for (;;) {
    const from = performance.now()
    const before = process.cpuUsage()
    await sleep(IDLE_WINDOW_MS)
    const { user, system } = process.cpuUsage(before)
    const share = (user + system) / 1000 / (performance.now() - from)
    if (share < IDLE_SHARE) return from - start
  }
}

function progress(done: number, total: number): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r${done.toLocaleString("en")} of ${total.toLocaleString("en")} records`)
  if (done === total) process.stderr.write("\r\x1b[K")
}
