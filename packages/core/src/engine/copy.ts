import type { LongCallOptions } from "../api/read-options.ts"
import { build, SMALL_BYTES } from "../build/builder.ts"
import { TierdexError, throwIfAborted } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import { encodeManifest, FORMAT, type ManifestSegment } from "../log/manifest.ts"
import { MemtableView } from "../memtable/view.ts"
import { FileKind, pageAddress, segmentKey } from "../pages/keys.ts"
import { checkPage } from "../pages/page-file.ts"
import type { LiveView } from "../parts/live-set.ts"
import type { PartView } from "../parts/part.ts"
import { Segment, type SegmentMeta } from "../segment/segment.ts"
import type { Store, WriteOp } from "../store/store.ts"
import { livePage } from "./open-segment.ts"
import type { View } from "./view.ts"

/** Pages are written in batches of about this size. */
const WRITE_BYTES = 1 << 20

/** What is copied: a view and what it needs. */
export interface CopySource {
  readonly view: View
  readonly fields: FieldTable
  readonly indexId: string
  /** Where the pages of its segments are. */
  readonly store: Store | undefined
}

/**
 * Writes a view to an empty store, as an index: segments page by page as they are, memtables as
 * segments of their own, and last, durably, the manifest. What fails leaves no manifest.
 * @throws TIERDEX_CORRUPT if a page fails its checksum or is missing, TIERDEX_ABORTED
 */
export async function copyView(
  source: CopySource,
  target: Store,
  options: LongCallOptions,
): Promise<void> {
  const { view, fields, indexId, store } = source
  const segments = view.parts.flatMap(({ part }) => (part instanceof Segment ? [part] : []))
  const progress = new CopyProgress(segments, options)
  const copied: ManifestSegment[] = []
  let nextSegment = segments.reduce((most, { meta }) => Math.max(most, meta.segment), 0) + 1
  for (const { part, live } of view.parts) {
    if (part instanceof Segment && store !== undefined) {
      await copyPages(part.meta, store, target, fields, progress)
      copied.push(await copyLive(part.meta, live, target))
    } else if (part instanceof MemtableView && live.size > 0) {
      const meta = await flushView({ part, live }, nextSegment++, target, options)
      progress.found(meta.bytes)
      copied.push({ ...meta, dead: 0, liveChunks: [] })
    }
  }
  const manifest = encodeManifest({
    format: FORMAT,
    index: indexId,
    rules: fields.rules,
    fields: fields.keptPaths,
    segments: copied,
    nextSegment,
    flushedSequence: view.moment.sequence,
    mark: view.moment.mark,
    drops: [],
  })
  throwIfAborted(options.signal)
  await target.write(manifest, { durable: true })
  progress.report()
}

async function copyPages(
  { segment, bytes }: SegmentMeta,
  source: Store,
  target: Store,
  names: FieldTable,
  progress: CopyProgress,
): Promise<void> {
  let ops: WriteOp[] = []
  let pending = 0
  let copied = 0
  const fieldNames = { fieldName: (field: number) => names.path(field) }
  const range = { gte: segmentKey(segment), lt: segmentKey(segment + 1) }
  for await (const batch of source.scan(range)) {
    for (const { key, value } of batch) {
      // Which records are live is told by the view, not by what is stored meanwhile.
      if (pageAddress(key).file.kind === FileKind.live) continue
      checkPage(key, value, fieldNames)
      ops.push({ type: "put", key, value })
      pending += value.length
    }
    if (pending < WRITE_BYTES) continue
    await target.write(ops, { durable: false })
    copied += pending
    progress.add(pending)
    ops = []
    pending = 0
  }
  if (ops.length > 0) await target.write(ops, { durable: false })
  progress.add(pending)
  if (copied + pending !== bytes) {
    throw new TierdexError(
      "TIERDEX_CORRUPT",
      `Segment ${segment} has ${copied + pending} bytes of pages instead of ${bytes}: some are ` +
        "missing. Restore the index from a backup or rebuild it from the records.",
    )
  }
}

async function copyLive(
  meta: SegmentMeta,
  { dead, chunks }: LiveView,
  target: Store,
): Promise<ManifestSegment> {
  const ops = chunks.flatMap((words, chunk) =>
    words === undefined ? [] : [livePage(meta.segment, chunk, words)],
  )
  if (ops.length > 0) await target.write(ops, { durable: false })
  const liveChunks = [...chunks.keys()].filter((chunk) => chunks[chunk] !== undefined)
  return { ...meta, dead, liveChunks }
}

/** Makes a segment of the records that a memtable had; it may be written to meanwhile. */
async function flushView(
  { part: { memtable }, live }: PartView & { readonly part: MemtableView },
  segment: number,
  target: Store,
  { signal }: LongCallOptions,
): Promise<SegmentMeta> {
  const { image } = memtable
  const job = { type: "flush", segment, memtable: image, live, writeBytes: WRITE_BYTES } as const
  return await build(job, target, memtable.byteLength < SMALL_BYTES, { signal })
}

/** Adds up what is copied. */
class CopyProgress {
  readonly #options: LongCallOptions
  #done = 0
  #total: number

  constructor(segments: readonly Segment[], options: LongCallOptions) {
    this.#options = options
    this.#total = segments.reduce((sum, { meta }) => sum + meta.bytes, 0)
  }

  /** Counts bytes that were known of before. @throws TIERDEX_ABORTED */
  add(bytes: number): void {
    this.#done += bytes
    this.report()
    throwIfAborted(this.#options.signal)
  }

  /** Counts bytes that were not. */
  found(bytes: number): void {
    this.#total += bytes
    this.add(bytes)
  }

  report(): void {
    this.#options.onProgress?.({ done: this.#done, total: this.#total, unit: "bytes" })
  }
}
