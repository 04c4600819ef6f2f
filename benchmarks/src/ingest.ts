import { monitorEventLoopDelay } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import type { Engine } from "./engine.ts"
import type { Source } from "./source.ts"

/** What the ingesting process itself can tell. */
export interface Ingested {
  readonly putMs: number
  readonly finishMs: number
  readonly settleMs: number
  readonly generatingMs: number
  readonly cpuMs: number
  readonly worstDelayMs: number
}

/** Fills a new engine and waits until it has nothing left to do; it is left open. */
export async function ingest(engine: Engine, source: Source): Promise<Ingested> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  // It sees delays between two of its own ticks.
  await sleep(5)
  const cpuBefore = process.cpuUsage()
  const wholeMs = await timed(() => engine.ingest(source))
  const finishMs = await timed(() => engine.finish())
  const settleMs = await settled()
  const { user, system } = process.cpuUsage(cpuBefore)
  await sleep(5)
  delay.disable()
  return {
    putMs: wholeMs - source.generatingMs,
    finishMs,
    settleMs,
    generatingMs: source.generatingMs,
    cpuMs: (user + system) / 1000,
    worstDelayMs: delay.max / 1e6,
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const IDLE_WINDOW_MS = 100
const IDLE_WINDOWS = 3
const IDLE_SHARE = 0.1

/** Waits until this process does nothing any more; returns how long it was busy. */
async function settled(): Promise<number> {
  const start = performance.now()
  let restingSince = start
  for (let idle = 0; idle < IDLE_WINDOWS; ) {
    const from = performance.now()
    const before = process.cpuUsage()
    await sleep(IDLE_WINDOW_MS)
    const { user, system } = process.cpuUsage(before)
    const isIdle = (user + system) / 1000 / (performance.now() - from) < IDLE_SHARE
    if (isIdle && idle === 0) restingSince = from
    idle = isIdle ? idle + 1 : 0
  }
  return restingSince - start
}
