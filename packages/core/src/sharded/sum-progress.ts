import type { Progress } from "../api/read-options.ts"

type OnProgress = (progress: Progress) => void

/** How far a call has come in several shards together: makes a callback for each. */
export function sumProgress(
  onProgress: OnProgress | undefined,
  shards: number,
): (shard: string) => OnProgress | undefined {
  const parts = new Map<string, Progress>()
  return (shard) => {
    if (onProgress === undefined) return undefined
    return (progress) => {
      parts.set(shard, progress)
      const all = [...parts.values()]
      const isKnown = all.length === shards && all.every(({ total }) => total !== undefined)
      onProgress({
        done: all.reduce((sum, { done }) => sum + done, 0),
        total: isKnown ? all.reduce((sum, { total = 0 }) => sum + total, 0) : undefined,
        unit: progress.unit,
      })
    }
  }
}
