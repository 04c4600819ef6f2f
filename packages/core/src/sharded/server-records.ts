import { drive, isSliceOver, type Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import { findLive, idKey } from "../engine/ids.ts"
import { readRecord } from "../engine/records.ts"
import type { SingleEngine } from "../engine/single-engine.ts"
import type { View } from "../engine/view.ts"
import type { FieldTable } from "../fields/field-table.ts"
import { beginOperation, endOperation, OperationType } from "../log/operations.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import { ROW_END, writeField } from "../rows/row.ts"
import type { AnswerValue } from "./calls.ts"

/** Where others keep the thread busy, each look at the time may cost a turn of the event loop. */
const IDS_PER_CHECK = 128

/** Records of an index, as puts that another index understands. */
export async function takeRecords(
  engine: SingleEngine,
  ids: readonly string[],
  maxBytes: number,
): Promise<AnswerValue<"take">> {
  const { fields, source } = engine
  const out = new ByteWriter()
  const { taken, present } = await behindWrites(engine, (view) =>
    writeRecords(view, ids, maxBytes, fields, out),
  )
  const sent = { table: source.indexId, from: 0, paths: fields.paths }
  return { taken, ids: present, bytes: Uint8Array.from(out.bytes), fields: sent }
}

function* writeRecords(
  { parts }: View,
  ids: readonly string[],
  maxBytes: number,
  fields: FieldTable,
  out: ByteWriter,
): Steps<{ readonly taken: number; readonly present: string[] }> {
  const present: string[] = []
  let taken = 0
  for (const id of ids) {
    if (out.length > maxBytes) break
    if (++taken % IDS_PER_CHECK === 0 && isSliceOver()) yield
    const key = idKey(id)
    const place = yield* findLive(parts, key)
    if (place === undefined) continue
    present.push(id)
    const record = yield* readRecord(place.view.part, place.ordinal, fields)
    const head = beginOperation(out, OperationType.put)
    out.varint(key.bytes.length)
    out.raw(key.bytes)
    const row = out.length
    for (const [field, value] of record) writeField(out, field, value)
    out.u8(ROW_END)
    endOperation(out, head, row)
  }
  return { taken, present }
}

/** Those of some ids that there are. */
export async function presentIds(engine: SingleEngine, ids: readonly string[]): Promise<string[]> {
  return await behindWrites(engine, function* ({ parts }) {
    const present: string[] = []
    for (const [i, id] of ids.entries()) {
      if (i % IDS_PER_CHECK === 0 && isSliceOver()) yield
      if ((yield* findLive(parts, idKey(id))) !== undefined) present.push(id)
    }
    return present
  })
}

/** About so many ids, evenly from all records. */
export async function sampleIds(engine: SingleEngine, count: number): Promise<string[]> {
  const view = engine.source.acquire()
  try {
    const ids: string[] = []
    const step = Math.max(1, Math.floor(view.size / count))
    for (const { part, live } of view.parts) {
      for (const id of await drive(part.ids(everyNth(live.docs, step)))) ids.push(id)
    }
    return ids
  } finally {
    view.release()
  }
}

function everyNth(docs: DocSet, step: number): Uint32Array {
  const picked: number[] = []
  const buffer = new Uint32Array(4096)
  let place = 0
  for (let next = 0; ; ) {
    const read = docs.read(next, buffer)
    if (read === 0) return Uint32Array.from(picked)
    for (let i = 0; i < read; i++) if (place++ % step === 0) picked.push(buffer[i])
    next = buffer[read - 1] + 1
  }
}

/** Reads a view that has all writes which were sent before. */
async function behindWrites<R>(engine: SingleEngine, read: (view: View) => Steps<R>): Promise<R> {
  const view = await engine.viewBehindWrites()
  try {
    return await drive(read(view))
  } finally {
    view.release()
  }
}
