import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { loadavg, tmpdir } from "node:os"
import { basename, join } from "node:path"
import { differencesOf } from "./agreement.ts"
import { type EngineEntry, entryOf, loadEngine } from "./engines.ts"
import { shortCount } from "./format.ts"
import type { Job } from "./job.ts"
import { commit, machine, versionsOf } from "./machine.ts"
import { medianOf } from "./median.ts"
import type { Options } from "./options.ts"
import { type OnProgress, type PhaseResult, runPhase } from "./phase.ts"
import type { EngineResult, IngestResult, QueryResult, Results, ShapeAnswers } from "./results.ts"

/** Shapes that hand out thousands of ids. */
const ID_SHAPES = ["eqIds", "rangeNarrowIds", "andIds"]

const EVERY_RUN = ["@tierdex/core"]

/** What of an engine is to be told besides the progress of its phases. */
export interface Listener {
  readonly onProgress: (engine: string, ...progress: Parameters<OnProgress>) => void
  /** All results so far, after each engine. */
  readonly onEngine: (results: Results) => Promise<void>
}

/** Measures all engines over one number of records. */
export async function runMatrix(
  options: Options,
  records: number,
  listener: Listener,
  signal: AbortSignal,
): Promise<Results> {
  const [loadBefore] = loadavg()
  const hindered = options.engines.map((engine) => hindrance(entryOf(engine), records))
  const engines = options.engines.filter((_, i) => hindered[i] === undefined)
  const packages = engines.flatMap((engine) => entryOf(engine).packages)
  const fixed = {
    format: 1 as const,
    date: new Date().toISOString(),
    commit: commit(),
    machine: machine(),
    records,
    seed: options.seed,
    draws: options.draws,
    trials: options.trials,
    memory: options.memory,
    durability: options.durability,
    versions: versionsOf([...EVERY_RUN, ...new Set(packages)]),
  }
  const measured = new Map<string, EngineResult[]>()
  const faults: string[] = []
  let reference: readonly [engine: string, readonly ShapeAnswers[]] | undefined
  const results = (): Results => ({
    ...fixed,
    load: [loadBefore, loadavg()[0]],
    engines: Array.from(measured.values(), medianOf),
    leftOut: options.engines.flatMap((engine, i) =>
      hindered[i] === undefined ? [] : [`${engine}: ${hindered[i]}`],
    ),
    faults,
  })

  // Round by round, so that a busy minute of the machine meets all of them.
  for (let trial = 0; trial < options.trials; trial++) {
    for (const engine of engines) {
      const onProgress: OnProgress = (...progress) => listener.onProgress(engine, ...progress)
      try {
        const { result, answers } = await runEngine(options, engine, records, onProgress, signal)
        measured.set(engine, [...(measured.get(engine) ?? []), result])
        reference ??= [engine, answers]
        const differences = differencesOf([engine, answers], reference)
        faults.push(...differences.map((difference) => `${engine}: ${difference}`))
      } catch (error) {
        signal.throwIfAborted()
        faults.push(`${engine}: ${error instanceof Error ? error.message : error}`)
      }
      await listener.onEngine(results())
    }
  }
  return results()
}

/** Why an engine cannot be measured; undefined if it can. */
function hindrance(
  { needs, mostRecords = Number.POSITIVE_INFINITY }: EngineEntry,
  records: number,
): string | undefined {
  if (needs !== undefined && !process.env[needs]) return `${needs} names no server`
  if (records > mostRecords) return `up to ${shortCount(mostRecords)} records only`
  return undefined
}

/** Fills an engine, reopens it and asks it. What it kept is removed, unless it is to be kept. */
async function runEngine(
  options: Options,
  engine: string,
  records: number,
  onProgress: OnProgress,
  signal: AbortSignal,
) {
  const [loadBefore] = loadavg()
  const entry = entryOf(engine)
  const folder =
    options.keep === undefined
      ? await mkdtemp(join(tmpdir(), "tierdex-bench-"))
      : join(options.keep, `${basename(engine)}-${records}-${options.seed}`)
  const job: Job = { ...options, engine, records, folder, phases: ["query"] }
  const run = (part: Partial<Job>) => runPhase({ ...job, ...part }, onProgress, signal)
  try {
    let phase: PhaseResult = {}
    let idsQuery: EngineResult["idsQuery"]
    if (entry.inMemory) {
      phase = await run({ phases: ["ingest", "query"] })
    } else {
      const ingest = await ingestOnce(job, () => run({ phases: ["ingest"] }))
      const idShapes = options.shapes.filter((shape) => ID_SHAPES.includes(shape))
      if (entry.idsMemory !== undefined && idShapes.length > 0) {
        const memory = entry.idsMemory
        idsQuery = { memory, ...queryOf(await run({ memory, shapes: idShapes })) }
      }
      phase = { ...(await run({})), ingest }
    }
    const result: EngineResult = {
      engine,
      label: entry.label,
      settings: entry.settings,
      isOurs: entry.isOurs ?? false,
      isServer: entry.needs !== undefined,
      load: [loadBefore, loadavg()[0]],
      ingest: phase.ingest ?? null,
      query: queryOf(phase),
      ...(idsQuery && { idsQuery }),
    }
    return { result, answers: phase.answers ?? [] }
  } finally {
    if (options.keep === undefined) await discard(job)
  }
}

/** Ingests, or reads what ingesting brought when the files that are kept were made. */
async function ingestOnce(job: Job, ingest: () => Promise<PhaseResult>): Promise<IngestResult> {
  const note = join(job.folder, "ingest.json")
  if (existsSync(note)) return JSON.parse(await readFile(note, "utf8"))
  // What is there was not finished.
  await discard(job)
  await mkdir(job.folder, { recursive: true })
  const { ingest: result } = await ingest()
  if (result === undefined) throw new Error("its process put nothing.")
  await writeFile(note, JSON.stringify(result))
  return result
}

async function discard(job: Job): Promise<void> {
  if (entryOf(job.engine).needs !== undefined) await (await loadEngine(job.engine)).remove?.(job)
  await rm(job.folder, { recursive: true, force: true })
}

function queryOf({ query }: PhaseResult): QueryResult {
  if (query === undefined) throw new Error("its process asked nothing.")
  return query
}
