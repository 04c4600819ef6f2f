import type { ProcessMemory } from "./process-memory.ts"
import type { Answer } from "./rows.ts"

/** What a run over one number of records measured: what `--out` writes. */
export interface Results {
  readonly format: 1
  readonly date: string
  readonly commit: string
  readonly machine: Machine
  readonly records: number
  readonly seed: number
  readonly draws: number
  readonly trials: number
  /** Of tierdex. */
  readonly memory: string
  readonly durability: string
  /** Over the last minute, before and after. */
  readonly load: readonly [before: number, after: number]
  readonly versions: Readonly<Record<string, string>>
  readonly engines: readonly EngineResult[]
  /** Engines that were asked for and cannot be measured here, each with why. */
  readonly leftOut: readonly string[]
  /** Where engines answered differently, and engines that failed: a run to throw away. */
  readonly faults: readonly string[]
}

export interface Machine {
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cpus: number
  readonly memoryBytes: number
}

/** Figures are medians over the trials. */
export interface EngineResult {
  readonly engine: string
  readonly label: string
  readonly settings: string
  readonly isOurs: boolean
  /** It works in a server of its own, whose memory is not in the figures. */
  readonly isServer: boolean
  readonly load: readonly [before: number, after: number]
  /** Null if the engine had its records already. */
  readonly ingest: IngestResult | null
  readonly query: QueryResult
  /** The shapes that hand out many ids, at a larger budget. */
  readonly idsQuery?: QueryResult & { readonly memory: string }
}

export interface IngestResult {
  /** Putting the records, without generating them. */
  readonly putMs: number
  /** Indexes, statistics, flushes. */
  readonly finishMs: number
  /** After that, until the process came to rest: merging. */
  readonly settleMs: number
  readonly closeMs: number
  /** Over putting, finishing and settling. */
  readonly recordsPerSecond: number
  readonly generatingMs: number
  /** With the time of generating, in which other threads and servers go on. */
  readonly recordsPerSecondGenerated: number
  /** Processor time of this process meanwhile, all threads, with generating. */
  readonly cpuMs: number
  /** The longest that the event loop stood still. */
  readonly worstDelayMs: number
  readonly peakMemory: ProcessMemory | null
  /** The most that the files took meanwhile, and what of them is in use in the end. */
  readonly peakFileBytes: number
  readonly fileBytes: number
  readonly usedBytes: number | null
}

export interface QueryResult {
  /** Null for an engine that cannot be opened again. */
  readonly reopen: {
    readonly openMs: number
    /** From before opening to the first answer. */
    readonly firstAnswerMs: number
  } | null
  readonly shapes: readonly ShapeResult[]
  readonly peakMemory: ProcessMemory | null
  /** After the last question of those that change nothing. */
  readonly steadyMemory: ProcessMemory
}

export interface ShapeResult {
  readonly shape: string
  readonly draws: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Records found by a draw, on average. */
  readonly found: number
  /** Pages that came from the store, of a draw, on average; null if they are not counted. */
  readonly pagesRead: number | null
}

/** The answers to one shape, those of the warm-up first, to be compared with another engine's. */
export interface ShapeAnswers {
  readonly shape: string
  readonly answers: readonly Answer[]
}
