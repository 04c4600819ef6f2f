import { randomUUID } from "node:crypto"
import type { BloomCounters } from "../bloom/bloom-pages.ts"
import { type CachedPage, type CacheFile, PageCache } from "../cache/page-cache.ts"
import { drive } from "../cache/steps.ts"
import { codeOf, TierdexError } from "../errors.ts"
import { FieldTable } from "../fields/field-table.ts"
import { encodeManifest, FORMAT, type Manifest, type StoredManifest } from "../log/manifest.ts"
import { Memtable } from "../memtable/memtable.ts"
import { manifestKey } from "../pages/keys.ts"
import type { PageSource } from "../pages/page-file.ts"
import type { PartView } from "../parts/part.ts"
import { Segment } from "../segment/segment.ts"
import type { Store, WriteOp } from "../store/store.ts"
import { loadLive, OpenSegment } from "./open-segment.ts"
import type { EngineOptions } from "./options.ts"
import { QueryRoom } from "./query-room.ts"
import { View } from "./view.ts"

/** Sequence numbers and counters of the log since the last flush. */
export interface LogFigures {
  bytes: number
  entries: number
  /** Puts and deletes; a mark without any counts as one. */
  operations: number
}

/**
 * What an open index consists of. Changed by the writer alone, one change at a time, so that a
 * reader that takes a view sees whole writes.
 */
export class State {
  readonly options: EngineOptions
  readonly fields: FieldTable
  readonly store: Store | undefined
  readonly cache: PageCache
  /** What clauses select that come again and again. */
  readonly kept: PageCache
  readonly queries: QueryRoom
  readonly bloom: BloomCounters = { checked: 0, excluded: 0 }
  readonly log: LogFigures = { bytes: 0, entries: 0, operations: 0 }
  /** Random, made with the index. */
  readonly id: string
  active = new Memtable()
  /** A memtable that is being flushed. */
  frozen: Memtable | undefined
  segments: OpenSegment[] = []
  /** Of the last write. */
  sequence: number
  flushedSequence: number
  nextSegment: number
  mark: string | undefined
  /** In how many parts the manifest is stored. */
  #manifestParts: number
  /** Why writes are refused, if they are. */
  failure: unknown
  isClosed = false
  /** Calls of `deleteMany` that go on. */
  deletions = 0
  /** Segments that are not, or not yet, part of the index but may take space. */
  readonly drops = new Set<number>()
  pagesRead = 0

  constructor(options: EngineOptions, stored: StoredManifest | undefined) {
    const manifest = stored?.manifest
    this.#manifestParts = stored?.parts ?? 0
    this.options = options
    this.store = options.store
    this.cache = new PageCache(options.budget?.cache ?? 1, () => this.liveSetBytes)
    this.kept = new PageCache(options.budget?.kept ?? 1)
    this.queries = new QueryRoom(options.budget?.queries)
    this.fields = new FieldTable(options.rules, manifest?.fields)
    this.id = manifest?.index ?? randomUUID()
    this.sequence = manifest?.flushedSequence ?? 0
    this.flushedSequence = this.sequence
    this.nextSegment = manifest?.nextSegment ?? 1
    this.mark = manifest?.mark
    for (const segment of manifest?.drops ?? []) this.drops.add(segment)
  }

  /** Opens the segments of a manifest: reads what is dead in them, and nothing else. */
  async openSegments(manifest: Manifest, store: Store): Promise<void> {
    for (const entry of manifest.segments) {
      const files: CacheFile<CachedPage>[] = []
      const source = this.pages(store, this.cache, files)
      const live = await drive(loadLive(source, entry))
      const segment = new Segment(source, entry, this.bloom)
      this.segments.push(new OpenSegment(segment, live, files, entry.liveChunks))
    }
  }

  /**
   * The pages of a store, through a cache.
   * @param files takes the files that are opened
   */
  pages(store: Store, cache: PageCache, files: CacheFile<CachedPage>[] = []): PageSource {
    const { kept } = this
    const open = <P extends CachedPage>(from: PageCache): CacheFile<P> => {
      const file = from.openFile<P>()
      files.push(file)
      return file
    }
    return {
      store,
      openFile: () => open(cache),
      openKept: () => open(kept),
      fieldName: (field) => this.fields.path(field),
      onRead: () => {
        this.pagesRead++
      },
    }
  }

  /** What tells which records of the segments are dead; it shares the hot cache's bytes. */
  get liveSetBytes(): number {
    return this.segments.reduce((sum, { live }) => sum + live.byteLength, 0)
  }

  get size(): number {
    const memtables = this.frozen === undefined ? [this.active] : [this.frozen, this.active]
    return [...this.segments, ...memtables].reduce(
      (sum, { live }) => sum + live.universe - live.dead,
      0,
    )
  }

  /** The manifest of an index of these segments, and the changed live sets that belong to it. */
  manifestOps(
    segments: readonly OpenSegment[] = this.segments,
    flushedSequence = this.flushedSequence,
  ): WriteOp[] {
    const live = segments.flatMap((segment) => segment.writeLive())
    const named = new Set(segments.map((segment) => segment.number))
    const known = this.segments.map((segment) => segment.number)
    const manifest: Manifest = {
      format: FORMAT,
      index: this.id,
      rules: this.options.rules,
      fields: this.fields.keptPaths,
      segments: segments.map((segment) => segment.entry),
      nextSegment: this.nextSegment,
      flushedSequence,
      mark: this.mark,
      drops: [...new Set([...this.drops, ...known])].filter((segment) => !named.has(segment)),
    }
    const parts = encodeManifest(manifest)
    const stale: WriteOp[] = []
    for (let part = parts.length; part < this.#manifestParts; part++) {
      stale.push({ type: "delete", key: manifestKey(part) })
    }
    this.#manifestParts = parts.length
    return [...live, ...stale, ...parts]
  }

  /** All parts as they are now. */
  view(): View {
    const pinned = [...this.segments]
    for (const segment of pinned) segment.pins++
    const parts: PartView[] = pinned.map(({ segment, live }) => ({
      part: segment,
      live: live.view(),
    }))
    for (const memtable of [this.frozen, this.active]) {
      if (memtable === undefined || memtable.size === 0) continue
      parts.push({ part: memtable.view(), live: memtable.live.view() })
    }
    const { sequence, mark } = this
    return new View(parts, { sequence, mark }, () => {
      for (const segment of pinned) this.unpin(segment)
    })
  }

  /** Called when a dropped segment has lost its last reader. */
  onUnused: (segment: OpenSegment) => void = () => {}

  unpin(segment: OpenSegment): void {
    segment.pins--
    if (segment.isDropped && segment.pins === 0) this.#release(segment)
  }

  #release(segment: OpenSegment): void {
    for (const file of segment.files) file.close()
    this.onUnused(segment)
  }

  /** Takes all records out. */
  empty(): void {
    this.install([])
    this.active = new Memtable()
    this.frozen = undefined
  }

  /** Starts the figures of the log anew: what it held is in segments, or about to be. */
  forgetLog(): void {
    this.log.bytes = 0
    this.log.entries = 0
    this.log.operations = 0
  }

  /**
   * Makes these the segments of the index, once the manifest says so. The space of others is freed
   * when nobody reads them any more.
   */
  install(segments: OpenSegment[]): void {
    const before = this.segments
    this.segments = segments
    for (const segment of segments) this.drops.delete(segment.number)
    for (const segment of before) {
      if (segments.includes(segment)) continue
      segment.isDropped = true
      this.drops.add(segment.number)
      if (segment.pins === 0) this.#release(segment)
    }
  }

  /**
   * Makes the index refuse writes from now on; answers the error to refuse them with. What is not a
   * failure of the store, such as a damaged page, is no such error but itself.
   */
  fail(error: unknown): unknown {
    this.failure ??= codeOf(error) === "TIERDEX_STORE_FAILED" ? failedWrite(error) : error
    return this.failure
  }
}

/** @param error `TIERDEX_STORE_FAILED`, most often with what the engine said as its cause */
function failedWrite(error: unknown): TierdexError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return new TierdexError(
    "TIERDEX_STORE_FAILED",
    "The store failed to write. The index can still be read; close it, see to the cause and open " +
      "it again to write.",
    { cause },
  )
}
