import type { BuildJob } from "../build/job.ts"
import { Memtable } from "../memtable/memtable.ts"
import type { LiveView } from "../parts/live-set.ts"
import { flushBytes, type MemtableSize, writeBytesOf } from "../segment/build-memory.ts"
import type { SegmentMeta } from "../segment/segment.ts"
import type { Reclaimer } from "./reclaim.ts"
import type { SegmentMaker } from "./segment-maker.ts"
import type { State } from "./state.ts"
import type { Writer } from "./writer.ts"

/** Moves memtables into segments, one at a time. */
export class Flusher {
  readonly #state: State
  readonly #maker: SegmentMaker
  readonly #reclaimer: Reclaimer
  readonly #writer: () => Writer
  readonly #onFlushed: () => void
  #running: Promise<void> | undefined
  flushes = 0

  constructor(
    state: State,
    maker: SegmentMaker,
    reclaimer: Reclaimer,
    writer: () => Writer,
    onFlushed: () => void,
  ) {
    this.#state = state
    this.#maker = maker
    this.#reclaimer = reclaimer
    this.#writer = writer
    this.#onFlushed = onFlushed
  }

  /** What is under way, if anything is. It never fails: `State.failure` tells. */
  get running(): Promise<void> | undefined {
    return this.#running
  }

  /** What a memtable may take. */
  get shareBytes(): number {
    return this.#state.options.budget?.memtable ?? Number.POSITIVE_INFINITY
  }

  /**
   * Whether the active memtable is to be flushed before it takes more. It, the frozen one and what
   * a flush takes beside them have two shares of the budget together; a group of writes, which is
   * small, may go past that.
   */
  get isDue(): boolean {
    const { active, frozen } = this.#state
    if (active.size === 0) return false
    const share = this.shareBytes
    const bytes = active.byteLength
    if (bytes + flushBytes(sizeOf(active), share) / 2 >= share) return true
    if (frozen === undefined) return false
    return bytes + frozen.byteLength + flushBytes(sizeOf(frozen), share) >= 2 * share
  }

  /** Keeps flushes back until something is done. */
  hold(work: Promise<void>): void {
    this.#running = work.finally(() => {
      this.#running = undefined
    })
  }

  /** Makes the active memtable the frozen one and starts to flush it. Between writes only. */
  start(): void {
    const state = this.#state
    const memtable = state.active
    state.frozen = memtable
    state.active = new Memtable()
    state.forgetLog()
    this.#running = this.#run(memtable, memtable.live.view(), state.sequence)
  }

  async #run(memtable: Memtable, live: LiveView, sequence: number): Promise<void> {
    const state = this.#state
    try {
      const meta = live.size === 0 ? undefined : await this.#make(memtable, live)
      await this.#writer().urgent(async () => {
        if (state.frozen === memtable) {
          const origin = { before: live, now: memtable.live }
          const added = meta === undefined ? [] : [this.#maker.open(meta, [origin])]
          const segments = [...state.segments, ...added]
          await this.#maker.writeManifest(segments, sequence)
          state.install(segments)
          state.frozen = undefined
          state.flushedSequence = sequence
        } else if (meta !== undefined) this.#reclaimer.segment(meta.segment) // It was cleared.
      })
      await this.#reclaimer.log(sequence)
      this.flushes++
    } catch (error) {
      // At closing, what is not flushed stays in the log.
      if (!this.#maker.isStopped) state.fail(error)
    } finally {
      this.#running = undefined
    }
    this.#onFlushed()
  }

  async #make(memtable: Memtable, live: LiveView): Promise<SegmentMeta> {
    const segment = this.#maker.number()
    const share = this.shareBytes
    const job: BuildJob = {
      type: "flush",
      segment,
      memtable: memtable.image,
      live,
      writeBytes: writeBytesOf(share),
    }
    const memory = flushBytes(sizeOf(memtable), share)
    return await this.#maker.make(job, { bytes: memtable.byteLength, memory })
  }

  /** Moves all writes so far into segments and makes them durable. */
  async flush(): Promise<void> {
    const state = this.#state
    let own: Promise<void> | undefined
    let wanted = 0
    while (own === undefined) {
      // One memtable is flushed at a time.
      await this.#running
      await this.#writer().task(async () => {
        this.#maker.check()
        if (this.#running !== undefined) return
        wanted = state.sequence
        if (wanted > state.flushedSequence) this.start()
        own = this.#running ?? Promise.resolve()
      })
    }
    await own
    if (state.failure !== undefined || state.flushedSequence < wanted) this.#maker.check()
  }
}

function sizeOf(memtable: Memtable): MemtableSize {
  const fields = memtable.fields.flatMap((number) => {
    const field = memtable.field(number)
    if (field === undefined) return []
    const { lists, maxArray } = field.column
    return [{ distinct: field.dictionary.length, elements: lists.length, maxArray }]
  })
  return { size: memtable.size, fields }
}
