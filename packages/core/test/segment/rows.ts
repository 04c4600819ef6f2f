import { Buffer } from "node:buffer"
import { expect } from "vitest"
import { drive } from "../../src/cache/steps.ts"
import { FrozenMemtable } from "../../src/memtable/frozen-memtable.ts"
import { Memtable } from "../../src/memtable/memtable.ts"
import { IdKey } from "../../src/parts/id-key.ts"
import type { LiveView } from "../../src/parts/live-set.ts"
import { readField } from "../../src/query/read-fields.ts"
import { ByteReader } from "../../src/rows/byte-reader.ts"
import { ByteWriter } from "../../src/rows/byte-writer.ts"
import { type FieldValue, isArray, ROW_END, writeField } from "../../src/rows/row.ts"
import { flushMemtable } from "../../src/segment/flush.ts"
import { mergeSegments } from "../../src/segment/merge.ts"
import { Segment, type SegmentMeta } from "../../src/segment/segment.ts"
import { compareValues } from "../../src/values/compare.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { beforeKind } from "../../src/values/value-set.ts"
import { type PageStore, run } from "../pages/page-store.ts"

/** A record as the model has it; fields by number, missing ones left out. */
export interface Row {
  readonly id: string
  readonly sequence: number
  readonly fields: ReadonlyMap<number, FieldValue>
}

export const MISSING: Value = { kind: Kind.missing, payload: 0 }

/** Pages that a merge reads at once. */
const AHEAD = 32

const encoder = new TextEncoder()

/** The key of a text, which may be one that an index would refuse. */
export function keyOf(text: string): IdKey {
  return new IdKey(encoder.encode(text))
}

/** A value as a model compares it. */
export function textOf({ kind, payload }: Value): string {
  return `${kind}:${typeof payload === "number" ? payload : Buffer.from(payload).toString("hex")}`
}

export function putRow(memtable: Memtable, { id, sequence, fields }: Row): void {
  const out = new ByteWriter()
  for (const [field, value] of fields) writeField(out, field, value)
  out.u8(ROW_END)
  memtable.put(keyOf(id), new ByteReader(out.bytes), sequence)
}

/** Rows as a memtable, for which an id that comes again replaces the one before it. */
export function memtableOf(rows: readonly Row[]): Memtable {
  const memtable = new Memtable()
  for (const row of rows) putRow(memtable, row)
  return memtable
}

/** Writes the live rows of a memtable as a segment. */
export async function flushed(
  memtable: Memtable,
  pages: PageStore,
  segment: number,
  live: LiveView = memtable.live.view(),
): Promise<Segment> {
  return open(
    pages,
    await drive(flushMemtable(new FrozenMemtable(memtable.image), live, segment, pages.sink)),
  )
}

export async function merged(
  inputs: readonly { readonly segment: Segment; readonly live: LiveView }[],
  pages: PageStore,
  segment: number,
): Promise<Segment> {
  return open(pages, await drive(mergeSegments(inputs, segment, pages.sink, AHEAD, () => {})))
}

async function open(pages: PageStore, meta: SegmentMeta): Promise<Segment> {
  await pages.finish()
  return new Segment(pages, meta, { checked: 0, excluded: 0 })
}

export function valuesOf(row: Row, field: number): readonly Value[] {
  const value = row.fields.get(field) ?? MISSING
  return isArray(value) ? value : [value]
}

function textOfField(value: FieldValue): string {
  return isArray(value) ? `[${value.map(textOf).join(",")}]` : textOf(value)
}

/** The distinct values of a field in order, each with the ordinals that have it. */
function postingsOf(rows: readonly Row[], field: number): [Value, number[]][] {
  const postings = new Map<string, [Value, number[]]>()
  for (const [ordinal, row] of rows.entries()) {
    for (const value of valuesOf(row, field)) {
      const text = textOf(value)
      const known = postings.get(text)
      if (known === undefined) postings.set(text, [value, [ordinal]])
      else if (known[1].at(-1) !== ordinal) known[1].push(ordinal)
    }
  }
  return [...postings.values()].sort(([a], [b]) => compareValues(a, b))
}

/** Compares all that a segment holds with rows, and checks it. */
export function expectSegment(segment: Segment, rows: readonly Row[], fields: number): void {
  const { meta } = segment
  expect(segment.size).toBe(rows.length)
  const all = Uint32Array.from(rows.keys())
  expect(run(segment.ids(all))).toEqual(rows.map(({ id }) => id))
  const sequences = rows.map(({ sequence }) => sequence)
  expect(rows.map((_, ordinal) => run(segment.sequence(ordinal)))).toEqual(sequences)
  expect([meta.firstSequence, meta.lastSequence]).toEqual([sequences[0], sequences.at(-1)])
  expect(rows.map(({ id }) => run(segment.find(keyOf(id))))).toEqual([...rows.keys()])
  const ids = new Set(rows.map(({ id }) => id))
  for (const id of [
    "",
    "\u0000",
    "absent",
    "zzz",
    ...rows.slice(0, 20).map((row) => `${row.id}~`),
  ]) {
    if (!ids.has(id)) expect(run(segment.find(keyOf(id)))).toBeUndefined()
  }
  for (const sequence of [0, ...sequences.slice(0, 10), (sequences.at(-1) ?? 0) - 1]) {
    const after = sequences.findIndex((each) => each > sequence)
    expect(run(segment.after(sequence))).toBe(after < 0 ? rows.length : after)
  }
  const present = Array.from({ length: fields }, (_, field) => field).filter((field) =>
    rows.some((row) => row.fields.has(field)),
  )
  expect(meta.fields).toEqual(present)
  run(segment.checkIds())
  for (let field = 0; field < fields; field++) expectField(segment, rows, field)
}

function expectField(segment: Segment, rows: readonly Row[], field: number): void {
  const found = run(segment.field(field))
  const postings = postingsOf(rows, field)
  const stored = run(readField(found, Uint32Array.from(rows.keys())))
  expect(stored.map(textOfField)).toEqual(
    rows.map((row) => textOfField(row.fields.get(field) ?? MISSING)),
  )
  expect(found.distinct).toBe(postings.length)
  expect(found.entries).toBe(postings.reduce((sum, [, ordinals]) => sum + ordinals.length, 0))
  const values = run(found.values(Uint32Array.from(postings.keys())))
  expect(values.map(textOf)).toEqual(postings.map(([value]) => textOf(value)))
  expect([...(run(found.counts()) ?? [])]).toEqual(postings.map(([, { length }]) => length))
  for (const [vid, [value, ordinals]] of postings.entries()) {
    if (vid % Math.ceil(postings.length / 50) !== 0) continue
    const set = run(found.resolve([{ from: cut(value, false), to: cut(value, true) }]))
    expect([...set.intervals, set.entries]).toEqual([vid, vid + 1, ordinals.length])
    expect([...run(found.docs(set)).toArray()]).toEqual(ordinals)
  }
  const all = run(found.resolve([{ from: beforeKind(0), to: beforeKind(8) }]))
  expect([all.isEverything, run(found.docs(all)).size]).toEqual([true, rows.length])

  const own = run(segment.stored(field))
  if (own === undefined) return
  run(own.check())
  const arrays = rows.map((row) => row.fields.get(field)).filter((v) => v && isArray(v)).length
  const vidOf = (kind: Kind) => postings.findIndex(([value]) => value.kind === kind)
  expect([own.meta.arrays, own.isMulti]).toEqual([arrays, arrays > 0])
  expect([own.meta.missing, own.meta.null]).toEqual([vidOf(Kind.missing), vidOf(Kind.null)])
  for (const descending of [false, true]) expectWalk(segment, rows, field, descending)
}

function cut(value: Value, after: boolean) {
  return { kind: value.kind, value, after }
}

/** A walk lists every record once, by its least or greatest value, then by ordinal. */
function expectWalk(segment: Segment, rows: readonly Row[], field: number, descending: boolean) {
  const found = run(segment.field(field))
  const walk = run(found.walk(beforeKind(0), beforeKind(8), descending))
  const walked: number[] = []
  for (let batch = run(walk.next()); batch !== undefined; batch = run(walk.next())) {
    walked.push(...batch.ordinals.subarray(0, batch.count))
  }
  const sign = descending ? -1 : 1
  const keys = rows.map((row) => {
    const sorted = [...valuesOf(row, field)].sort((a, b) => sign * compareValues(a, b))
    return sorted[0].kind === Kind.missing ? { kind: Kind.null, payload: 0 } : sorted[0]
  })
  const expected = [...rows.keys()].sort((a, b) => sign * compareValues(keys[a], keys[b]) || a - b)
  expect(walked).toEqual(expected)
}
