import fc from "fast-check"
import { expect, test } from "vitest"
import { ByteReader } from "../../src/rows/byte-reader.ts"
import { ByteWriter } from "../../src/rows/byte-writer.ts"
import { type FieldValue, ROW_END, readRow, writeField } from "../../src/rows/row.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { toValue } from "../../src/values/scalar.ts"
import { scalars } from "../oracle.ts"

const scalarValues: fc.Arbitrary<Value> = fc
  .oneof(scalars, fc.double({ noNaN: true }), fc.integer(), fc.date({ noInvalidDate: true }))
  .map((scalar) => {
    const value = toValue(scalar)
    if (typeof value === "string") throw new Error(value)
    return value
  })

const fieldValues: fc.Arbitrary<FieldValue> = fc.oneof(
  scalarValues,
  fc.array(scalarValues, { minLength: 1, maxLength: 5 }),
  fc.constantFrom<Value>({ kind: Kind.object, payload: 0 }, { kind: Kind.emptyArray, payload: 0 }),
)

const rows = fc
  .uniqueArray(fc.tuple(fc.nat(999), fieldValues), { selector: ([field]) => field })
  .map((fields) => new Map(fields))

function write(out: ByteWriter, fields: ReadonlyMap<number, FieldValue>): void {
  for (const [field, value] of fields) writeField(out, field, value)
  out.u8(ROW_END)
}

/** Payloads of strings are views of different buffers: their bytes count. */
function plain(fields: ReadonlyMap<number, FieldValue>) {
  const value = ({ kind, payload }: Value) =>
    typeof payload === "number" ? { kind, payload } : { kind, payload: [...payload] }
  return [...fields].map(([field, own]) => [field, "kind" in own ? value(own) : own.map(value)])
}

test("rows that follow each other are read again", () => {
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 5 }), (written) => {
      const out = new ByteWriter(1)
      for (const row of written) write(out, row)
      const reader = new ByteReader(out.bytes)
      for (const row of written) expect(plain(readRow(reader))).toEqual(plain(row))
      expect(reader.position).toBe(out.length)
    }),
  )
})

test("a row that is cut off, or has an unknown tag, is an error", () => {
  const out = new ByteWriter()
  write(out, new Map([[3, [{ kind: Kind.number, payload: 1.5 }]]]))
  const { bytes } = out
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readRow(new ByteReader(bytes.slice(0, length)))).toThrow(RangeError)
  }
  expect(() => readRow(new ByteReader(Uint8Array.of(1, 77, 0)))).toThrow(RangeError)
})
