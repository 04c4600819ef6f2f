import type { CachedPage, CacheFile } from "../cache/page-cache.ts"
import type { Steps } from "../cache/steps.ts"
import type { ManifestSegment } from "../log/manifest.ts"
import { FileKind, pageKey, SEGMENT_FIELD } from "../pages/keys.ts"
import { type PageReader, PageWriter } from "../pages/page.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import { LIVE_CHUNK, LiveSet, type LiveView } from "../parts/live-set.ts"
import type { Segment } from "../segment/segment.ts"
import type { WriteOp } from "../store/store.ts"
import type { MergeCandidate } from "./merge-policy.ts"

/** A segment of an open index: its pages do not change, its live set does. */
export class OpenSegment implements MergeCandidate {
  readonly segment: Segment
  readonly live: LiveSet
  /** Its files in the hot cache, those that were opened so far. */
  readonly files: readonly CacheFile<CachedPage>[]
  /** Chunks of the live set that are in the store. */
  readonly #stored: Set<number>
  /** Readers that may still read its pages. */
  pins = 0
  /** Whether it is no longer part of the index. */
  isDropped = false

  constructor(
    segment: Segment,
    live: LiveSet,
    files: readonly CacheFile<CachedPage>[],
    stored: Iterable<number> = [],
  ) {
    this.segment = segment
    this.live = live
    this.files = files
    this.#stored = new Set(stored)
  }

  get number(): number {
    return this.segment.meta.segment
  }

  get size(): number {
    return this.segment.size
  }

  get dead(): number {
    return this.live.dead
  }

  get bytes(): number {
    return this.segment.meta.bytes
  }

  get maxDistinct(): number {
    return this.segment.meta.maxDistinct
  }

  get maxArray(): number {
    return this.segment.meta.maxArray
  }

  /** Its entry in the manifest, which is true once `writeLive` is written. */
  get entry(): ManifestSegment {
    const liveChunks = [...this.#stored].sort((a, b) => a - b)
    return { ...this.segment.meta, dead: this.live.dead, liveChunks }
  }

  /** The chunks of the live set that changed since the last call, to be written. */
  writeLive(): WriteOp[] {
    const view = this.live.view()
    return this.live.takeDirty().map((chunk): WriteOp => {
      this.#stored.add(chunk)
      return livePage(this.number, chunk, view.chunks[chunk] ?? new Uint32Array(0))
    })
  }
}

/** A chunk of the live set of a segment, to be written. */
export function livePage(segment: number, chunk: number, words: Uint32Array): WriteOp {
  const key = pageKey({ segment, field: SEGMENT_FIELD, kind: FileKind.live }, chunk)
  const page = new PageWriter()
  page.raw(new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
  return { type: "put", key, value: page.seal(key) }
}

class LivePage {
  readonly words: Uint32Array
  readonly byteLength: number

  constructor(page: PageReader) {
    this.words = page.u32s(LIVE_CHUNK / 32)
    this.byteLength = page.bytes.length
  }
}

/** The live set of a segment as it is in the store. */
export function* loadLive(source: PageSource, entry: ManifestSegment): Steps<LiveSet> {
  const { segment, size, dead, liveChunks } = entry
  const address = { segment, field: SEGMENT_FIELD, kind: FileKind.live }
  const file = new PageFile(source, address, LivePage)
  yield* file.prefetchAll(liveChunks)
  const chunks: (Uint32Array | undefined)[] = []
  for (const chunk of liveChunks) chunks[chunk] = (yield* file.read(chunk)).words
  // No holes: a view copies the array.
  return new LiveSet(size, Array.from(chunks), dead)
}

/** Calls `take` for each ordinal that was live in a view and is not any more. */
export function eachKilled(before: LiveView, now: LiveView, take: (ordinal: number) => void): void {
  now.chunks.forEach((chunk, index) => {
    const old = before.chunks[index]
    if (chunk === undefined || chunk === old) return
    for (let word = 0; word < chunk.length; word++) {
      const killed = (old === undefined ? 0xffffffff : old[word]) & ~chunk[word]
      for (let bits = killed >>> 0; bits !== 0; bits &= bits - 1) {
        const ordinal = index * LIVE_CHUNK + word * 32 + 31 - Math.clz32(bits & -bits)
        if (ordinal < before.universe) take(ordinal)
      }
    }
  })
}
