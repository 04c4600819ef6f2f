import type { BuildJob } from "../build/job.ts"
import type { BuildOptions } from "../build/thread.ts"
import { mergeBytes, readAhead, writeBytesOf } from "../segment/build-memory.ts"
import type { SegmentMeta } from "../segment/segment.ts"
import { chooseMerge, type MergeRun } from "./merge-policy.ts"
import type { OpenSegment } from "./open-segment.ts"
import type { Reclaimer } from "./reclaim.ts"
import type { Origin, SegmentMaker } from "./segment-maker.ts"
import type { State } from "./state.ts"
import { closedError } from "./view.ts"
import type { Writer } from "./writer.ts"

/** Pages that have been read take less than so many times their bytes in the store. */
const MAX_DECODED = 4

/** A segment that is merged, with its records as they are when that begins. */
interface Input extends Origin {
  readonly open: OpenSegment
}

/** Merges neighbouring segments, one run at a time. */
export class Merger {
  readonly #state: State
  readonly #maker: SegmentMaker
  readonly #reclaimer: Reclaimer
  readonly #writer: () => Writer
  #running: Promise<void> | undefined
  merges = 0

  constructor(state: State, maker: SegmentMaker, reclaimer: Reclaimer, writer: () => Writer) {
    this.#state = state
    this.#maker = maker
    this.#reclaimer = reclaimer
    this.#writer = writer
  }

  /** What a merge may take. */
  get shareBytes(): number {
    return this.#state.options.budget?.merge ?? Number.POSITIVE_INFINITY
  }

  /** The merge that is under way, if there is one. It never fails. */
  get running(): Promise<void> | undefined {
    return this.#running
  }

  /**
   * Starts to merge what the policy chooses, unless a merge is running. One that fails to read
   * leaves its segments as they are, until the next flush.
   */
  start(): void {
    if (this.#running !== undefined || this.#maker.isStopped) return
    const run = chooseMerge(this.#state.segments, this.shareBytes)
    if (run === undefined || this.#state.failure !== undefined) return
    this.merge(run).then(
      () => this.start(),
      () => {},
    )
  }

  /** Merges a run of neighbouring segments into one. No other merge may be running. */
  merge(run: MergeRun, options: BuildOptions = {}): Promise<void> {
    const work = this.#merge(run, options).finally(() => {
      this.#running = undefined
    })
    this.#running = work.catch(() => {})
    return work
  }

  async #merge(run: MergeRun, options: BuildOptions): Promise<void> {
    const state = this.#state
    const inputs = state.segments
      .slice(run.from, run.to)
      .map((open): Input => ({ open, before: open.live.view(), now: open.live }))
    for (const { open } of inputs) open.pins++
    const number = this.#maker.number()
    let isInstalled = false
    try {
      const isEmpty = inputs.every(({ before }) => before.size === 0)
      const meta = isEmpty ? undefined : await this.#make(number, inputs, options)
      await this.#writer().urgent(async () => {
        const first = state.segments.indexOf(inputs[0].open)
        if (first < 0) return // The index was cleared.
        const merged = meta === undefined ? [] : [this.#maker.open(meta, inputs)]
        const segments = state.segments.toSpliced(first, inputs.length, ...merged)
        await this.#maker.writeManifest(segments)
        state.install(segments)
        isInstalled = true
      })
      this.merges++
    } catch (error) {
      throw this.#maker.isStopped ? closedError("The index") : error
    } finally {
      // At closing the pages are left to the next opening.
      if (!isInstalled && !this.#maker.isStopped && state.failure === undefined) {
        this.#reclaimer.segment(number)
      }
      for (const { open } of inputs) state.unpin(open)
    }
  }

  async #make(
    segment: number,
    inputs: readonly Input[],
    options: BuildOptions,
  ): Promise<SegmentMeta> {
    const { shareBytes } = this
    const segments = inputs.map(({ open }) => open)
    const bytes = segments.reduce((sum, open) => sum + open.bytes, 0)
    const own = mergeBytes(segments, shareBytes)
    const pages = Math.max(0, Math.min(shareBytes - own, bytes * MAX_DECODED))
    const job: BuildJob = {
      type: "merge",
      segment,
      inputs: inputs.map(({ open, before }) => ({ meta: open.segment.meta, live: before })),
      fieldNames: this.#state.fields.paths,
      readAhead: readAhead(pages, inputs.length),
      writeBytes: writeBytesOf(shareBytes),
    }
    return await this.#maker.make(job, { bytes, memory: own + pages }, options)
  }

  /** Waits until no merge is running and none is due. */
  async settle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }
}
