import { PageCache } from "../cache/page-cache.ts"
import type { Steps } from "../cache/steps.ts"
import { FrozenMemtable, type MemtableImage } from "../memtable/frozen-memtable.ts"
import type { PageSource } from "../pages/page-file.ts"
import { PageSink } from "../pages/page-sink.ts"
import { LiveView } from "../parts/live-set.ts"
import type { ReadAhead } from "../segment/build-memory.ts"
import { flushMemtable } from "../segment/flush.ts"
import { type MergeInput, mergeSegments } from "../segment/merge.ts"
import { Segment, type SegmentMeta } from "../segment/segment.ts"
import type { Store } from "../store/store.ts"

/** What a live view is made of, so that it can go to another thread. */
export type LiveImage = Pick<LiveView, "universe" | "dead" | "chunks">

/** A segment to be made: of a frozen memtable, or of segments. Plain data, for any thread. */
export type BuildJob = FlushJob | MergeJob

export interface FlushJob {
  readonly type: "flush"
  /** The number of the new segment. */
  readonly segment: number
  readonly memtable: MemtableImage
  readonly live: LiveImage
  /** About as much is handed to the store at a time. */
  readonly writeBytes: number
}

export interface MergeJob {
  readonly type: "merge"
  readonly segment: number
  /** Neighbours, from the oldest. */
  readonly inputs: readonly { readonly meta: SegmentMeta; readonly live: LiveImage }[]
  /** Paths of fields by number, for messages. */
  readonly fieldNames: readonly string[]
  readonly readAhead: ReadAhead
  /** About as much is handed to the store at a time. */
  readonly writeBytes: number
}

/** What of a store is needed to make a segment. */
export type PageStore = Pick<Store, "capabilities" | "get" | "getMany" | "write">

/** Makes a segment: writes its pages, not durably, and returns what the manifest will say of it. */
export function* buildSegment(
  job: BuildJob,
  store: PageStore,
  onField: () => void,
): Steps<SegmentMeta> {
  const sink = new PageSink(store, job.writeBytes)
  const meta =
    job.type === "flush"
      ? yield* flushMemtable(new FrozenMemtable(job.memtable), viewOf(job.live), job.segment, sink)
      : yield* mergeSegments(inputsOf(job, store), job.segment, sink, job.readAhead.pages, onField)
  yield* sink.finish()
  return { ...meta, bytes: sink.bytes }
}

/** The inputs of a merge through a cache of its own: what it reads once, queries may never. */
function inputsOf({ inputs, fieldNames, readAhead }: MergeJob, store: PageStore): MergeInput[] {
  const cache = new PageCache(readAhead.cacheBytes)
  const source: PageSource = {
    store,
    openFile: () => cache.openFile(),
    fieldName: (field) => fieldNames[field],
  }
  return inputs.map(({ meta, live }) => ({
    segment: new Segment(source, meta, { checked: 0, excluded: 0 }),
    live: viewOf(live),
  }))
}

function viewOf({ universe, dead, chunks }: LiveImage): LiveView {
  return new LiveView(universe, dead, chunks)
}
