import type { EngineResult, Results, ShapeResult } from "./results.ts"
import { shapes } from "./shapes.ts"

/** Stands for tierdex where it is held against others. */
export const OURS = "tierdex-lmdb"

/** One shape, ours beside the fastest of the others. */
export interface Ratio {
  readonly shape: string
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
  const ratios: Ratio[] = []
  for (const { name } of shapes) {
    const oursMs = ours && shapeOf(ours, name)?.p50Ms
    const others = rivals
      .map((rival) => ({ rival: rival.label, rivalMs: shapeOf(rival, name)?.p50Ms }))
      .filter((other): other is { rival: string; rivalMs: number } => other.rivalMs !== undefined)
      .sort((a, b) => a.rivalMs - b.rivalMs)
    if (oursMs === undefined || others.length === 0) continue
    ratios.push({ shape: name, oursMs, ...others[0], times: others[0].rivalMs / oursMs })
  }
  return ratios
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

export function shapeOf(engine: EngineResult, name: string): ShapeResult | undefined {
  return engine.query.shapes.find(({ shape }) => shape === name)
}
