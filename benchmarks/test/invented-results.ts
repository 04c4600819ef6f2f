import { ENGINES } from "../src/engines.ts"
import type { EngineResult, Results } from "../src/results.ts"
import { shapes } from "../src/shapes.ts"

/** Results that nobody measured: rivals take 2 ms for everything, tierdex 1 ms. */
export function inventedResults(
  records: number,
  { slow }: { readonly slow?: string } = {},
): Results {
  const memory = { anonymous: 100e6, file: 50e6 }
  const engines = ["tierdex-lmdb", "tierdex-memory", "sqlite", "duckdb"].map((name) => {
    const { label, settings, isOurs = false, inMemory = false } = ENGINES[name]
    const p50Of = (shape: string) => (isOurs ? (shape === slow ? 4 : 1) : 2)
    const result: EngineResult = {
      ...{ engine: name, label, settings, isOurs, isServer: false, load: [1, 1] },
      ingest: {
        ...{ putMs: 500, finishMs: 300, settleMs: 200, closeMs: 1, generatingMs: 100, cpuMs: 900 },
        ...{
          recordsPerSecond: records,
          recordsPerSecondGenerated: records,
          worstDelayMs: 20,
          peakMemory: memory,
        },
        ...{ peakFileBytes: 40e6, fileBytes: 30e6, usedBytes: inMemory ? null : 20e6 },
      },
      query: {
        reopen: inMemory ? null : { openMs: 5, firstAnswerMs: 10 },
        shapes: shapes.map(({ name: shape }) => ({
          ...{ shape, draws: 50, p50Ms: p50Of(shape), p99Ms: 9, found: 3, pagesRead: null },
        })),
        peakMemory: memory,
        steadyMemory: memory,
      },
    }
    return result
  })
  return {
    format: 1,
    date: "2026-01-01T00:00:00.000Z",
    commit: "0".repeat(40),
    machine: { node: "v24", platform: "any", cpu: "any <cpu>", cpus: 2, memoryBytes: 8e9 },
    ...{ records, seed: 1, draws: 50, trials: 1, memory: "256 MiB", durability: "os" },
    ...{ load: [1, 1], versions: { "@tierdex/core": "0.0.0" }, engines, leftOut: [], faults: [] },
  }
}
