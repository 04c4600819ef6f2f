import type { Engine } from "./engine.ts"
import type { Job } from "./job.ts"
import { type ProcessMemory, processMemory } from "./process-memory.ts"
import { Random } from "./random.ts"
import type { ShapeAnswers, ShapeResult } from "./results.ts"
import { type Answer, answerOf } from "./rows.ts"
import { type Draw, type Shape, shapes } from "./shapes.ts"

/**
 * Questions of each shape that are not timed, at most as many as those that are. Writes are fewer:
 * each changes the records.
 */
const WARM_UP = 100
const WRITES_WARM_UP = 5

/** What the warm-up of a shape may take; writes always have theirs. */
const WARM_UP_MS = 3_000
/** A shape that takes longer is asked no more than `FEWEST` times, */
const TIMED_MS = 60_000
const FEWEST = 50
/** and one that takes even longer not that often: its draws are told. */
const LONGEST_MS = 180_000

/** What the asking process itself can tell. */
export interface Asked {
  readonly shapes: readonly ShapeResult[]
  readonly answers: readonly ShapeAnswers[]
  readonly steadyMemory: ProcessMemory
}

/** Opens an engine that was filled before and asks a first question. */
export async function reopen(engine: Engine) {
  const start = performance.now()
  await engine.open()
  const openMs = performance.now() - start
  const ask = await engine.count({ category: "category-00" })
  await ask()
  return { openMs, firstAnswerMs: performance.now() - start }
}

/** Asks the shapes of the job, those that write last. */
export async function query(
  job: Job,
  engine: Engine,
  onShape: (shape: string) => void,
): Promise<Asked> {
  const random = new Random(job.seed + 1)
  const measured: ShapeResult[] = []
  const answers: ShapeAnswers[] = []
  let steadyMemory: ProcessMemory | undefined
  /** Writes were left out for want of time: the records are others than those of other engines. */
  let isBehind = false
  for (const shape of shapes) {
    const warmUp = Math.min(shape.writes ? WRITES_WARM_UP : WARM_UP, job.draws)
    // Every shape is drawn, so that one asked alone gets the questions it gets among all.
    const draws = Array.from({ length: warmUp + job.draws }, () => shape.draw(random, job.records))
    if (!job.shapes.includes(shape.name)) continue
    if (shape.writes) steadyMemory ??= processMemory()
    onShape(shape.name)
    const asked = await measure(shape, draws, warmUp, engine)
    measured.push(asked.result)
    answers.push({ shape: shape.name, answers: isBehind ? [] : asked.answers })
    if (shape.writes && asked.result.draws < job.draws) isBehind = true
  }
  return { shapes: measured, answers, steadyMemory: steadyMemory ?? processMemory() }
}

async function measure(shape: Shape, draws: readonly Draw[], warmUp: number, engine: Engine) {
  const answers: Answer[] = []
  const times: number[] = []
  let found = 0
  let pagesRead = 0
  let start = performance.now()
  for (const [i, draw] of draws.entries()) {
    const isTimed = i >= warmUp
    if (i === warmUp) start = performance.now()
    const passedMs = performance.now() - start
    // What is left out leaves a gap in the answers: they are compared by place.
    if (!isTimed && !shape.writes && passedMs > WARM_UP_MS) continue
    if (isTimed && isEnough(times.length, passedMs)) break
    const ask = await draw.prepare(engine)
    const pagesBefore = engine.pagesRead?.() ?? 0
    const from = performance.now()
    const rows = await ask()
    const elapsedMs = performance.now() - from
    const pages = (engine.pagesRead?.() ?? 0) - pagesBefore
    answers[i] = answerOf(rows, shape.rows)
    if (draw.check !== undefined) {
      const checked = await (await draw.check(engine))()
      answers[i] = [answers[i][0], answerOf(checked, "ids")[1]]
    }
    if (!isTimed) continue
    times.push(elapsedMs)
    found += answers[i][0]
    pagesRead += pages
  }
  times.sort((a, b) => a - b)
  const result: ShapeResult = {
    shape: shape.name,
    draws: times.length,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    found: found / times.length,
    pagesRead: engine.pagesRead === undefined ? null : pagesRead / times.length,
  }
  return { result, answers }
}

function isEnough(draws: number, passedMs: number): boolean {
  return passedMs > LONGEST_MS || (passedMs > TIMED_MS && draws >= FEWEST)
}

/** Of sorted numbers, the least that is not below this share of them. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}
