import type { EngineResult, Results, ShapeResult } from "./results.ts"
import { shapes } from "./shapes.ts"

/** Stands for tierdex where it is held against others. */
export const OURS = "tierdex-lmdb"

/** One shape, ours beside the fastest of the others. */
export interface Ratio {
  readonly shape: string
  /** Of ours, if it is not that of the run. */
  readonly memory?: string
  readonly oursMs: number
  readonly rival: string
  readonly rivalMs: number
  /** How many times faster ours is; below 1, slower. */
  readonly times: number
}

/** Empty if either side is not in the results. */
export function ratiosOf({ engines }: Results): Ratio[] {
  const ours = engines.find(({ engine }) => engine === OURS)
  const rivals = engines.filter(({ isOurs }) => !isOurs)
  return shapes.flatMap(({ name }) => {
    const [best] = rivals
      .map((rival) => ({ rival: rival.label, rivalMs: shapeOf(rival, name)?.p50Ms ?? Infinity }))
      .sort((a, b) => a.rivalMs - b.rivalMs)
    if (best === undefined || best.rivalMs === Infinity) return []
    const ratio = (oursMs: number | undefined, memory?: string): Ratio[] =>
      oursMs === undefined
        ? []
        : [
            {
              shape: name,
              ...(memory && { memory }),
              oursMs,
              ...best,
              times: best.rivalMs / oursMs,
            },
          ]
    const larger = ours?.idsQuery?.shapes.find(({ shape }) => shape === name)
    return [
      ...ratio(ours && shapeOf(ours, name)?.p50Ms),
      ...ratio(larger?.p50Ms, ours?.idsQuery?.memory),
    ]
  })
}

/** The geometric mean over the shapes, each once. */
export function meanTimes(ratios: readonly Ratio[]): number {
  const logs = ratios
    .filter(({ memory }) => memory === undefined)
    .map(({ times }) => Math.log(times))
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
}

export function shapeOf(engine: EngineResult, name: string): ShapeResult | undefined {
  return engine.query.shapes.find(({ shape }) => shape === name)
}
