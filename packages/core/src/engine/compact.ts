import type { LongCallOptions } from "../api/read-options.ts"
import type { Merger } from "./merge.ts"
import { chooseCompaction } from "./merge-policy.ts"
import type { SegmentMaker } from "./segment-maker.ts"
import type { State } from "./state.ts"
import { waitFor } from "./wait-for.ts"

/**
 * Merges until as few segments as possible are left. What is flushed meanwhile may stay apart: else
 * there would be no end to it under a stream of writes.
 */
export async function compact(
  state: State,
  maker: SegmentMaker,
  merger: Merger,
  { signal, onProgress }: LongCallOptions,
): Promise<void> {
  const { nextSegment } = state
  let done = 0
  for (;;) {
    await waitFor(merger.settle(), signal)
    maker.check()
    if (merger.running !== undefined) continue
    const run = chooseCompaction(state.segments)
    const inputs = state.segments.slice(run?.from, run?.to)
    if (run === undefined || inputs.every(({ number }) => number >= nextSegment)) break
    const total = inputs.reduce((sum, { bytes }) => sum + bytes, 0)
    const share = total / (state.fields.size + 1)
    const onField = () => {
      done += share
      onProgress?.({ done: Math.round(done), total: undefined, unit: "bytes" })
    }
    await merger.merge(run, { signal, onField })
  }
  onProgress?.({ done: Math.round(done), total: Math.round(done), unit: "bytes" })
}
