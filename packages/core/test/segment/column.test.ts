import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ColumnPage } from "../../src/parts/part.ts"
import { VidSet } from "../../src/parts/vid-set.ts"
import { ColumnWriter, rowsPerPage } from "../../src/segment/column-writer.ts"
import { SegmentField } from "../../src/segment/field.ts"
import { PageStore, run } from "../pages/page-store.ts"
import { randomFrom } from "../support/random.ts"

const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS) / 2)

/** A number, or the elements of an array. */
type Row = number | number[]

const numbersOf = (row: Row): number[] => (typeof row === "number" ? [row] : row)

/** A field of which only the column is there. */
async function storeColumn(rows: readonly Row[], perPage: number, distinct: number) {
  const pages = await PageStore.open()
  const writer = new ColumnWriter(pages.sink, 1, 2, perPage)
  for (const row of rows) {
    if (typeof row === "number") writer.push(row)
    else writer.pushArray(Uint32Array.from(row))
  }
  writer.finish()
  await pages.finish()
  const meta = {
    tree: { height: 0, leaves: 0, distinct, entries: 0 },
    rowsPerPage: perPage,
    maxArray: 0,
    arrays: writer.arrays,
    bloomPages: 0,
    missing: -1,
    null: -1,
  }
  const counters = { checked: 0, excluded: 0 }
  return { pages, field: new SegmentField(pages, 1, 2, rows.length, meta, counters) }
}

/** What pages of rows are like, one after another. */
const shapes = fc.constantFrom("constant", "narrow", "wide", "arrays", "mixed", "ascending")
const columns = fc.record({
  shapes: fc.array(shapes, { minLength: 1, maxLength: 4 }),
  perPage: fc.constantFrom(64, 128, 192),
  short: fc.nat(63),
  distinct: fc.constantFrom(1, 2, 7, 300, 70_000, 2 ** 24),
  seed: fc.integer(),
})

type Case = typeof columns extends fc.Arbitrary<infer T> ? T : never

function rowsOf(
  { shapes, perPage, short, distinct, seed }: Case,
  random = randomFrom(seed),
): Row[] {
  const below = (limit: number) => Math.floor(random() * limit)
  const rows = shapes.flatMap((shape) => {
    const base = below(distinct)
    const near = () => Math.min(distinct - 1, base + below(5))
    const list = () => Array.from({ length: 1 + below(6) }, near)
    return Array.from({ length: perPage }, (_, i): Row => {
      switch (shape) {
        case "constant":
          return base
        case "narrow":
          return near()
        case "wide":
          return below(distinct)
        case "arrays":
          return list()
        case "mixed":
          return random() < 0.9 ? near() : list()
        default:
          return Math.min(distinct - 1, base + i)
      }
    })
  })
  return rows.slice(0, rows.length - short)
}

/** Sets of numbers of every form: none, all, a run, several runs, a complement. */
function setsBelow(distinct: number, rows: readonly Row[], random: () => number): VidSet[] {
  const some = numbersOf(rows[Math.floor(random() * rows.length)])[0]
  const of = (...pairs: number[]) => VidSet.ofIntervals(Uint32Array.from(pairs), distinct, 0)
  const points = [...new Set(rows.slice(0, 60).flatMap(numbersOf))].sort((a, b) => a - b)
  const apart = points.filter((vid, i) => i === 0 || vid > points[i - 1] + 1)
  return [
    of(),
    of(0, distinct),
    of(some, some + 1),
    of(some, Math.min(distinct, some + 3)),
    of(0, some + 1),
    of(...apart.flatMap((vid) => [vid, vid + 1])),
    of(some, some + 1).complement(0),
  ]
}

function ordinalsOf(rows: readonly Row[], keep: (row: Row, ordinal: number) => boolean): number[] {
  return rows.flatMap((row, ordinal) => (keep(row, ordinal) ? [ordinal] : []))
}

describe("a column", () => {
  test("answers as an array of rows does", async () => {
    const property = fc.asyncProperty(columns, async (columnCase) => {
      const { perPage, distinct, seed } = columnCase
      const rows = rowsOf(columnCase)
      const { field } = await storeColumn(rows, perPage, distinct)
      const pageAt = (ordinal: number) => run(field.column(ordinal))
      expect(field.isMulti).toBe(rows.some((row) => typeof row !== "number"))

      for (const [ordinal, row] of rows.entries()) {
        const page = pageAt(ordinal)
        const numbers = numbersOf(row)
        expect([...page.values(ordinal)]).toEqual(numbers)
        expect(page.sortKey(ordinal, false)).toBe(Math.min(...numbers))
        expect(page.sortKey(ordinal, true)).toBe(Math.max(...numbers))
        expect(page.arrayLength(ordinal)).toBe(typeof row === "number" ? -1 : row.length)
      }

      const random = randomFrom(seed + 1)
      for (const set of setsBelow(distinct, rows, random)) {
        const has = (row: Row) => numbersOf(row).some((vid) => set.has(vid))
        const asked = ordinalsOf(rows, () => random() < 0.3)
        const words = new Uint32Array(Math.ceil(rows.length / 32))
        const selected: number[] = []
        for (let first = 0; first < rows.length; first += perPage) {
          const end = Math.min(rows.length, first + perPage)
          pageAt(first).scan(set, first, end, words)
          selected.push(...select(pageAt(first), set, asked, first, end))
          const zone = run(field.zone(first))
          const own = rows.slice(first, end).flatMap(numbersOf)
          expect(zone).toEqual({ min: Math.min(...own), max: Math.max(...own) })
        }
        expect(selected).toEqual(asked.filter((ordinal) => has(rows[ordinal])))
        const scanned = ordinalsOf(rows, (_, i) => ((words[i >>> 5] >>> (i & 31)) & 1) === 1)
        expect(scanned).toEqual(ordinalsOf(rows, has))
      }
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  test("tallies each distinct value of a record once", async () => {
    const property = fc.asyncProperty(columns, async (columnCase) => {
      const distinct = Math.min(columnCase.distinct, 70_000)
      const rows = rowsOf({ ...columnCase, distinct })
      const { field } = await storeColumn(rows, columnCase.perPage, distinct)
      const random = randomFrom(columnCase.seed + 1)
      const asked = ordinalsOf(rows, () => random() < 0.5)
      const counts = new Uint32Array(distinct)
      const expected = new Uint32Array(distinct)
      for (const ordinal of asked) {
        // With others of its page before and behind it, which do not count.
        const ordinals = Uint32Array.of(0, ordinal, 0)
        run(field.column(ordinal)).tally(ordinals, 1, 2, counts)
        for (const vid of new Set(numbersOf(rows[ordinal]))) expected[vid]++
      }
      expect(counts).toEqual(expected)
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  test("stores no page for rows that hold one value", async () => {
    const rows = [...new Array<number>(128).fill(5), ...new Array<number>(64).fill(0), 1]
    const { pages, field } = await storeColumn(rows, 64, 6)
    for (const [ordinal, vid] of rows.entries()) {
      expect(run(field.column(ordinal)).sortKey(ordinal, false)).toBe(vid)
    }
    // The directory alone was read.
    expect(pages.reads.map(({ page }) => page)).toEqual([0])
  })

  test("of an array of one element is no column of single values", async () => {
    const { field } = await storeColumn([3, [3], 3], 64, 4)
    const page = run(field.column(0))
    expect([0, 1, 2].map((ordinal) => page.arrayLength(ordinal))).toEqual([-1, 1, -1])
  })
})

function select(
  page: ColumnPage,
  set: VidSet,
  asked: readonly number[],
  first: number,
  end: number,
): number[] {
  const from = asked.findIndex((ordinal) => ordinal >= first)
  const own = asked.filter((ordinal) => ordinal >= first && ordinal < end)
  const out = new Uint32Array(own.length + 3)
  if (own.length === 0) return []
  const at = page.select(set, Uint32Array.from(asked), from, from + own.length, out, 2)
  return [...out.subarray(2, at)]
}

test.each([
  [0, 8128],
  [1, 8128],
  [8, 8128],
  [9, 7232],
  [25, 2560],
  [1000, 64],
  [1024, 64],
])("arrays of up to %i elements lie %i rows to a page", (maxArray, rows) => {
  expect(rowsPerPage(maxArray)).toBe(rows)
  expect(rowsPerPage(maxArray) % 64).toBe(0)
})

test("a page full of the longest arrays is a value that a store takes", async () => {
  const perPage = rowsPerPage(1024)
  const rows = Array.from({ length: perPage + 1 }, (_, row) =>
    Array.from({ length: 1024 }, (_, i) => (row * 7919 + i * 104_729) % 2 ** 24),
  )
  const { pages, field } = await storeColumn(rows, perPage, 2 ** 24)
  expect([...run(field.column(perPage)).values(perPage)]).toEqual(rows[perPage])
  expect([...run(field.column(5)).values(5)]).toEqual(rows[5])
  expect(pages.sink.bytes).toBeLessThan(2 ** 20)
})
