import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type FileAddress, FileKind, pageKey, SEGMENT_FIELD } from "../../src/pages/keys.ts"
import { PageWriter } from "../../src/pages/page.ts"
import { LiveSet } from "../../src/parts/live-set.ts"
import type { FieldValue } from "../../src/rows/row.ts"
import { ColumnWriter, rowsPerPage } from "../../src/segment/column-writer.ts"
import type { Segment } from "../../src/segment/segment.ts"
import { SequenceWriter } from "../../src/segment/sequences.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { point } from "../../src/values/value-set.ts"
import { makers } from "../btree/stored-tree.ts"
import { PageStore, run } from "../pages/page-store.ts"
import { randomFrom } from "../support/random.ts"
import {
  expectSegment,
  flushed,
  keyOf,
  memtableOf,
  merged,
  type Row,
  textOf,
  valuesOf,
} from "./rows.ts"

const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS) / 4)
const FIELDS = 5

/** What the rows of a memtable are like. */
const memtables = fc.record({
  rows: fc.oneof(fc.constantFrom(1, 2, 64), fc.integer({ min: 1, max: 300 })),
  /** How many different ids there are, by rows. */
  ids: fc.constantFrom(0.3, 1, 100),
  /** For each field, which values it holds, how often it is there, how often as an array. */
  fields: fc.array(
    fc.record({
      maker: fc.constantFrom(...(Object.keys(makers) as (keyof typeof makers)[])),
      present: fc.constantFrom(0, 0.05, 0.5, 1),
      arrays: fc.constantFrom(0, 0, 0.02, 0.5),
    }),
    { minLength: 1, maxLength: FIELDS },
  ),
  killed: fc.constantFrom(0, 0, 0.1, 0.9),
  gap: fc.constantFrom(0, 0, 3, 2 ** 33),
  seed: fc.integer(),
})

type Case = typeof memtables extends fc.Arbitrary<infer T> ? T : never

/** Rows in write order; an id may come again. */
function rowsOf({ rows, ids, fields, gap, seed }: Case, sequence: number, prefix: string): Row[] {
  const random = randomFrom(seed)
  let last = sequence
  return Array.from({ length: rows }, () => {
    last += 1 + Math.floor(random() * (gap + 1))
    const values = new Map<number, FieldValue>()
    for (const [field, { maker, present, arrays }] of fields.entries()) {
      if (random() >= present) continue
      const value = scalarOf(maker, random)
      const list = Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
        scalarOf(maker, random),
      ).filter(isElement)
      values.set(field, random() < arrays && list.length > 0 ? list : value)
    }
    const id = Math.floor(random() * rows * ids)
    return { id: `${prefix}${id.toString(36)}`, sequence: last, fields: values }
  })
}

function scalarOf(maker: keyof typeof makers, random: () => number): Value {
  const value = makers[maker](random)
  return value.kind === Kind.missing ? { kind: Kind.null, payload: 0 } : value
}

/** Whether a value may be an element of an array. */
function isElement({ kind }: Value): boolean {
  return kind !== Kind.emptyArray && kind !== Kind.object
}

/** The rows that no later one replaces. */
function newest(rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return rows.filter((row) => byId.get(row.id) === row)
}

/** Takes rows out of a live set; returns those that are left. */
function kill(rows: readonly Row[], live: LiveSet, share: number, random: () => number): Row[] {
  return rows.filter((_, ordinal) => {
    if (random() >= share) return true
    live.kill(ordinal)
    return false
  })
}

describe("a segment", () => {
  test("flushed from a memtable holds its live rows", async () => {
    const property = fc.asyncProperty(memtables, async (memtableCase) => {
      const rows = rowsOf(memtableCase, 0, "r")
      const pages = await PageStore.open()
      const segment = await flushed(memtableOf(rows), pages, 3)
      expectSegment(segment, newest(rows), FIELDS)
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  test("merged from others holds the live rows of all, in write order", async () => {
    const inputs = fc.array(memtables, { minLength: 1, maxLength: 4 })
    const property = fc.asyncProperty(inputs, fc.integer(), async (cases, seed) => {
      const random = randomFrom(seed)
      const pages = await PageStore.open()
      const all: Row[] = []
      const sources: { segment: Segment; live: ReturnType<LiveSet["view"]> }[] = []
      let sequence = 0
      for (const [number, memtableCase] of cases.entries()) {
        const rows = rowsOf(memtableCase, sequence, `${number % 2}`)
        sequence = rows[rows.length - 1].sequence
        const segment = await flushed(memtableOf(rows), pages, number)
        const live = new LiveSet(segment.size)
        const left = kill(newest(rows), live, memtableCase.killed, random)
        // Rows of earlier segments that this one replaces.
        for (const [i, source] of sources.entries()) {
          const replaced = new Set(left.map(({ id }) => id))
          const old = new LiveSet(source.segment.size, source.live.chunks, source.live.dead)
          for (let ordinal = 0; ordinal < source.segment.size; ordinal++) {
            if (!old.has(ordinal)) continue
            const [id] = run(source.segment.ids(Uint32Array.of(ordinal)))
            if (replaced.has(id)) {
              old.kill(ordinal)
              all.splice(
                all.findIndex((row) => row.id === id),
                1,
              )
            }
          }
          sources[i] = { ...source, live: old.view() }
        }
        all.push(...left)
        sources.push({ segment, live: live.view() })
      }
      if (all.length === 0) return
      const segment = await merged(sources, pages, 100)
      expectSegment(segment, all, FIELDS)
      // And once more, from what is stored alone.
      const again = await merged([{ segment, live: new LiveSet(segment.size).view() }], pages, 101)
      expectSegment(again, all, FIELDS)
    })
    await fc.assert(property, { numRuns: RUNS })
  })
})

const number = (payload: number): Value => ({ kind: Kind.number, payload })

function plainRow(i: number, fields: readonly (readonly [number, FieldValue])[] = []): Row {
  return { id: `id-${i}`, sequence: i + 1, fields: new Map(fields) }
}

describe("at the edges", () => {
  test("a segment of one row without fields", async () => {
    const pages = await PageStore.open()
    const rows = [plainRow(0)]
    const segment = await flushed(memtableOf(rows), pages, 1)
    expectSegment(segment, rows, 2)
    const live = new LiveSet(1).view()
    expectSegment(await merged([{ segment, live }], pages, 2), rows, 2)
  })

  test("a field that only dead rows have is not in the segment", async () => {
    const rows = [
      plainRow(0, [[0, number(1)]]),
      plainRow(1, [
        [0, number(2)],
        [1, [number(3), number(4)]],
      ]),
      plainRow(2, [[0, number(1)]]),
    ]
    const memtable = memtableOf(rows)
    memtable.delete(keyOf("id-1"))
    const pages = await PageStore.open()
    const segment = await flushed(memtable, pages, 1)
    expectSegment(segment, [rows[0], rows[2]], 2)

    const whole = await flushed(memtableOf(rows), pages, 2)
    expectSegment(whole, rows, 2)
    const live = new LiveSet(3)
    live.kill(1)
    expectSegment(
      await merged([{ segment: whole, live: live.view() }], pages, 3),
      [rows[0], rows[2]],
      2,
    )
  })

  test("a segment of which nothing is live adds nothing to a merge", async () => {
    const pages = await PageStore.open()
    const rows = Array.from({ length: 6 }, (_, i) => plainRow(i, [[i < 3 ? 0 : 1, number(i)]]))
    const first = await flushed(memtableOf(rows.slice(0, 3)), pages, 1)
    const second = await flushed(memtableOf(rows.slice(3)), pages, 2)
    const dead = new LiveSet(3)
    for (let ordinal = 0; ordinal < 3; ordinal++) dead.kill(ordinal)
    const live = new LiveSet(3).view()
    for (const inputs of [
      [
        { segment: first, live: dead.view() },
        { segment: second, live },
      ],
      [
        { segment: second, live },
        { segment: first, live: dead.view() },
      ],
    ]) {
      expectSegment(await merged(inputs, pages, 3), rows.slice(3), 2)
    }
  })

  test("null and missing, side by side and apart", async () => {
    const nothing: Value = { kind: Kind.null, payload: 0 }
    const rows = Array.from({ length: 40 }, (_, i) =>
      plainRow(
        i,
        i % 4 === 0 ? [] : [[0, i % 4 === 1 ? nothing : i % 4 === 2 ? number(i) : [nothing]]],
      ),
    )
    const pages = await PageStore.open()
    const segment = await flushed(memtableOf(rows), pages, 1)
    expectSegment(segment, rows, 1)
    const live = new LiveSet(40)
    const kept = kill(rows, live, 0.5, randomFrom(4))
    expectSegment(await merged([{ segment, live: live.view() }], pages, 2), kept, 1)
  })

  test.each([65_536, 65_537])("%i rows", async (size) => {
    const rows = Array.from({ length: size }, (_, i) =>
      plainRow(i, [
        [0, number(i % 3)],
        [1, number(i % 5000)],
        ...(i > 65_534 ? ([[2, number(7)]] as const) : []),
      ]),
    )
    const pages = await PageStore.open()
    const segment = await flushed(memtableOf(rows), pages, 1)
    expectRoughly(segment, rows)
    const one = await flushed(memtableOf([plainRow(size)]), pages, 2)
    const live = new LiveSet(size)
    live.kill(0)
    const both = [
      { segment, live: live.view() },
      { segment: one, live: new LiveSet(1).view() },
    ]
    expectRoughly(await merged(both, pages, 3), [...rows.slice(1), plainRow(size)])
  })
})

/** As `expectSegment`, but row by row only where chunks and pages meet. */
function expectRoughly(segment: Segment, rows: readonly Row[]): void {
  const { length } = rows
  expect(segment.size).toBe(length)
  for (const field of segment.meta.fields) {
    const stored = run(segment.stored(field))
    if (stored === undefined) throw new Error(`There is no field ${field}.`)
    run(stored.check())
    const values = run(stored.values(Uint32Array.of(0, 1, 2).subarray(0, stored.distinct)))
    const texts = rows.map((row) => textOf(valuesOf(row, field)[0]))
    for (const value of values) {
      const own = textOf(value)
      const docs = run(stored.docs(run(stored.resolve([point(value)]))))
      const size = texts.filter((text) => text === own).length
      expect([docs.size, docs.has(length - 1)]).toEqual([size, texts[length - 1] === own])
    }
  }
  for (const ordinal of [0, 1, 8127, 8128, 65_534, 65_535, 65_536, length - 1]) {
    if (ordinal >= length) continue
    expect(run(segment.ids(Uint32Array.of(ordinal)))).toEqual([rows[ordinal].id])
    expect(run(segment.sequence(ordinal))).toBe(rows[ordinal].sequence)
    const page = run(run(segment.field(1)).column(ordinal))
    const value = rows[ordinal].fields.get(1)
    const [found] = run(run(segment.field(1)).values(page.values(ordinal)))
    expect(found).toEqual(value ?? { kind: Kind.missing, payload: 0 })
  }
}

describe("a check finds", () => {
  const rows = Array.from({ length: 300 }, (_, i) => plainRow(i, [[0, number(i % 10)]]))

  let copies: FileAddress[] = []

  async function damaged(write: (pages: PageStore) => void): Promise<Segment> {
    const pages = await PageStore.open()
    const segment = await flushed(memtableOf(rows), pages, 1)
    run(segment.checkIds())
    write(pages)
    await pages.finish()
    pages.cache.clear()
    return segment
  }

  function column(pages: PageStore, vidOf: (i: number) => number, directory: boolean): void {
    const other = new ColumnWriter(pages.sink, 9, 0, rowsPerPage(0))
    for (let i = 0; i < 300; i++) other.push(vidOf(i))
    other.finish()
    copies.push({ segment: 9, field: 0, kind: FileKind.column })
    if (directory) copies.push({ segment: 9, field: 0, kind: FileKind.columnDirectory })
  }

  /** Puts first pages of segment 9 in the place of those of segment 1. */
  async function replace(pages: PageStore): Promise<void> {
    for (const file of copies) {
      const stored = await pages.store.get(pageKey(file, 0))
      if (stored === undefined) throw new Error("There is no such page.")
      const page = new PageWriter()
      page.raw(stored.subarray(8, -4))
      pages.sink.put({ ...file, segment: 1 }, 0, page)
    }
    copies = []
    await pages.finish()
    pages.cache.clear()
  }

  async function withColumn(vidOf: (i: number) => number, directory: boolean): Promise<Segment> {
    const pages = await PageStore.open()
    const segment = await flushed(memtableOf(rows), pages, 1)
    column(pages, vidOf, directory)
    await pages.finish()
    await replace(pages)
    return segment
  }

  test.each([
    ["a number that its zone excludes", (i: number) => (i === 200 ? 10 : i % 10), false],
    ["a number that is none of the dictionary's", (i: number) => (i === 200 ? 10 : i % 10), true],
    ["a record under another value", (i: number) => (i === 200 ? 1 : i % 10), true],
    ["two records under each other's values", (i: number) => (i < 2 ? 1 - i : i % 10), true],
  ])("%s", async (_name, vidOf, directory) => {
    const segment = await withColumn(vidOf, directory)
    const field = run(segment.stored(0))
    if (field === undefined) throw new Error("There is no such field.")
    expect(() => run(field.check())).toThrow(RangeError)
  })

  test("a write sequence that does not ascend", async () => {
    const segment = await damaged((pages) => {
      const writer = new SequenceWriter(pages.sink, 1)
      for (let i = 0; i < 300; i++) writer.push(i === 200 ? 1 : i * 2 + 1)
      writer.finish()
    })
    expect(() => run(segment.checkIds())).toThrow(/ascend at 200/)
  })

  test("an id under another ordinal", async () => {
    const other = rows.map((row, i) => (i < 2 ? { ...row, id: rows[1 - i].id } : row))
    const pages = await PageStore.open()
    const segment = await flushed(memtableOf(rows), pages, 1)
    await flushed(memtableOf(other), pages, 9)
    copies = [{ segment: 9, field: SEGMENT_FIELD, kind: FileKind.idColumn }]
    await replace(pages)
    expect(() => run(segment.checkIds())).toThrow(/id at 0 is not found/)
  })
})
