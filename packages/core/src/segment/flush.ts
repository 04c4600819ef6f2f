import { isSliceOver, type Steps } from "../cache/steps.ts"
import { COLUMN_ROWS, listAt } from "../memtable/column.ts"
import type { FrozenField, FrozenMemtable } from "../memtable/frozen-memtable.ts"
import { sortByBytes } from "../memtable/sort-bytes.ts"
import type { PageSink } from "../pages/page-sink.ts"
import type { LiveView } from "../parts/live-set.ts"
import { ValueRef } from "../values/value-ref.ts"
import { FieldWriter, WrittenFields } from "./field-writer.ts"
import { IdsWriter } from "./ids-writer.ts"
import type { SegmentMeta } from "./segment.ts"

/** Writes a frozen memtable as a segment, without the records that were dead when it froze. */
export function* flushMemtable(
  memtable: FrozenMemtable,
  live: LiveView,
  segment: number,
  sink: PageSink,
): Steps<SegmentMeta> {
  const kept = live.docs.toArray()
  const fields = new WrittenFields()
  for (const field of memtable.fields) {
    const writer = yield* writeField(field, kept, segment, sink)
    if (writer !== undefined) fields.add(field.number, writer)
  }
  return yield* writeIds(memtable, kept, segment, fields, sink)
}

/** Returns what has written the field; undefined if only dead records have it. */
function* writeField(
  source: FrozenField,
  kept: Uint32Array,
  segment: number,
  sink: PageSink,
): Steps<FieldWriter | undefined> {
  const { number, values, column } = source
  const sorted = values.sorted()
  yield
  const entries = countingSort(source, kept, sorted)
  yield
  // Not before all is sorted, which takes most memory.
  const writer = new FieldWriter(sink, segment, number, values.length, column.maxArray)
  const vidOf = new Uint32Array(values.length)
  const value = new ValueRef()
  for (let rank = 0; rank < sorted.length; rank++) {
    const from = entries.starts[rank]
    const to = entries.starts[rank + 1]
    if (from === to) continue
    values.look(sorted[rank], value)
    writer.begin(value)
    writer.add(entries.ordinals, from, to)
    vidOf[sorted[rank]] = writer.end()
    if (sink.isFull) yield* sink.drain()
    if (rank % 1024 === 0 && isSliceOver()) yield
  }
  if (writer.isAbsent) return undefined
  yield* writer.finishValues()
  for (let i = 0; i < kept.length; i++) {
    const cell = column.chunk(kept[i])[kept[i] % COLUMN_ROWS]
    const at = listAt(cell)
    if (at < 0) writer.column.push(vidOf[cell])
    else {
      const vids = new Uint32Array(column.lists.get(at))
      for (let j = 0; j < vids.length; j++) vids[j] = vidOf[column.lists.get(at + 1 + j)]
      writer.column.pushArray(vids)
    }
    if (sink.isFull) yield* sink.drain()
    if (i % 4096 === 0 && isSliceOver()) yield
  }
  writer.finish()
  return writer
}

/** New ordinals grouped by value, in the order of values: those of rank r from `starts[r]` on. */
function countingSort(
  field: FrozenField,
  kept: Uint32Array,
  sorted: Uint32Array,
): { starts: Uint32Array; ordinals: Uint32Array } {
  const rankOf = new Uint32Array(field.values.length)
  for (let rank = 0; rank < sorted.length; rank++) rankOf[sorted[rank]] = rank
  const starts = new Uint32Array(sorted.length + 1)
  eachEntry(field, kept, (_ordinal, vid) => {
    starts[rankOf[vid] + 1]++
  })
  for (let rank = 0; rank < sorted.length; rank++) starts[rank + 1] += starts[rank]
  const next = starts.slice()
  const ordinals = new Uint32Array(starts[sorted.length])
  eachEntry(field, kept, (ordinal, vid) => {
    ordinals[next[rankOf[vid]]++] = ordinal
  })
  return { starts, ordinals }
}

/** Calls `take` for each distinct value of each record, by new ordinal. */
function eachEntry(
  { values, column }: FrozenField,
  kept: Uint32Array,
  take: (ordinal: number, vid: number) => void,
): void {
  /** By value: 1 more than the last record that was found to have it in an array. */
  const last = new Uint32Array(column.maxArray > 0 ? values.length : 0)
  for (let i = 0; i < kept.length; i++) {
    const cell = column.chunk(kept[i])[kept[i] % COLUMN_ROWS]
    const at = listAt(cell)
    if (at < 0) take(i, cell)
    else {
      const end = at + column.lists.get(at)
      for (let j = at + 1; j <= end; j++) {
        const vid = column.lists.get(j)
        if (last[vid] === i + 1) continue
        last[vid] = i + 1
        take(i, vid)
      }
    }
  }
}

function* writeIds(
  memtable: FrozenMemtable,
  kept: Uint32Array,
  segment: number,
  fields: WrittenFields,
  sink: PageSink,
): Steps<SegmentMeta> {
  const id = new ValueRef()
  let bytes = 0
  for (const ordinal of kept) {
    memtable.lookAtId(ordinal, id)
    bytes += id.to - id.from
  }
  const writer = new IdsWriter(sink, segment, kept.length, bytes / Math.max(1, kept.length))
  const order = Uint32Array.from(kept.keys())
  sortByBytes(order, memtable.arena, (i) => memtable.idRef(kept[i]))
  yield
  for (let i = 0; i < order.length; i++) {
    memtable.lookAtId(kept[order[i]], id)
    writer.addSorted(id, order[i])
    if (sink.isFull) yield* sink.drain()
    if (i % 1024 === 0 && isSliceOver()) yield
  }
  yield* writer.finishSorted()
  for (let i = 0; i < kept.length; i++) {
    memtable.lookAtId(kept[i], id)
    writer.addRow(id.bytes, id.from, id.to, memtable.sequence(kept[i]))
    if (sink.isFull) yield* sink.drain()
    if (i % 1024 === 0 && isSliceOver()) yield
  }
  return writer.finish(fields)
}
