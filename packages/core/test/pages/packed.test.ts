import fc from "fast-check"
import { expect, test } from "vitest"
import { packedBytes, readPacked, widthOf, writePacked } from "../../src/pages/packed.ts"
import { PageReader, PageWriter } from "../../src/pages/page.ts"
import { randomFrom } from "../support/random.ts"

const KEY = Uint8Array.of(3)
const MAX = 2 ** 32 - 1

/** The greatest number of each width above its base. */
const SPANS = [0, 0xff, 0xffff, 0xffffff, MAX]

function readerOf(page: PageWriter): PageReader {
  return new PageReader(KEY, page.seal(KEY), (reason) => {
    throw new Error(reason)
  })
}

/** Numbers from `base` to `base + span`, both ends among them where two fit. */
function numbers(length: number, base: number, span: number, seed: number): Uint32Array {
  const random = randomFrom(seed)
  const values = Uint32Array.from({ length }, () => base + Math.floor(random() * (span + 1)))
  values.fill(base, 0, 1)
  values.fill(base + span, length - 1, length)
  return values
}

const cases = fc
  .record({
    span: fc.oneof(
      fc.constantFrom(...SPANS, ...SPANS.slice(0, 4).map((span) => span + 1)),
      fc.nat(MAX),
    ),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 2, max: 300 }),
    skip: fc.nat(5),
    drop: fc.nat(5),
    before: fc.nat(9),
    seed: fc.integer(),
  })
  .map(({ place, ...rest }) => ({ ...rest, base: Math.floor(place * (MAX - rest.span)) }))

test("numbers of every width and base come back, wherever they lie in an array and a page", () => {
  fc.assert(
    fc.property(cases, ({ span, base, length, skip, drop, before, seed }) => {
      const values = numbers(length, base, span, seed)
      const around = new Uint32Array(skip + length + drop).fill(7)
      around.set(values, skip)
      const page = new PageWriter()
      page.raw(new Uint8Array(before).fill(1))
      const start = page.length
      writePacked(page, around, skip, skip + length)
      expect(page.length - start).toBeLessThanOrEqual(packedBytes(length, widthOf(span)) + 3)
      page.u32(0xfeed)
      const reader = readerOf(page)
      reader.raw(before)
      const packed = readPacked(reader, length)
      expect(packed.toArray()).toEqual(values)
      expect(Uint32Array.from(values, (_, i) => packed.get(i))).toEqual(values)
      expect([packed.width, packed.base]).toEqual([widthOf(span), base])
      expect(reader.u32()).toBe(0xfeed)
    }),
  )
})

test("a range is copied to its place, with what is to be added, and nothing else is touched", () => {
  const ranges = fc.record({
    from: fc.nat(300),
    to: fc.nat(300),
    at: fc.nat(20),
    add: fc.nat(1000),
  })
  fc.assert(
    fc.property(cases, ranges, ({ span, base, length, seed }, range) => {
      const values = numbers(length, base, span, seed)
      const page = new PageWriter()
      writePacked(page, values, 0, length)
      const packed = readPacked(readerOf(page), length)
      const [from, to] = [range.from % (length + 1), range.to % (length + 1)].sort((a, b) => a - b)
      const add = Math.min(range.add, MAX - base - span)
      const expected = new Uint32Array(range.at + to - from + 3).fill(5)
      for (let i = from; i < to; i++) expected[range.at + i - from] = values[i] + add
      const out = new Uint32Array(expected.length).fill(5)
      packed.copy(from, to, out, range.at, add)
      expect(out).toEqual(expected)
    }),
  )
})

test("no numbers take a header alone", () => {
  const page = new PageWriter()
  writePacked(page, Uint32Array.of(1, 2), 1, 1)
  const packed = readPacked(readerOf(page), 0)
  expect([packed.length, packed.width, packed.base]).toEqual([0, 0, 0])
  expect(packed.toArray()).toEqual(new Uint32Array(0))
})

test.each([0, 1, 2, 3, 4])("numbers that span up to %i bytes have that width", (width) => {
  expect(widthOf(SPANS[width])).toBe(width)
  if (width > 0) expect(widthOf(SPANS[width - 1] + 1)).toBe(width)
})
