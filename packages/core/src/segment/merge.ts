import type { LeafPage } from "../btree/leaf.ts"
import type { PageTree } from "../btree/page-tree.ts"
import { isSliceOver, type Steps } from "../cache/steps.ts"
import type { PageSink } from "../pages/page-sink.ts"
import { compareValues } from "../values/compare.ts"
import { Kind, type Value } from "../values/kind.ts"
import type { SegmentField } from "./field.ts"
import { FieldWriter } from "./field-writer.ts"
import { IdsWriter } from "./ids-writer.ts"
import type { LiveView } from "./live-set.ts"
import { OrdinalMap } from "./ordinal-map.ts"
import type { Segment, SegmentMeta } from "./segment.ts"

const MISSING: Value = { kind: Kind.missing, payload: 0 }
/** Pages of one kind that an input is read ahead by, at most, and how large they mostly are. */
const MAX_READ_AHEAD = 32
const PAGE_BYTES = 16_384

/** A segment to merge, with what was live in it when the merge began. */
export interface MergeInput {
  readonly segment: Segment
  readonly live: LiveView
}

interface Source {
  readonly segment: Segment
  readonly map: OrdinalMap
  /** Pages to read ahead. */
  readonly ahead: number
}

/**
 * Merges adjacent segments, oldest first, into a new one without the dead: field by field, each
 * as a merge of the inputs' trees and then of their columns. New ordinals keep the order of the
 * old ones.
 * @param cacheBytes that the pages of the inputs share
 */
export function* mergeSegments(
  inputs: readonly MergeInput[],
  segment: number,
  sink: PageSink,
  cacheBytes: number,
  onField: () => void,
): Steps<SegmentMeta> {
  // Each input reads leaves and postings at the same time.
  const pages = Math.floor(cacheBytes / (inputs.length * 2 * PAGE_BYTES))
  const ahead = Math.min(MAX_READ_AHEAD, pages)
  let base = 0
  const sources = inputs.map((input): Source => {
    const map = new OrdinalMap(input.live, base)
    base += input.live.size
    return { segment: input.segment, map, ahead }
  })
  const present = new Set(inputs.flatMap((input) => input.segment.meta.fields))
  const fields: number[] = []
  for (const field of [...present].sort((a, b) => a - b)) {
    if (yield* mergeField(sources, segment, field, sink)) fields.push(field)
    onField()
  }
  const meta = yield* mergeIds(sources, segment, base, fields, sink)
  onField()
  return meta
}

/** Returns whether the field was written: not if only dead records had it. */
function* mergeField(
  sources: readonly Source[],
  segment: number,
  field: number,
  sink: PageSink,
): Steps<boolean> {
  const stored: (SegmentField | undefined)[] = []
  for (const source of sources) stored.push(yield* source.segment.stored(field))
  const distinct = stored.reduce((sum, input) => sum + (input?.distinct ?? 1), 0)
  const maxArray = Math.max(...stored.map((input) => input?.meta.maxArray ?? 0))
  const writer = new FieldWriter(sink, segment, field, distinct, maxArray)
  const cursors: ValueCursor[] = []
  for (const [i, input] of stored.entries()) {
    cursors.push(
      input === undefined
        ? new AbsentCursor(sources[i].map)
        : yield* TreeCursor.open(input.tree, sources[i], new Uint32Array(input.distinct)),
    )
  }
  yield* mergeValues(cursors, sink, {
    begin: (value) => writer.begin(value),
    add: (ordinals) => writer.add(ordinals, 0, ordinals.length),
    end: () => writer.end(),
  })
  if (writer.isAbsent) return false
  for (const [i, source] of sources.entries()) {
    const input = stored[i]
    const { vids } = cursors[i]
    if (input === undefined) {
      for (let row = 0; row < source.map.size; row++) writer.column.push(vids[0])
    } else yield* mergeColumn(input, source, vids, writer, sink)
  }
  writer.finish()
  return true
}

function* mergeColumn(
  input: SegmentField,
  { segment, map, ahead }: Source,
  vids: Uint32Array,
  writer: FieldWriter,
  sink: PageSink,
): Steps<void> {
  for (let first = 0; first < segment.size; first += input.rowsPerPage) {
    yield* input.prefetch(first, ahead)
    const page = yield* input.stored(first)
    const end = Math.min(segment.size, first + input.rowsPerPage)
    const singles = page.singles
    for (let row = first; row < end; row++) {
      if (!map.isLive(row)) continue
      if (singles !== undefined) writer.column.push(vids[singles.get(row - first)])
      else if (page.arrayLength(row) < 0) writer.column.push(vids[page.sortKey(row, false)])
      else writer.column.pushArray(page.values(row).map((vid) => vids[vid]))
    }
    if (sink.isFull) yield* sink.drain()
    if (isSliceOver()) yield
  }
}

function* mergeIds(
  sources: readonly Source[],
  segment: number,
  size: number,
  fields: readonly number[],
  sink: PageSink,
): Steps<SegmentMeta> {
  const perPage = sources.map((source) => source.segment.meta.idsPerPage)
  const averageBytes = 4096 / (perPage.reduce((sum, ids) => sum + ids, 0) / perPage.length) - 2
  const writer = new IdsWriter(sink, segment, size, Math.max(1, averageBytes))
  const cursors: ValueCursor[] = []
  for (const source of sources) {
    cursors.push(yield* TreeCursor.open(source.segment.idTree, source, undefined))
  }
  let id = new Uint8Array(0)
  yield* mergeValues(cursors, sink, {
    begin: ({ payload }) => {
      if (typeof payload !== "number") id = Uint8Array.from(payload)
    },
    add: (ordinals) => {
      // Of an id that several inputs have, at most one version is live.
      for (const ordinal of ordinals) writer.addSorted(id, ordinal)
    },
    end: () => 0,
  })
  for (const { segment: input, map, ahead } of sources) {
    for (let from = 0; from < input.size; from += 4096) {
      const to = Math.min(input.size, from + 4096)
      const ids: { id: Uint8Array; ordinal: number }[] = []
      if (ahead > 1) yield* input.idColumn.prefetchRange(from, to)
      yield* input.idColumn.each(from, to, (bytes, ordinal) => {
        if (map.isLive(ordinal)) ids.push({ id: bytes, ordinal })
      })
      for (const row of ids) writer.addRow(row.id, yield* input.sequences.at(row.ordinal))
      if (sink.isFull) yield* sink.drain()
      if (isSliceOver()) yield
    }
  }
  return writer.finish(fields)
}

/** Takes merged values with their new ordinals. */
interface ValueTarget {
  begin(value: Value): void
  add(ordinals: Uint32Array): void
  /** Returns the new number of the value, or -1. */
  end(): number
}

/** Merges the values of all cursors; equal values become one, with the ordinals of all. */
function* mergeValues(
  cursors: readonly ValueCursor[],
  sink: PageSink,
  target: ValueTarget,
): Steps<void> {
  const open = [...cursors]
  for (let count = 0; ; count++) {
    let least: Value | undefined
    for (const cursor of open) {
      if (cursor.value === undefined) continue
      if (least === undefined || compareValues(cursor.value, least) < 0) least = cursor.value
    }
    if (least === undefined) return
    target.begin(least)
    const equal: ValueCursor[] = []
    for (const cursor of open) {
      if (cursor.value === undefined || compareValues(cursor.value, least) !== 0) continue
      equal.push(cursor)
      target.add(yield* cursor.ordinals())
    }
    const vid = target.end()
    for (const cursor of equal) yield* cursor.advance(vid)
    if (sink.isFull) yield* sink.drain()
    if (count % 256 === 0 && isSliceOver()) yield
  }
}

/** Steps through the values of an input. */
interface ValueCursor {
  readonly value: Value | undefined
  /** New numbers by old number, as far as the cursor has come. */
  readonly vids: Uint32Array
  /** New ordinals of the live records that have the value. */
  ordinals(): Steps<Uint32Array>
  /** Notes the new number of the value and goes to the next. */
  advance(vid: number): Steps<void>
}

class TreeCursor implements ValueCursor {
  value: Value | undefined
  readonly vids: Uint32Array
  readonly #tree: PageTree
  readonly #map: OrdinalMap
  readonly #ahead: number
  #leaf: LeafPage | undefined
  #page = 0
  #index = 0

  private constructor(tree: PageTree, { map, ahead }: Source, vids: Uint32Array | undefined) {
    this.#tree = tree
    this.#map = map
    this.#ahead = ahead
    this.vids = vids ?? new Uint32Array(0)
  }

  /** @param vids takes the new numbers, where they are wanted */
  static *open(tree: PageTree, source: Source, vids: Uint32Array | undefined): Steps<TreeCursor> {
    const cursor = new TreeCursor(tree, source, vids)
    yield* cursor.#load()
    return cursor
  }

  /** Goes to the first value of the page at hand. */
  *#load(): Steps<void> {
    const page = this.#page
    this.#leaf = undefined
    if (page < this.#tree.shape.leaves) {
      if (page % Math.max(1, this.#ahead) === 0) yield* this.#tree.prefetchLeaves(page, this.#ahead)
      this.#leaf = yield* this.#tree.leafAt(page)
    }
    this.value = this.#leaf?.value(this.#index)
  }

  *ordinals(): Steps<Uint32Array> {
    if (this.#leaf === undefined) return new Uint32Array(0)
    return this.#map.remap(yield* this.#tree.ordinals(this.#leaf, this.#index, this.#ahead))
  }

  *advance(vid: number): Steps<void> {
    const leaf = this.#leaf
    if (leaf === undefined) return
    this.vids[leaf.firstVid + this.#index] = vid
    this.#index++
    if (this.#index < leaf.length) this.value = leaf.value(this.#index)
    else {
      this.#index = 0
      this.#page++
      yield* this.#load()
    }
  }
}

/** An input without the field: all its records are `missing`. */
class AbsentCursor implements ValueCursor {
  value: Value | undefined = MISSING
  readonly vids = new Uint32Array(1)
  readonly #map: OrdinalMap

  constructor(map: OrdinalMap) {
    this.#map = map
  }

  *ordinals(): Steps<Uint32Array> {
    const { base, size } = this.#map
    return Uint32Array.from({ length: size }, (_, i) => base + i)
  }

  *advance(vid: number): Steps<void> {
    this.vids[0] = vid
    this.value = undefined
  }
}
