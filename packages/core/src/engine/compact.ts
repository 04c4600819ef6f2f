import type { LongCallOptions } from "../api/read-options.ts"
import type { Merger } from "./merge.ts"
import { chooseCompaction, type MergeCandidate } from "./merge-policy.ts"
import type { SegmentMaker } from "./segment-maker.ts"
import type { State } from "./state.ts"
import { waitFor } from "./wait-for.ts"

/**
 * Merges until as few segments as possible are left. What is flushed or deleted meanwhile may stay:
 * else there would be no end to it under a stream of writes.
 */
export async function compact(
  state: State,
  maker: SegmentMaker,
  merger: Merger,
  { signal, onProgress }: LongCallOptions,
): Promise<void> {
  const { nextSegment, flushedSequence } = state
  let done = 0
  for (;;) {
    await waitFor(merger.settle(), signal)
    maker.check()
    if (merger.running !== undefined) continue
    const old = state.segments.filter(
      ({ segment }) => segment.meta.firstSequence <= flushedSequence,
    )
    const candidates = old.map((open) => (open.number < nextSegment ? open : withoutDead(open)))
    const run = chooseCompaction(candidates, merger.shareBytes)
    if (run === undefined) break
    const inputs = old.slice(run.from, run.to)
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

/** A segment that is not written anew for its dead. */
function withoutDead({ size, bytes, maxDistinct, maxArray }: MergeCandidate): MergeCandidate {
  return { size, dead: 0, bytes, maxDistinct, maxArray }
}
