import type { LongCallOptions } from "../api/read-options.ts"
import { build, SMALL_BYTES } from "../build/builder.ts"
import type { BuildJob, PageStore } from "../build/job.ts"
import type { BuildOptions } from "../build/thread.ts"
import { TierdexError, throwIfAborted } from "../errors.ts"
import { Memtable } from "../memtable/memtable.ts"
import { logKey, segmentKey } from "../pages/keys.ts"
import { LiveSet, type LiveView } from "../parts/live-set.ts"
import { OrdinalMap } from "../segment/ordinal-map.ts"
import { Segment, type SegmentMeta } from "../segment/segment.ts"
import type { Store } from "../store/store.ts"
import {
  chooseCompaction,
  chooseMerge,
  type MergeCandidate,
  type MergeRun,
} from "./merge-policy.ts"
import { eachKilled, OpenSegment } from "./open-segment.ts"
import type { State } from "./state.ts"
import { closedError } from "./view.ts"
import { type Room, tooLarge, type Writer } from "./writer.ts"

/** Past these the log takes too long to replay: about a second on a slow machine. */
const MAX_LOG_BYTES = 96 * 2 ** 20
const MAX_LOG_OPERATIONS = 400_000
/** Writers wait for merging beyond this many segments. */
const MAX_SEGMENTS = 32

/** Moves what was written into segments and keeps their number small, beside the writer. */
export class Maintenance implements Room {
  readonly #state: State
  readonly #store: Store
  /** The store as segments are made with it: a page that is not written dooms the index. */
  readonly #pages: PageStore
  readonly #writer: () => Writer
  #flushing: Promise<void> | undefined
  #merging: Promise<void> | undefined
  readonly #reclaiming = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  flushes = 0
  merges = 0
  constructor(state: State, store: Store, writer: () => Writer) {
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
    this.#writer = writer
    state.onUnused = (segment) => {
      // After a failed write the manifest in the store may still name it.
      if (state.failure === undefined) this.#reclaim(segment.number)
    }
  }

  /** Frees what a crash left behind; new segments wait for it. */
  start(leftovers: readonly number[]): void {
    this.#flushing = this.#clear(leftovers)
  }

  async #clear(leftovers: readonly number[]): Promise<void> {
    const { flushedSequence, nextSegment } = this.#state
    try {
      await this.#store.deleteRange({ gte: segmentKey(nextSegment), lt: segmentKey(2 ** 32 - 1) })
      for (const segment of leftovers) await this.#free(segment)
      await this.#freeLog(flushedSequence)
    } catch (error) {
      this.#state.fail(error)
    } finally {
      this.#flushing = undefined
    }
  }

  reserve(): Promise<void> | undefined {
    if (this.#isFull()) {
      if (this.#flushing !== undefined) return this.#flushing
      this.#freeze()
    }
    return this.#state.segments.length > MAX_SEGMENTS ? this.#merging : undefined
  }

  #isFull(): boolean {
    const { active, log, options } = this.#state
    // Deletes and marks fill the log alone.
    if (log.bytes >= MAX_LOG_BYTES || log.operations >= MAX_LOG_OPERATIONS) return true
    if (active.size === 0) return false
    return active.byteLength >= (options.budget?.memtable ?? Number.POSITIVE_INFINITY)
  }

  /** Makes the active memtable the frozen one and starts to flush it. Between writes only. */
  #freeze(): void {
    const state = this.#state
    const memtable = state.active
    state.frozen = memtable
    state.active = new Memtable()
    const sequence = state.sequence
    this.#forgetLog()
    this.#flushing = this.#flush(memtable, memtable.live.view(), sequence)
  }

  async #flush(memtable: Memtable, live: LiveView, sequence: number): Promise<void> {
    const state = this.#state
    try {
      const meta =
        live.size === 0 ? undefined : await this.#flushTo(this.#newSegment(), memtable, live)
      await this.#writer().urgent(async () => {
        if (state.frozen === memtable) {
          const added = meta === undefined ? [] : [this.#openFlushed(meta, memtable, live)]
          const segments = [...state.segments, ...added]
          await this.#writeManifest(segments, sequence)
          state.install(segments)
          state.frozen = undefined
          state.flushedSequence = sequence
        } else if (meta !== undefined) this.#reclaim(meta.segment) // The index was cleared.
      })
      await this.#freeLog(sequence)
      this.flushes++
    } catch (error) {
      // At closing, what is not flushed stays in the log.
      if (!this.#stop.signal.aborted) state.fail(error)
    } finally {
      this.#flushing = undefined
    }
    this.#merge()
  }

  #newSegment(): number {
    const segment = this.#state.nextSegment++
    // Until a manifest names it, it is to be dropped.
    this.#state.drops.add(segment)
    return segment
  }

  async #flushTo(segment: number, memtable: Memtable, live: LiveView): Promise<SegmentMeta> {
    const job: BuildJob = { type: "flush", segment, memtable: memtable.image, live }
    return await this.#build(job, memtable.byteLength)
  }

  /** Makes a segment, as long as the index is not closed. */
  async #build(job: BuildJob, bytes: number, options: BuildOptions = {}): Promise<SegmentMeta> {
    const { signal, ...rest } = options
    const stop = this.#stop.signal
    const either = signal === undefined ? stop : AbortSignal.any([signal, stop])
    return await build(job, this.#pages, bytes < SMALL_BYTES, { ...rest, signal: either })
  }

  #openFlushed(meta: SegmentMeta, memtable: Memtable, frozen: LiveView): OpenSegment {
    const live = new LiveSet(meta.size)
    const map = new OrdinalMap(frozen, 0)
    eachKilled(frozen, memtable.live.view(), (ordinal) => live.kill(map.get(ordinal)))
    return this.#open(meta, live)
  }

  #open(meta: SegmentMeta, live: LiveSet): OpenSegment {
    const source = this.#state.pages(this.#store)
    return new OpenSegment(new Segment(source, meta, this.#state.bloom), live)
  }

  /** What it says is to take effect once this resolves. */
  async #writeManifest(
    segments: readonly OpenSegment[] = this.#state.segments,
    flushedSequence = this.#state.flushedSequence,
  ): Promise<void> {
    // It would name live sets that went down with the write that failed.
    if (this.#state.failure !== undefined) throw this.#state.failure
    // Records may bring new fields while it is being written.
    const fields = this.#state.fields.size
    try {
      const ops = this.#state.manifestOps(segments, flushedSequence)
      await this.#store.write(ops, { durable: true })
      this.#state.loggedFields = fields
    } catch (error) {
      throw this.#state.fail(error)
    }
  }

  /**
   * Starts to merge what the policy chooses, unless a merge is running. One that fails to read
   * leaves its segments as they are, until the next flush.
   */
  #merge(): void {
    if (this.#merging !== undefined || this.#stop.signal.aborted) return
    const run = chooseMerge(this.#state.segments.map(candidate))
    if (run === undefined || this.#state.failure !== undefined) return
    this.#merging = this.mergeRun(run, undefined, () => {}).then(
      () => {
        this.#merging = undefined
        this.#merge()
      },
      () => {
        this.#merging = undefined
      },
    )
  }

  /** Merges a run of neighbouring segments into one. */
  async mergeRun(
    run: MergeRun,
    signal: AbortSignal | undefined,
    onField: () => void,
  ): Promise<void> {
    const state = this.#state
    const inputs = state.segments.slice(run.from, run.to).map((open) => ({
      open,
      segment: open.segment,
      live: open.live.view(),
    }))
    for (const { open } of inputs) open.pins++
    const number = this.#newSegment()
    let isInstalled = false
    try {
      const isEmpty = inputs.every(({ live }) => live.size === 0)
      const meta = isEmpty ? undefined : await this.#mergeTo(number, inputs, { signal, onField })
      await this.#writer().urgent(async () => {
        const first = state.segments.indexOf(inputs[0].open)
        if (first < 0) return // The index was cleared.
        const merged = meta === undefined ? [] : [this.#openMerged(meta, inputs)]
        const segments = state.segments.toSpliced(first, inputs.length, ...merged)
        await this.#writeManifest(segments)
        state.install(segments)
        isInstalled = true
      })
      this.merges++
    } finally {
      // At closing the pages are left to the next opening.
      if (!isInstalled && !this.#stop.signal.aborted && state.failure === undefined) {
        this.#reclaim(number)
      }
      for (const { open } of inputs) state.unpin(open)
    }
  }

  async #mergeTo(
    segment: number,
    inputs: readonly { readonly segment: Segment; readonly live: LiveView }[],
    options: BuildOptions,
  ): Promise<SegmentMeta> {
    const { fields, options: engine } = this.#state
    const job: BuildJob = {
      type: "merge",
      segment,
      inputs: inputs.map((input) => ({ meta: input.segment.meta, live: input.live })),
      fieldNames: fields.paths,
      cacheBytes: engine.budget?.merge ?? 0,
    }
    const bytes = inputs.reduce((sum, input) => sum + input.segment.meta.bytes, 0)
    return await this.#build(job, bytes, options)
  }

  #openMerged(
    meta: SegmentMeta,
    inputs: readonly { readonly open: OpenSegment; readonly live: LiveView }[],
  ): OpenSegment {
    const live = new LiveSet(meta.size)
    let base = 0
    for (const input of inputs) {
      const map = new OrdinalMap(input.live, base)
      eachKilled(input.live, input.open.live.view(), (ordinal) => live.kill(map.get(ordinal)))
      base += input.live.size
    }
    return this.#open(meta, live)
  }

  #reclaim(segment: number): void {
    const work = this.#free(segment).catch((error: unknown) => {
      this.#state.fail(error)
    })
    this.#reclaiming.add(work)
    void work.finally(() => this.#reclaiming.delete(work))
  }

  async #free(segment: number): Promise<void> {
    await this.#store.deleteRange({ gte: segmentKey(segment), lt: segmentKey(segment + 1) })
    this.#state.drops.delete(segment)
  }

  /** Frees the log up to a sequence number. */
  async #freeLog(sequence: number): Promise<void> {
    await this.#store.deleteRange({ gte: logKey(0, 0), lt: logKey(sequence + 1, 0) })
  }

  /** Moves all writes so far into segments and makes them durable. */
  async flush(): Promise<void> {
    const state = this.#state
    let own: Promise<void> | undefined
    let wanted = 0
    while (own === undefined) {
      // One memtable is flushed at a time.
      await this.#flushing
      await this.#writer().task(async () => {
        this.#check()
        if (this.#flushing !== undefined) return
        wanted = state.sequence
        if (wanted > state.flushedSequence) this.#freeze()
        own = this.#flushing ?? Promise.resolve()
      })
    }
    await own
    if (state.failure !== undefined || state.flushedSequence < wanted) this.#check()
  }

  /**
   * Empties the index with one write of the manifest. What is being flushed or merged meanwhile
   * comes to nothing.
   */
  async clear(): Promise<void> {
    const state = this.#state
    await this.#writer().task(async () => {
      this.#check()
      await this.#writeManifest([], state.sequence)
      state.empty()
      state.flushedSequence = state.sequence
      this.#forgetLog()
    })
    try {
      await this.#freeLog(state.flushedSequence)
    } catch (error) {
      throw state.fail(error)
    }
  }

  /** Throws if nothing is written any more. */
  #check(): void {
    if (this.#state.failure !== undefined) throw this.#state.failure
    if (this.#stop.signal.aborted) throw closedError("The index")
  }

  /**
   * Flushes, then merges until as few segments as possible are left. What is flushed meanwhile may
   * stay apart: else there would be no end to it under a stream of writes.
   */
  async compact({ signal, onProgress }: LongCallOptions): Promise<void> {
    await this.flush()
    const { nextSegment } = this.#state
    let done = 0
    for (;;) {
      await this.settle()
      throwIfAborted(signal)
      this.#check()
      if (this.#merging !== undefined) continue
      const run = chooseCompaction(this.#state.segments.map(candidate))
      const inputs = this.#state.segments.slice(run?.from, run?.to)
      if (run === undefined || inputs.every(({ number }) => number >= nextSegment)) break
      const total = inputs.reduce((sum, { segment }) => sum + segment.meta.bytes, 0)
      const fields = this.#state.fields.size + 1
      const share = total / fields
      const merging = this.mergeRun(run, signal, () => {
        done += share
        onProgress?.({ done: Math.round(done), total: undefined, unit: "bytes" })
      })
      this.#merging = merging
        .catch(() => {})
        .finally(() => {
          this.#merging = undefined
        })
      try {
        await merging
      } catch (error) {
        throw this.#stop.signal.aborted ? closedError("The index") : error
      }
    }
    onProgress?.({ done: Math.round(done), total: Math.round(done), unit: "bytes" })
  }

  /** @throws TIERDEX_MEMORY_EXCEEDED if a batch is too large for one atomic write */
  checkSize(bytes: number): void {
    const limit = Math.min(MAX_LOG_BYTES, this.#state.options.budget?.memtable ?? MAX_LOG_BYTES)
    if (bytes > limit) throw tooLarge(bytes, limit)
  }

  #forgetLog(): void {
    this.#state.log.bytes = 0
    this.#state.log.entries = 0
    this.#state.log.operations = 0
  }

  /** Makes all writes so far durable where they are. */
  async sync(): Promise<void> {
    await this.#writer().task(() => this.#writeManifest())
  }

  /** Waits until no merge is running and none is due. */
  async settle(): Promise<void> {
    while (this.#merging !== undefined) await this.#merging
  }

  /** Ends merging and waits for what cannot be left half done. */
  async stop(): Promise<void> {
    this.#stop.abort(new TierdexError("TIERDEX_CLOSED", "The index is being closed."))
    await this.#flushing
    await this.settle()
    await Promise.all(this.#reclaiming)
  }
}

function candidate({ segment, live }: OpenSegment): MergeCandidate {
  return { size: segment.size, dead: live.dead, bytes: segment.meta.bytes }
}
