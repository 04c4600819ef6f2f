import type { BuildingStats } from "../api/stats.ts"
import { build, SMALL_BYTES } from "../build/builder.ts"
import type { BuildJob, PageStore } from "../build/job.ts"
import type { BuildOptions } from "../build/thread.ts"
import type { CachedPage, CacheFile } from "../cache/page-cache.ts"
import { LiveSet, type LiveView } from "../parts/live-set.ts"
import { OrdinalMap } from "../segment/ordinal-map.ts"
import { Segment, type SegmentMeta } from "../segment/segment.ts"
import type { Store } from "../store/store.ts"
import { eachKilled, OpenSegment } from "./open-segment.ts"
import type { State } from "./state.ts"
import { closedError } from "./view.ts"

/** What a segment was made of: the records of a part that were live when it began. */
export interface Origin {
  readonly before: LiveView
  /** Records of it may be deleted while the segment is made. */
  readonly now: LiveSet
}

/** What it takes to make a segment. */
export interface BuildCosts {
  /** Of what it is made of. */
  readonly bytes: number
  /** What it takes beside that, in bytes and at most. */
  readonly memory: number
}

/** Makes segments, and has the manifest say which of them count, until it is stopped. */
export class SegmentMaker {
  readonly #state: State
  readonly #store: Store
  /** The store as segments are made with it: a page that is not written dooms the index. */
  readonly #pages: PageStore
  readonly #stop: AbortSignal
  readonly #building = new Map<BuildJob, BuildingStats>()
  /** What each job takes at most. */
  readonly #memory = new Map<BuildJob, number>()

  constructor(state: State, store: Store, stop: AbortSignal) {
    this.#state = state
    this.#store = store
    this.#pages = {
      capabilities: store.capabilities,
      get: (key) => store.get(key),
      getMany: (keys) => store.getMany(keys),
      write: async (ops, options) => {
        try {
          await store.write(ops, options)
        } catch (error) {
          throw state.fail(error)
        }
      },
    }
    this.#stop = stop
  }

  /** What is being made. */
  get building(): readonly BuildingStats[] {
    return [...this.#building.values()]
  }

  /** Bytes that all of it takes at most. */
  get buildingBytes(): number {
    return [...this.#memory.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  get isStopped(): boolean {
    return this.#stop.aborted
  }

  /** Throws if nothing is written any more. */
  check(): void {
    if (this.#state.failure !== undefined) throw this.#state.failure
    if (this.isStopped) throw closedError("The index")
  }

  /** The number of a new segment. Until a manifest names it, it is to be dropped. */
  number(): number {
    const segment = this.#state.nextSegment++
    this.#state.drops.add(segment)
    return segment
  }

  async make(
    job: BuildJob,
    { bytes, memory }: BuildCosts,
    options: BuildOptions = {},
  ): Promise<SegmentMeta> {
    const { signal, ...rest } = options
    const either = signal === undefined ? this.#stop : AbortSignal.any([signal, this.#stop])
    const onStart = (onThread: boolean) => {
      this.#building.set(job, { by: job.type, onThread })
    }
    this.#memory.set(job, memory)
    try {
      const all = { ...rest, signal: either, onStart }
      return await build(job, this.#pages, bytes < SMALL_BYTES, all)
    } finally {
      this.#building.delete(job)
      this.#memory.delete(job)
    }
  }

  /** Opens a segment that was made of these, in this order. What was deleted since is dead in it. */
  open(meta: SegmentMeta, origins: readonly Origin[]): OpenSegment {
    const live = new LiveSet(meta.size)
    let base = 0
    for (const { before, now } of origins) {
      const map = new OrdinalMap(before, base)
      eachKilled(before, now.view(), (ordinal) => live.kill(map.get(ordinal)))
      base += before.size
    }
    const files: CacheFile<CachedPage>[] = []
    const source = this.#state.pages(this.#store, this.#state.cache, files)
    return new OpenSegment(new Segment(source, meta, this.#state.bloom), live, files)
  }

  /** Writes the manifest. What it says is to take effect at once when this resolves. */
  async writeManifest(
    segments: readonly OpenSegment[] = this.#state.segments,
    flushedSequence = this.#state.flushedSequence,
  ): Promise<void> {
    const state = this.#state
    // It would name live sets that went down with the write that failed.
    if (state.failure !== undefined) throw state.failure
    try {
      await this.#store.write(state.manifestOps(segments, flushedSequence), { durable: true })
    } catch (error) {
      throw state.fail(error)
    }
  }
}
