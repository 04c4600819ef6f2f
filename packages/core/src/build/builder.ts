import { availableParallelism } from "node:os"
import { drive } from "../cache/steps.ts"
import type { SegmentMeta } from "../segment/segment.ts"
import { type BuildJob, buildSegment, type PageStore } from "./job.ts"
import { type BuildOptions, BuildThread, ThreadLost } from "./thread.ts"

/** Threads of this process that make segments, for all its indexes: one core is left to others. */
const MAX_THREADS = Math.max(1, Math.min(4, availableParallelism() - 1))

/** Bytes of a memtable, or of the segments of a merge, below which a thread is not worth its start. */
export const SMALL_BYTES = 2 ** 20

const threads = new Set<BuildThread>()
/** Whether threads start here: not where a bundler has left their module out. */
let isSupported = true

/**
 * Makes a segment. What is small is done in slices on this thread, all else on one of its own, so
 * that neither writes nor queries wait for it; what a lost thread leaves is done again here.
 * @param isSmall whether starting a thread takes longer than the work
 */
export async function build(
  job: BuildJob,
  store: PageStore,
  isSmall: boolean,
  options: BuildOptions = {},
): Promise<SegmentMeta> {
  const { onField = () => {}, onStart = () => {}, signal } = options
  /** Fields that were done on a thread: they are done already for who counts them. */
  let lost = 0
  if (!isSmall && isSupported) {
    try {
      const thread = leastLoaded()
      onStart(true)
      const onDone = () => {
        lost++
        onField()
      }
      return await thread.run(job, store, { signal, onField: onDone })
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error
      if (!error.hasRun) isSupported = false
    }
  }
  onStart(false)
  const onDone = () => {
    if (lost > 0) lost--
    else onField()
  }
  return await drive(buildSegment(job, store, onDone), { signal })
}

function leastLoaded(): BuildThread {
  let best: BuildThread | undefined
  for (const thread of threads) if (best === undefined || thread.load < best.load) best = thread
  if (best !== undefined && (best.load === 0 || threads.size === MAX_THREADS)) return best
  return start()
}

function start(): BuildThread {
  try {
    const started: BuildThread = new BuildThread(() => threads.delete(started))
    threads.add(started)
    return started
  } catch (error) {
    throw new ThreadLost(false, error)
  }
}
