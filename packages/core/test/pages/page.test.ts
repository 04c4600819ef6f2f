import { Buffer } from "node:buffer"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { TierdexError } from "../../src/errors.ts"
import {
  PAGE_HEADER_BYTES,
  PAGE_TRAILER_BYTES,
  PageReader,
  PageWriter,
} from "../../src/pages/page.ts"

const KEY = Uint8Array.of(3, 0, 0, 0, 1)

function open(stored: Uint8Array | undefined, key = KEY): PageReader {
  return new PageReader(key, stored, (reason) => new TierdexError("TIERDEX_CORRUPT", reason))
}

function pageOf(...bytes: number[]): Uint8Array {
  const page = new PageWriter()
  page.raw(Uint8Array.from(bytes))
  return page.seal(KEY)
}

type Item =
  | { type: "u8" | "u32" | "f64"; value: number }
  | { type: "align"; value: number }
  | { type: "raw"; value: Uint8Array }

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ type: fc.constant("u8" as const), value: fc.nat(255) }),
  fc.record({ type: fc.constant("u32" as const), value: fc.nat(2 ** 32 - 1) }),
  fc.record({ type: fc.constant("f64" as const), value: fc.double() }),
  fc.record({ type: fc.constant("align" as const), value: fc.constantFrom(2, 4, 8) }),
  fc.record({ type: fc.constant("raw" as const), value: fc.uint8Array({ maxLength: 40 }) }),
)
// Sizes around those at which the buffer grows, and odd ones, which it grows to exactly.
const large = fc
  .constantFrom(65_520, 65_524, 65_527, 65_528, 131_064, 150_001)
  .map((size): Item => ({ type: "raw", value: new Uint8Array(size).fill(size) }))
const items = fc.array(fc.oneof({ weight: 9, arbitrary: item }, { weight: 1, arbitrary: large }), {
  maxLength: 20,
})

describe("a page", () => {
  test("is read as it was written, also by a writer that was used before", () => {
    fc.assert(
      fc.property(fc.array(items, { maxLength: 3 }), (pages) => {
        const writer = new PageWriter()
        for (const page of pages) {
          for (const each of page) {
            if (each.type === "raw") writer.raw(each.value)
            else writer[each.type](each.value)
          }
          const { length } = writer
          const stored = writer.seal(KEY)
          expect(stored.length).toBe(length + PAGE_TRAILER_BYTES)
          expect(writer.length).toBe(PAGE_HEADER_BYTES)
          const reader = open(stored)
          for (const each of page) {
            if (each.type === "align") {
              const { position } = reader
              reader.align(each.value)
              const padding = stored.subarray(position, reader.position)
              expect(padding.every((byte) => byte === 0)).toBe(true)
            } else if (each.type === "raw") {
              expect(Buffer.compare(reader.raw(each.value.length), each.value)).toBe(0)
            } else expect(reader[each.type]()).toBe(each.value)
          }
          expect(reader.position).toBe(length)
        }
      }),
    )
  })

  // A number behind a body that filled the buffer exactly was written to the buffer it had before.
  test.each(["u8", "u32", "f64"] as const)("grows for a %s at the very end", (type) => {
    for (const short of [0, 1, 3]) {
      const writer = new PageWriter()
      writer.raw(new Uint8Array(200_000))
      writer.raw(new Uint8Array(400_000 - 200_000 - short))
      writer[type](77)
      const reader = open(writer.seal(KEY))
      reader.raw(400_000 - short)
      expect(reader[type]()).toBe(77)
    }
  })

  test("with any one bit flipped is refused", () => {
    const stored = pageOf(1, 2, 3, 250, 0, 0, 0, 0, 255)
    open(stored)
    for (let bit = 0; bit < stored.length * 8; bit++) {
      const flipped = stored.slice()
      flipped[bit >> 3] ^= 1 << (bit & 7)
      expect(() => open(flipped), `bit ${bit}`).toThrow(/header|checksum/)
    }
  })

  test("cut short or drawn out is refused", () => {
    const stored = pageOf(1, 2, 3, 4)
    for (let length = 0; length < stored.length; length++) {
      expect(() => open(stored.slice(0, length)), `${length} bytes`).toThrow(/short|header/)
    }
    expect(() => open(Uint8Array.of(...stored, 0))).toThrow(/header/)
    expect(() => open(undefined)).toThrow(/missing/)
  })

  test("under another key is refused", () => {
    const stored = pageOf(1, 2, 3, 4)
    for (let bit = 0; bit < KEY.length * 8; bit++) {
      const key = KEY.slice()
      key[bit >> 3] ^= 1 << (bit & 7)
      expect(() => open(stored, key), `bit ${bit} of the key`).toThrow(/checksum/)
    }
  })

  test("is read from memory of any alignment", () => {
    const writer = new PageWriter()
    writer.f64(0.5)
    writer.u32(9)
    writer.align(8)
    writer.f64(1.5)
    const stored = writer.seal(KEY)
    for (let offset = 0; offset < 9; offset++) {
      const memory = new Uint8Array(stored.length + 16).fill(0xaa)
      memory.set(stored, offset)
      const reader = open(memory.subarray(offset, offset + stored.length))
      expect([...reader.f64s(1)]).toEqual([0.5])
      expect([...reader.u32s(1)]).toEqual([9])
      reader.align(8)
      expect(reader.f64()).toBe(1.5)
    }
  })
})
