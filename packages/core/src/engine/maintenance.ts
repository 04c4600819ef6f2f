import type { LongCallOptions } from "../api/read-options.ts"
import type { BuildingStats } from "../api/stats.ts"
import { TierdexError } from "../errors.ts"
import type { Store } from "../store/store.ts"
import { compact } from "./compact.ts"
import { Flusher } from "./flush.ts"
import { Merger } from "./merge.ts"
import { segmentsTooMany } from "./merge-policy.ts"
import type { OpenSegment } from "./open-segment.ts"
import { Reclaimer } from "./reclaim.ts"
import { SegmentMaker } from "./segment-maker.ts"
import type { State } from "./state.ts"
import { waitFor } from "./wait-for.ts"
import { type Room, tooLarge, type Writer } from "./writer.ts"

/** Past these the log takes too long to replay: about a second on a slow machine. */
const MAX_LOG_BYTES = 96 * 2 ** 20
const MAX_LOG_OPERATIONS = 400_000
/** Writers wait for merging while it has so many segments to take away. */
const MAX_TOO_MANY = 24

/**
 * Moves what was written into segments and keeps their number small, beside the writer, who waits
 * where that falls behind.
 */
export class Maintenance implements Room {
  readonly #state: State
  readonly #writer: () => Writer
  readonly #stop = new AbortController()
  readonly #maker: SegmentMaker
  readonly #reclaimer: Reclaimer
  readonly #flusher: Flusher
  readonly #merger: Merger
  /** The segments that were last counted, and how many of them merging will take away. */
  #counted: { readonly segments: readonly OpenSegment[]; readonly tooMany: number } | undefined

  constructor(state: State, store: Store, writer: () => Writer) {
    this.#state = state
    this.#writer = writer
    const maker = new SegmentMaker(state, store, this.#stop.signal)
    const reclaimer = new Reclaimer(state, store)
    const merger = new Merger(state, maker, reclaimer, writer)
    this.#flusher = new Flusher(state, maker, reclaimer, writer, () => merger.start())
    this.#maker = maker
    this.#reclaimer = reclaimer
    this.#merger = merger
  }

  get flushes(): number {
    return this.#flusher.flushes
  }

  get merges(): number {
    return this.#merger.merges
  }

  get building(): readonly BuildingStats[] {
    return this.#maker.building
  }

  get buildingBytes(): number {
    return this.#maker.buildingBytes
  }

  /** Frees what a crash left behind; new segments wait for it. */
  start(leftovers: readonly number[]): void {
    this.#flusher.hold(this.#reclaimer.leftovers(leftovers))
  }

  reserve(): Promise<void> | undefined {
    if (this.#isFull()) {
      if (this.#flusher.running !== undefined) return this.#flusher.running
      this.#flusher.start()
    }
    const { running } = this.#merger
    return running !== undefined && this.#isBehind() ? running : undefined
  }

  #isFull(): boolean {
    const { log } = this.#state
    // Deletes and marks fill the log alone.
    if (log.bytes >= MAX_LOG_BYTES || log.operations >= MAX_LOG_OPERATIONS) return true
    return this.#flusher.isDue
  }

  /** Whether there are more segments than merging will leave, by far. */
  #isBehind(): boolean {
    const { segments } = this.#state
    if (segments.length <= MAX_TOO_MANY) return false
    if (this.#counted?.segments !== segments) {
      const tooMany = segmentsTooMany(segments, this.#merger.shareBytes)
      this.#counted = { segments, tooMany }
    }
    return this.#counted.tooMany > MAX_TOO_MANY
  }

  /** The most bytes of operations that one atomic write takes. */
  get maxBatchBytes(): number {
    return Math.min(MAX_LOG_BYTES, this.#state.options.budget?.memtable ?? MAX_LOG_BYTES)
  }

  /** @throws TIERDEX_MEMORY_EXCEEDED if a batch is too large for one atomic write */
  checkSize(bytes: number): void {
    if (bytes > this.maxBatchBytes) throw tooLarge(bytes, this.maxBatchBytes)
  }

  /** Moves all writes so far into segments and makes them durable. */
  async flush(): Promise<void> {
    await this.#flusher.flush()
  }

  /** Makes all writes so far durable where they are. */
  async sync(): Promise<void> {
    await this.#writer().task(() => this.#maker.writeManifest())
  }

  /** Flushes, then merges until as few segments as possible are left. */
  async compact(options: LongCallOptions): Promise<void> {
    await waitFor(this.#flusher.flush(), options.signal)
    await compact(this.#state, this.#maker, this.#merger, options)
  }

  /**
   * Empties the index with one write of the manifest. What is being flushed or merged meanwhile
   * comes to nothing.
   */
  async clear(): Promise<void> {
    const state = this.#state
    let reclaiming: Promise<void> | undefined
    await this.#writer().task(async () => {
      this.#maker.check()
      await this.#maker.writeManifest([], state.sequence)
      state.empty()
      state.flushedSequence = state.sequence
      state.forgetLog()
      // Begun here, so that closing, which may be next, waits for it.
      reclaiming = this.#reclaimer.log(state.flushedSequence)
    })
    try {
      await reclaiming
    } catch (error) {
      throw state.fail(error)
    }
  }

  /** Ends merging and waits for what cannot be left half done. */
  async stop(): Promise<void> {
    this.#stop.abort(new TierdexError("TIERDEX_CLOSED", "The index is being closed."))
    await this.#flusher.running
    await this.#merger.settle()
    await this.#reclaimer.settle()
  }
}
