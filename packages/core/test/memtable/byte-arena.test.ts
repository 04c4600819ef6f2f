import fc from "fast-check"
import { expect, test } from "vitest"
import { ByteArena } from "../../src/memtable/byte-arena.ts"
import { sortByBytes } from "../../src/memtable/sort-bytes.ts"

/** Alike at their beginnings, so that order is decided late; some as long as they may be. */
const strings = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.uint8Array({ maxLength: 6, max: 3 }) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 80 }) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.nat(90), fc.uint8Array({ maxLength: 3 }))
        .map(([length, end]) => Uint8Array.of(...new Uint8Array(length).fill(7), ...end)),
    },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(65_535).fill(7)) },
  ),
  { maxLength: 120 },
)

function fill(all: readonly Uint8Array[]) {
  const arena = new ByteArena()
  // From inside a larger array, as the fields of a row are.
  const refs = all.map((bytes) => {
    const row = new Uint8Array(bytes.length + 5).fill(9)
    row.set(bytes, 2)
    return arena.add(row, 2, 2 + bytes.length)
  })
  return { arena, refs }
}

test("an arena keeps strings of bytes, and compares them", () => {
  fc.assert(
    fc.property(strings, fc.nat(), (all, random) => {
      const { arena, refs } = fill(all)
      for (const [i, bytes] of all.entries()) {
        expect(Buffer.compare(arena.get(refs[i]), bytes)).toBe(0)
        expect(arena.equals(refs[i], bytes, 0, bytes.length)).toBe(true)
        const at = random % (bytes.length + 2)
        expect(arena.byteAt(refs[i], at)).toBe(bytes[at] ?? -1)
        const j = (i * 7 + random) % all.length
        const order = Buffer.compare(bytes, all[j])
        expect(Math.sign(arena.compare(refs[i], refs[j], 0))).toBe(order)
        expect(arena.equals(refs[j], bytes, 0, bytes.length)).toBe(order === 0)
      }
    }),
  )
})

test("sorting by bytes sorts, and keeps each item", () => {
  fc.assert(
    fc.property(strings, (all) => {
      const { arena, refs } = fill(all)
      const items = Uint32Array.from(all, (_, i) => i + 10)
      sortByBytes(items, arena, (item) => refs[item - 10])
      const sorted = [...items].map((item) => Buffer.from(all[item - 10]))
      expect(sorted).toEqual(all.map((bytes) => Buffer.from(bytes)).sort(Buffer.compare))
      expect([...items].sort((a, b) => a - b)).toEqual(all.map((_, i) => i + 10))
    }),
  )
})

test("long equal beginnings do not overflow the stack", () => {
  const base = new Uint8Array(30_000).fill(65)
  const all = Array.from({ length: 200 }, (_, i) => Uint8Array.of(...base, 255 - i, i))
  const { arena, refs } = fill(all)
  const items = Uint32Array.from(all, (_, i) => i)
  sortByBytes(items, arena, (item) => refs[item])
  expect([...items]).toEqual(all.map((_, i) => 199 - i))
})
