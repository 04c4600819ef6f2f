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
import { parseFilter } from "../filter/parse.ts"
import type { Filter } from "../filter/types.ts"
import { OperationEncoder } from "./encoder.ts"
import type { Engine } from "./engine.ts"
import { idKey } from "./ids.ts"
import { checkMark, checkOperation, checkOperations, checkTtl } from "./inputs.ts"
import { parsePatch } from "./patch.ts"
import { putRecords } from "./put-many.ts"
import { checkOptions } from "./read-options.ts"
import { Reader } from "./reader.ts"
import { SliceWriter } from "./slices.ts"
import { IndexSnapshot } from "./snapshot.ts"

const DEFAULT_TTL_MS = 10 * 60 * 1000

/** The whole API: checks arguments, encodes records, and has an engine do the rest. */
export class Index<T extends object> extends Reader<T> implements MetadataIndex<T> {
  readonly #engine: Engine

  constructor(engine: Engine) {
    super(engine.questions)
    this.#engine = engine
  }

  get tier(): Tier {
    return this.#engine.tier
  }

  get mark(): string | undefined {
    return this.#engine.mark
  }

  async put(id: string, record: T): Promise<void> {
    this.#engine.check()
    const encoder = this.#encoder()
    encoder.put(id, record)
    await this.#engine.write(encoder.take())
  }

  async putMany(
    records:
      | Iterable<readonly [id: string, record: T]>
      | AsyncIterable<readonly [id: string, record: T]>,
    options: WriteOptions = {},
  ): Promise<number> {
    this.#engine.check()
    checkOptions(options, "putMany", ["signal", "onProgress"])
    const slices = new SliceWriter(this.#engine, options, "operations")
    const encoder = this.#encoder(2 * slices.sliceBytes)
    return await putRecords(records, encoder, slices, options.signal)
  }

  async update(id: string, patch: Patch<T>): Promise<boolean> {
    this.#engine.check()
    const { fields, skipped } = this.#engine
    const request = {
      type: "update",
      key: idKey(id),
      patch: parsePatch(patch, fields, skipped),
      skipped,
    } as const
    return (await this.#engine.write(request)).found > 0
  }

  async delete(id: string): Promise<boolean> {
    this.#engine.check()
    const encoder = this.#encoder()
    encoder.delete(id)
    return (await this.#engine.write(encoder.take())).found > 0
  }

  async deleteMany(filter: Filter<T>, options: WriteOptions = {}): Promise<number> {
    const { fields } = this.#engine
    const node = parseFilter(filter, (path) => fields.isIndexed(path))
    checkOptions(options, "deleteMany", ["signal", "onProgress"])
    return await this.#engine.deleteMany(node, options)
  }

  async clear(): Promise<void> {
    await this.#engine.clear()
  }

  async batch(ops: readonly BatchOp<T>[], options: BatchOptions = {}): Promise<void> {
    this.#engine.check()
    checkOperations(ops)
    checkOptions(options, "batch", ["mark"])
    const { mark } = options
    if (mark !== undefined) checkMark(mark)
    await this.#engine.write(this.#encodeBatch(ops).take(mark))
  }

  #encodeBatch(ops: readonly BatchOp<T>[]): OperationEncoder {
    const encoder = this.#encoder()
    try {
      for (const [position, op] of ops.entries()) {
        checkOperation(op, position)
        if (op.type === "put") encoder.put(op.id, op.record, position)
        else encoder.delete(op.id, undefined, position)
      }
      this.#engine.checkBatch(encoder.byteLength)
      return encoder
    } catch (error) {
      encoder.discard()
      throw error
    }
  }

  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot<T>> {
    this.#engine.check()
    checkOptions(options, "snapshot", ["ttlMs"])
    const { ttlMs = DEFAULT_TTL_MS } = options
    checkTtl(ttlMs)
    return new IndexSnapshot<T>(await this.#engine.snapshot(ttlMs))
  }

  async flush(): Promise<void> {
    await this.#engine.flush()
  }

  async compact(options: LongCallOptions = {}): Promise<void> {
    this.#engine.check()
    checkOptions(options, "compact", ["signal", "onProgress"])
    await this.#engine.compact(options)
  }

  async verify(options: LongCallOptions = {}): Promise<VerifyReport> {
    this.#engine.check()
    checkOptions(options, "verify", ["signal", "onProgress"])
    return await this.#engine.verify(options)
  }

  stats(): IndexStats {
    return this.#engine.stats()
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #encoder(capacity?: number): OperationEncoder {
    return new OperationEncoder(this.#engine.fields, this.#engine.skipped, capacity)
  }
}
