import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ByteReader } from "../../src/rows/byte-reader.ts"
import { ByteWriter } from "../../src/rows/byte-writer.ts"

/** Something to write, and what reads it again. */
interface Item {
  readonly write: (out: ByteWriter) => unknown
  readonly read: (reader: ByteReader) => unknown
  readonly value: unknown
}

const item = <V>(
  values: fc.Arbitrary<V>,
  write: (out: ByteWriter, value: V) => unknown,
  read: (reader: ByteReader, value: V) => unknown,
): fc.Arbitrary<Item> =>
  values.map((value) => ({
    value,
    write: (out) => write(out, value),
    read: (reader) => read(reader, value),
  }))

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.integer({ min: 36, max: 300 }).map((length) => "x".repeat(length)),
)

const items = fc.array(
  fc.oneof(
    item(
      fc.nat(255),
      (out, value) => out.u8(value),
      (reader) => reader.u8(),
    ),
    item(
      fc.integer(),
      (out, value) => out.i32(value),
      (reader) => reader.i32(),
    ),
    item(
      fc.double(),
      (out, value) => out.f64(value),
      (reader) => reader.f64(),
    ),
    item(
      fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
      (out, value) => out.varint(value),
      (reader) => reader.varint(),
    ),
    item(
      text,
      (out, value) => out.string(value),
      (reader) => reader.string(),
    ),
    item(
      fc.uint8Array({ maxLength: 50 }),
      (out, value) => out.raw(value),
      (reader, value) => new Uint8Array(reader.raw(value.length)),
    ),
  ),
)

test("what was written is read again, in order", () => {
  fc.assert(
    fc.property(items, fc.nat(20), (written, capacity) => {
      const out = new ByteWriter(capacity)
      for (const { write } of written) write(out)
      const reader = new ByteReader(out.bytes)
      for (const { read, value } of written) expect(read(reader)).toEqual(value)
      expect(reader.position).toBe(out.length)
    }),
  )
})

test("a string tells its length in bytes", () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(new ByteWriter().string(value)).toBe(new TextEncoder().encode(value).length)
    }),
  )
})

test("a shorter length takes back what was written behind it", () => {
  fc.assert(
    fc.property(items, items, items, (before, cut, after) => {
      const out = new ByteWriter(1)
      const whole = new ByteWriter(1)
      for (const { write } of before) write(out)
      const { length } = out
      for (const { write } of cut) write(out)
      out.length = length
      for (const { write } of after) write(out)
      for (const { write } of [...before, ...after]) write(whole)
      expect(out.bytes).toEqual(whole.bytes)
    }),
  )
})

describe("a reader", () => {
  test("never reads past the end", () => {
    const bytes = Uint8Array.of(1, 2, 3, 0xff, 0xff).subarray(0, 3)
    const calls: ((reader: ByteReader) => unknown)[] = [
      (reader) => reader.i32(),
      (reader) => reader.f64(),
      (reader) => reader.raw(4),
      (reader) => reader.skip(4),
      () => new ByteReader(Uint8Array.of(5, 65)).string(),
      () => new ByteReader(Uint8Array.of(0x80)).varint(),
      () => new ByteReader(new Uint8Array(0)).u8(),
    ]
    for (const call of calls) expect(() => call(new ByteReader(bytes))).toThrow(RangeError)
  })

  test("reads a number that was patched", () => {
    const out = new ByteWriter(4)
    out.u8(7)
    out.i32(0)
    out.string("x")
    out.patchI32(1, -123_456)
    const reader = new ByteReader(out.bytes, 1)
    expect(reader.i32()).toBe(-123_456)
    expect(reader.string()).toBe("x")
  })
})
