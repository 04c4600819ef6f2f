import { isSliceOver, type Steps } from "../cache/steps.ts"
import { Memtable } from "../memtable/memtable.ts"
import { IdKey } from "../parts/id-key.ts"
import { readFields } from "../query/read-fields.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import { ROW_END, writeField } from "../rows/row.ts"
import { isMissing } from "./records.ts"

const BATCH = 1024

/** A memtable with the live records of another, in their order and with their sequences. */
export function* compactMemtable(source: Memtable): Steps<Memtable> {
  const target = new Memtable()
  const part = source.view()
  const live = source.live.view().docs
  const ordinals = new Uint32Array(BATCH)
  const row = new ByteWriter()
  for (let next = 0; ; ) {
    const count = live.read(next, ordinals)
    if (count === 0) return target
    const batch = ordinals.subarray(0, count)
    const columns = yield* readFields(part, source.fields, batch)
    for (let i = 0; i < count; i++) {
      row.length = 0
      for (const [field, values] of columns) {
        if (!isMissing(values[i])) writeField(row, field, values[i])
      }
      row.u8(ROW_END)
      target.put(
        new IdKey(source.id(batch[i])),
        new ByteReader(row.bytes),
        source.sequence(batch[i]),
      )
    }
    next = batch[count - 1] + 1
    if (isSliceOver()) yield
  }
}
