import { isSliceOver, type Steps } from "../cache/steps.ts"
import { CHUNK } from "../docset/container.ts"
import { ROW_PAGE_BYTES, RUN_PAGE_BYTES } from "../pages/page.ts"
import type { PageSink } from "../pages/page-sink.ts"
import type { LiveView } from "../parts/live-set.ts"
import type { ValueRef } from "../values/value-ref.ts"
import { CursorHeap } from "./cursor-heap.ts"
import type { SegmentField } from "./field.ts"
import { FieldWriter, WrittenFields } from "./field-writer.ts"
import { IdsWriter } from "./ids-writer.ts"
import { AbsentCursor, type MergeCursor, type TakeOrdinals, TreeCursor } from "./merge-cursor.ts"
import { OrdinalMap } from "./ordinal-map.ts"
import type { Segment, SegmentMeta } from "./segment.ts"
import { VidMap } from "./vid-map.ts"

/** Rows whose ids are merged at a time. */
const ROWS = 4096
/** Small pages for one of those that are read in runs. */
const ID_PAGES = Math.floor(RUN_PAGE_BYTES / ROW_PAGE_BYTES)

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
  /** Takes the ordinals of a container, for all inputs. */
  readonly scratch: Uint32Array
}

/**
 * Merges adjacent segments, oldest first, into a new one without the dead: field by field, each
 * as a merge of the inputs' trees and then of their columns. New ordinals keep the order of the
 * old ones.
 * @param ahead pages of one kind that each input may read at once
 */
export function* mergeSegments(
  inputs: readonly MergeInput[],
  segment: number,
  sink: PageSink,
  ahead: number,
  onField: () => void,
): Steps<SegmentMeta> {
  const scratch = new Uint32Array(CHUNK)
  let base = 0
  const sources = inputs.map((input): Source => {
    const map = new OrdinalMap(input.live, base)
    base += input.live.size
    return { segment: input.segment, map, ahead, scratch }
  })
  const present = new Set(inputs.flatMap((input) => input.segment.meta.fields))
  const fields = new WrittenFields()
  for (const field of [...present].sort((a, b) => a - b)) {
    const writer = yield* mergeField(sources, segment, field, sink)
    if (writer !== undefined) fields.add(field, writer)
    onField()
  }
  const meta = yield* mergeIds(sources, segment, base, fields, sink)
  onField()
  return meta
}

/** Returns what has written the field; undefined if only dead records had it. */
function* mergeField(
  sources: readonly Source[],
  segment: number,
  field: number,
  sink: PageSink,
): Steps<FieldWriter | undefined> {
  const stored: (SegmentField | undefined)[] = []
  for (const source of sources) stored.push(yield* source.segment.stored(field))
  const distinct = stored.reduce((sum, input) => sum + (input?.distinct ?? 1), 0)
  const maxArray = Math.max(...stored.map((input) => input?.meta.maxArray ?? 0))
  const writer = new FieldWriter(sink, segment, field, distinct, maxArray)
  const maps = stored.map((input) => new VidMap(input?.distinct ?? 1, distinct))
  const cursors = stored.map(
    (input, i): MergeCursor =>
      input === undefined
        ? new AbsentCursor(i, sources[i].map, maps[i])
        : new TreeCursor(i, input.tree, sources[i], maps[i]),
  )
  yield* mergeValues(cursors, sink, {
    begin: (value) => writer.begin(value),
    add: (ordinals, from, to) => writer.add(ordinals, from, to),
    end: () => writer.end(),
  })
  if (writer.isAbsent) return undefined
  yield* writer.finishValues()
  for (const [i, source] of sources.entries()) {
    const input = stored[i]
    if (input === undefined) {
      const missing = maps[i].get(0)
      for (let row = 0; row < source.map.size; row++) writer.column.push(missing)
    } else yield* mergeColumn(input, source, maps[i], writer, sink)
  }
  writer.finish()
  return writer
}

function* mergeColumn(
  input: SegmentField,
  { segment, map, ahead }: Source,
  vids: VidMap,
  writer: FieldWriter,
  sink: PageSink,
): Steps<void> {
  const { rowsPerPage, meta } = input
  // Pages of arrays may be larger than others.
  const perPage = Math.max(1, Math.ceil((rowsPerPage * meta.maxArray * 2) / RUN_PAGE_BYTES))
  for (let first = 0; first < segment.size; first += rowsPerPage) {
    yield* input.prefetch(first, Math.floor(ahead / perPage))
    const page = yield* input.stored(first)
    const end = Math.min(segment.size, first + rowsPerPage)
    const singles = page.singles
    for (let row = first; row < end; row++) {
      if (!map.isLive(row)) continue
      if (singles !== undefined) writer.column.push(vids.get(singles.get(row - first)))
      else if (page.arrayLength(row) < 0) writer.column.push(vids.get(page.sortKey(row, false)))
      else {
        const values = page.values(row)
        for (let i = 0; i < values.length; i++) values[i] = vids.get(values[i])
        writer.column.pushArray(values)
      }
    }
    if (sink.isFull) yield* sink.drain()
    if (isSliceOver()) yield
  }
}

function* mergeIds(
  sources: readonly Source[],
  segment: number,
  size: number,
  fields: WrittenFields,
  sink: PageSink,
): Steps<SegmentMeta> {
  const perPage = sources.map((source) => source.segment.meta.idsPerPage)
  const averageBytes = 4096 / (perPage.reduce((sum, ids) => sum + ids, 0) / perPage.length) - 2
  const writer = new IdsWriter(sink, segment, size, Math.max(1, averageBytes))
  const cursors = sources.map(
    (source, i) => new TreeCursor(i, source.segment.idTree, source, undefined),
  )
  let id: ValueRef | undefined
  yield* mergeValues(cursors, sink, {
    begin: (value) => {
      id = value
    },
    add: (ordinals, from, to) => {
      // Of an id that several inputs have, at most one version is live.
      for (let i = from; i < to; i++) if (id !== undefined) writer.addSorted(id, ordinals[i])
    },
    end: () => 0,
  })
  yield* writer.finishSorted()
  for (const source of sources) yield* mergeRows(source, writer, sink)
  return writer.finish(fields)
}

/** The ids and write sequences of the live records of an input. */
function* mergeRows(
  { segment, map, ahead }: Source,
  writer: IdsWriter,
  sink: PageSink,
): Steps<void> {
  const rows = Math.min(ROWS, Math.max(1, ahead) * ID_PAGES * segment.meta.idsPerPage)
  for (let from = 0; from < segment.size; from += rows) {
    const to = Math.min(segment.size, from + rows)
    if (ahead > 1) yield* segment.idColumn.prefetchRange(from, to)
    const sequences = new Float64Array(to - from)
    yield* segment.sequences.read(from, sequences)
    yield* segment.idColumn.each(from, to, (bytes, start, end, ordinal) => {
      if (map.isLive(ordinal)) writer.addRow(bytes, start, end, sequences[ordinal - from])
    })
    if (sink.isFull) yield* sink.drain()
    if (isSliceOver()) yield
  }
}

/** Takes merged values with their new ordinals. */
interface ValueTarget {
  begin(value: ValueRef): void
  add: TakeOrdinals
  /** Returns the new number of the value, or -1. */
  end(): number
}

/** Merges the values of all cursors; equal values become one, with the ordinals of all. */
function* mergeValues(
  cursors: readonly MergeCursor[],
  sink: PageSink,
  target: ValueTarget,
): Steps<void> {
  for (const cursor of cursors) yield* cursor.load()
  const heap = new CursorHeap(cursors)
  const { add } = target
  for (let count = 0; ; count++) {
    const { top } = heap
    if (top === undefined) return
    target.begin(top.value)
    if (heap.isTied) yield* mergeEqual(heap, top.value, target)
    else {
      if (!top.takeOrdinals(add)) yield* top.readOrdinals(add)
      if (!top.step(target.end())) yield* top.load()
      heap.settle()
    }
    if (sink.isFull) yield* sink.drain()
    if (count % 256 === 0 && isSliceOver()) yield
  }
}

/** Merges the cursors that have the value on top of the heap. None goes on before the value ends. */
function* mergeEqual(heap: CursorHeap, value: ValueRef, target: ValueTarget): Steps<void> {
  const { add } = target
  const equal: MergeCursor[] = []
  for (;;) {
    const { top } = heap
    if (top === undefined || top.value.compare(value) !== 0) break
    heap.pop()
    equal.push(top)
    if (!top.takeOrdinals(add)) yield* top.readOrdinals(add)
  }
  const vid = target.end()
  for (const cursor of equal) {
    if (!cursor.step(vid)) yield* cursor.load()
    heap.push(cursor)
  }
}
