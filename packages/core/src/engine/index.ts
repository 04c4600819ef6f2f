import type {
  BatchOp,
  BatchOptions,
  MetadataIndex,
  Patch,
  WriteOptions,
} from "../api/metadata-index.ts"
import type { LongCallOptions, SnapshotOptions } from "../api/read-options.ts"
import type { Snapshot } from "../api/reader.ts"
import type { IndexStats, Tier, VerifyReport } from "../api/stats.ts"
import { drive } from "../cache/steps.ts"
import { throwIfAborted } from "../errors.ts"
import { SkippedPaths } from "../fields/skipped-paths.ts"
import { parseFilter } from "../filter/parse.ts"
import type { Filter } from "../filter/types.ts"
import { compactMemtable } from "./compact-memtable.ts"
import { deleteMatches } from "./delete-many.ts"
import { OperationEncoder } from "./encoder.ts"
import { idKey } from "./ids.ts"
import { checkMark, checkOperation, checkOperations, checkTtl } from "./inputs.ts"
import { Maintenance } from "./maintenance.ts"
import { MemoryRoom } from "./memory-room.ts"
import { parsePatch } from "./patch.ts"
import type { Failure } from "./pending.ts"
import { putRecords } from "./put-many.ts"
import { checkOptions } from "./read-options.ts"
import { Reader, type ViewSource } from "./reader.ts"
import { SliceWriter } from "./slices.ts"
import { IndexSnapshot } from "./snapshot.ts"
import type { State } from "./state.ts"
import { statsOf, tierOf } from "./stats.ts"
import { verifyIndex } from "./verify.ts"
import { closedError, type View } from "./view.ts"
import { type Room, Writer } from "./writer.ts"

/** Closing flushes a longer log, so that the next opening has little to replay. */
const SHORT_LOG = 1000
const DEFAULT_TTL_MS = 10 * 60 * 1000

/** An index in one process: the writer, maintenance beside it, and readers over views. */
export class Index<T extends object> extends Reader<T> implements MetadataIndex<T> {
  readonly #state: State
  readonly #source: ViewSource
  readonly #writer: Writer
  readonly #maintenance: Maintenance | undefined
  readonly #skipped = new SkippedPaths()
  #bytesOnDisk = 0
  #closing: Promise<void> | undefined

  constructor(state: State) {
    const source: ViewSource = {
      fields: state.fields,
      indexId: state.id,
      store: state.store,
      queries: state.queries,
      get size() {
        if (state.isClosed) throw closedError("The index")
        return state.size
      },
      check: () => {
        if (state.isClosed) throw closedError("The index")
      },
      acquire: () => {
        if (state.isClosed) throw closedError("The index")
        return state.view()
      },
    }
    super(source)
    this.#state = state
    this.#source = source
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

  get tier(): Tier {
    this.#source.check()
    return tierOf(this.#state)
  }

  get mark(): string | undefined {
    this.#source.check()
    return this.#state.mark
  }

  async put(id: string, record: T): Promise<void> {
    this.#source.check()
    const encoder = this.#encoder()
    encoder.put(id, record)
    await this.#writer.write(encoder.take())
  }

  async putMany(
    records:
      | Iterable<readonly [id: string, record: T]>
      | AsyncIterable<readonly [id: string, record: T]>,
    options: WriteOptions = {},
  ): Promise<number> {
    this.#source.check()
    checkOptions(options, "putMany", ["signal", "onProgress"])
    const slices = new SliceWriter(this.#writer, options, "operations")
    const encoder = this.#encoder(2 * slices.sliceBytes)
    return await putRecords(records, encoder, slices, options.signal)
  }

  async update(id: string, patch: Patch<T>): Promise<boolean> {
    this.#source.check()
    const request = {
      type: "update",
      key: idKey(id),
      patch: parsePatch(patch, this.#state.fields, this.#skipped),
      skipped: this.#skipped,
    } as const
    return (await this.#writer.write(request)).found > 0
  }

  async delete(id: string): Promise<boolean> {
    this.#source.check()
    const encoder = this.#encoder()
    encoder.delete(id)
    return (await this.#writer.write(encoder.take())).found > 0
  }

  async deleteMany(filter: Filter<T>, options: WriteOptions = {}): Promise<number> {
    const { fields } = this.#state
    const node = parseFilter(filter, (path) => fields.isIndexed(path))
    checkOptions(options, "deleteMany", ["signal", "onProgress"])
    const slices = new SliceWriter(this.#writer, options, "found")
    const view = await this.#viewToDelete()
    let failure: Failure | undefined
    try {
      const lookup = (path: string) => fields.find(path)
      await deleteMatches(view.parts, node, lookup, this.#encoder(), slices, options.signal)
    } catch (error) {
      failure = { error }
    }
    try {
      return await slices.end(undefined, failure)
    } finally {
      view.release()
      this.#state.deletions--
    }
  }

  /** A view with the writes that were asked for before, and none that is asked for later. */
  async #viewToDelete(): Promise<View> {
    const views: View[] = []
    await this.#writer.task(async () => {
      views.push(this.#source.acquire())
      this.#state.deletions++
    })
    return views[0]
  }

  async clear(): Promise<void> {
    this.#source.check()
    if (this.#maintenance !== undefined) await this.#maintenance.clear()
    else await this.#writer.task(async () => this.#state.empty())
  }

  async batch(ops: readonly BatchOp<T>[], options: BatchOptions = {}): Promise<void> {
    this.#source.check()
    checkOperations(ops)
    checkOptions(options, "batch", ["mark"])
    const { mark } = options
    if (mark !== undefined) checkMark(mark)
    await this.#writer.write(this.#encodeBatch(ops).take(mark))
  }

  #encodeBatch(ops: readonly BatchOp<T>[]): OperationEncoder {
    const encoder = this.#encoder()
    try {
      for (const [position, op] of ops.entries()) {
        checkOperation(op, position)
        if (op.type === "put") encoder.put(op.id, op.record, position)
        else encoder.delete(op.id, undefined, position)
      }
      this.#maintenance?.checkSize(encoder.byteLength)
      return encoder
    } catch (error) {
      encoder.discard()
      throw error
    }
  }

  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot<T>> {
    this.#source.check()
    checkOptions(options, "snapshot", ["ttlMs"])
    const { ttlMs = DEFAULT_TTL_MS } = options
    checkTtl(ttlMs)
    return IndexSnapshot.of<T>(this.#source, ttlMs)
  }

  async flush(): Promise<void> {
    this.#source.check()
    await this.#maintenance?.flush()
    await this.#measure()
  }

  async compact(options: LongCallOptions = {}): Promise<void> {
    this.#source.check()
    checkOptions(options, "compact", ["signal", "onProgress"])
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

  async verify(options: LongCallOptions = {}): Promise<VerifyReport> {
    this.#source.check()
    checkOptions(options, "verify", ["signal", "onProgress"])
    const view = this.#source.acquire()
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
    this.#source.check()
    return statsOf(this.#state, this.#maintenance, this.#skipped, this.#bytesOnDisk)
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #encoder(capacity?: number): OperationEncoder {
    return new OperationEncoder(this.#state.fields, this.#skipped, capacity)
  }

  async #measure(): Promise<void> {
    this.#bytesOnDisk = (await this.#state.store?.sizeOnDisk()) ?? 0
  }
}
