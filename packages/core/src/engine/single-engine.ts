import type { WriteOptions } from "../api/metadata-index.ts"
import type { LongCallOptions } from "../api/read-options.ts"
import type { IndexStats, Tier, VerifyReport } from "../api/stats.ts"
import { drive } from "../cache/steps.ts"
import { throwIfAborted } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import { SkippedPaths } from "../fields/skipped-paths.ts"
import type { FilterNode } from "../filter/node.ts"
import { compactMemtable } from "./compact-memtable.ts"
import { deleteMatches } from "./delete-many.ts"
import { OperationEncoder } from "./encoder.ts"
import type { Engine } from "./engine.ts"
import { Maintenance } from "./maintenance.ts"
import { MemoryRoom } from "./memory-room.ts"
import type { Failure, PendingOps, PendingUpdate, WriteResult } from "./pending.ts"
import type { FrozenQuestions } from "./questions.ts"
import { SliceWriter } from "./slices.ts"
import { SnapshotQuestions, SnapshotSource } from "./snapshot.ts"
import type { State } from "./state.ts"
import { statsOf, tierOf } from "./stats.ts"
import { verifyIndex } from "./verify.ts"
import { closedError, type View } from "./view.ts"
import { ViewQuestions, type ViewSource } from "./view-questions.ts"
import { type Room, Writer } from "./writer.ts"

/** Closing flushes a longer log, so that the next opening has little to replay. */
const SHORT_LOG = 1000

/** One index: the writer, maintenance beside it, and questions over views. */
export class SingleEngine implements Engine {
  readonly source: ViewSource
  readonly questions: ViewQuestions
  readonly skipped = new SkippedPaths()
  readonly #state: State
  readonly #writer: Writer
  readonly #maintenance: Maintenance | undefined
  #bytesOnDisk = 0
  #closing: Promise<void> | undefined

  constructor(state: State) {
    this.source = {
      fields: state.fields,
      indexId: state.id,
      store: state.store,
      queries: state.queries,
      get size() {
        if (state.isClosed) throw closedError("The index")
        return state.size
      },
      check: () => this.check(),
      acquire: () => {
        this.check()
        return state.view()
      },
    }
    this.questions = new ViewQuestions(this.source)
    this.#state = state
    const { store } = state
    let room: Room
    if (store === undefined) room = new MemoryRoom(state)
    else {
      this.#maintenance = new Maintenance(state, store, () => this.#writer)
      room = this.#maintenance
    }
    this.#writer = new Writer(state, room)
  }

  /** Frees, beside everything else, what a crash left behind. */
  async start(): Promise<void> {
    this.#maintenance?.start([...this.#state.drops])
    await this.#measure()
  }

  check(): void {
    if (this.#state.isClosed) throw closedError("The index")
  }

  get fields(): FieldTable {
    return this.#state.fields
  }

  get tier(): Tier {
    this.check()
    return tierOf(this.#state)
  }

  get mark(): string | undefined {
    this.check()
    return this.#state.mark
  }

  /** Of the last write. */
  get sequence(): number {
    return this.#state.sequence
  }

  /** Why writes are refused; undefined: they are not. */
  get writeFailure(): unknown {
    return this.#state.failure
  }

  get groupBytes(): number {
    return this.#writer.groupBytes
  }

  /** The most bytes of operations that one atomic write takes. */
  get maxBatchBytes(): number {
    return this.#maintenance?.maxBatchBytes ?? Number.POSITIVE_INFINITY
  }

  async write(request: PendingOps | PendingUpdate): Promise<WriteResult> {
    return await this.#writer.write(request)
  }

  discard(request: PendingOps | PendingUpdate): void {
    this.#writer.discard(request)
  }

  checkBatch(bytes: number): void {
    this.#maintenance?.checkSize(bytes)
  }

  async deleteMany(filter: FilterNode, options: WriteOptions): Promise<number> {
    const slices = new SliceWriter(this, options, "found")
    const deletion = await this.beginDeletion()
    let failure: Failure | undefined
    try {
      const { fields } = this
      const lookup = (path: string) => fields.find(path)
      const encoder = new OperationEncoder(fields, this.skipped)
      const { parts } = deletion.view
      await deleteMatches(parts, filter, lookup, encoder, slices, options.signal)
    } catch (error) {
      failure = { error }
    }
    try {
      return await slices.end(undefined, failure)
    } finally {
      deletion.end()
    }
  }

  /**
   * A view to delete from, until it is ended: it has the writes that were asked for before, and
   * whatever is written again meanwhile becomes a new version.
   */
  async beginDeletion(): Promise<{ readonly view: View; end(): void }> {
    this.check()
    const views: View[] = []
    await this.#writer.task(async () => {
      views.push(this.source.acquire())
      this.#state.deletions++
    })
    const [view] = views
    const end = () => {
      view.release()
      this.#state.deletions--
    }
    return { view, end }
  }

  /**
   * A view with the writes that were asked for before.
   * @throws why writes are refused, if they are: the last one may be in the store and not in a view
   */
  async viewBehindWrites(): Promise<View> {
    this.check()
    const views: View[] = []
    await this.#writer.task(async () => {
      if (this.#state.failure !== undefined) throw this.#state.failure
      views.push(this.source.acquire())
    })
    return views[0]
  }

  async clear(): Promise<void> {
    this.check()
    if (this.#maintenance !== undefined) await this.#maintenance.clear()
    else await this.#writer.task(async () => this.#state.empty())
  }

  async snapshot(ttlMs: number): Promise<FrozenQuestions> {
    this.check()
    return new SnapshotQuestions(new SnapshotSource(this.source, ttlMs))
  }

  async flush(): Promise<void> {
    this.check()
    await this.#maintenance?.flush()
    await this.#measure()
  }

  /** Makes all writes so far durable where they are. */
  async sync(): Promise<void> {
    this.check()
    await this.#maintenance?.sync()
  }

  async compact(options: LongCallOptions): Promise<void> {
    this.check()
    throwIfAborted(options.signal)
    if (this.#maintenance === undefined) {
      await this.#writer.task(async () => {
        const { signal } = options
        this.#state.active = await drive(compactMemtable(this.#state.active), { signal })
      })
      return
    }
    await this.#maintenance.compact(options)
    await this.#measure()
  }

  async verify(options: LongCallOptions): Promise<VerifyReport> {
    const view = this.source.acquire()
    try {
      throwIfAborted(options.signal)
      const { store } = this.#state
      if (store !== undefined)
        return await verifyIndex(this.#state, view, store, this.#writer, options)
      return { ok: true, checked: { done: 0, total: 0, unit: "pages" }, damage: [] }
    } finally {
      view.release()
    }
  }

  stats(): IndexStats {
    this.check()
    return statsOf(this.#state, this.#maintenance, this.skipped, this.#bytesOnDisk)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const state = this.#state
    const { store } = state
    state.isClosed = true
    // Writes that were asked for come first.
    await this.#writer.task(async () => {})
    if (store === undefined || this.#maintenance === undefined) return
    try {
      if (state.failure === undefined) {
        if (state.log.operations > SHORT_LOG) await this.#maintenance.flush()
        else if (state.sequence > state.flushedSequence) await this.#maintenance.sync()
      }
    } finally {
      await this.#maintenance.stop()
      await store.close()
      state.cache.clear()
    }
  }

  async #measure(): Promise<void> {
    this.#bytesOnDisk = (await this.#state.store?.sizeOnDisk()) ?? 0
  }
}
