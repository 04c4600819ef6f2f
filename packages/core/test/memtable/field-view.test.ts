import fc from "fast-check"
import { expect, test } from "vitest"
import { DocSet } from "../../src/docset/doc-set.ts"
import { Memtable } from "../../src/memtable/memtable.ts"
import type { MemtableView } from "../../src/memtable/view.ts"
import type { PartField } from "../../src/parts/part.ts"
import { restrict, selectByColumn } from "../../src/query/restrict.ts"
import { Trace } from "../../src/query/trace.ts"
import type { FieldValue } from "../../src/rows/row.ts"
import { compareValues } from "../../src/values/compare.ts"
import { KIND_COUNT, Kind, type Value } from "../../src/values/kind.ts"
import {
  afterValue,
  beforeKind,
  beforeValue,
  type Cut,
  includes,
  point,
  union,
  type ValueSet,
} from "../../src/values/value-set.ts"
import { number, text } from "../btree/stored-tree.ts"
import { run } from "../pages/page-store.ts"
import { rowOf } from "../query/parts.ts"
import { putRow, type Row, textOf, valuesOf } from "../segment/rows.ts"
import { randomFrom } from "../support/random.ts"

/**
 * Rows that come between two rounds of questions: so that there are, at some time, records that
 * the postings lack and values that the order lacks, and that either is made anew.
 */
const STAGES = [0, 1, 700, 40, 1500, 3000, 5000, 30, 1200]
const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS ?? 100) / 50)

const FIELDS = [0, 1, 2, 3, 4]

/** Few values; arrays; rarely there; nearly all different; ascending. */
function rowAt(i: number, random: () => number): Row {
  const below = (limit: number) => Math.floor(random() * limit)
  const some = (limit: number): Value => {
    const kind = below(12)
    if (kind === 0) return { kind: Kind.null, payload: 0 }
    if (kind === 1) return { kind: Kind.boolean, payload: below(2) }
    return kind < 5 ? text(`value-${below(limit)}`) : number(below(limit) - limit / 2)
  }
  const fields: [number, FieldValue][] = [[4, { kind: Kind.date, payload: i * 10 }]]
  if (below(20) > 0) fields.push([0, some(6)])
  if (below(9) > 0) {
    const long = below(200) === 0 ? 40 : 4
    fields.push([
      1,
      below(3) === 0 ? some(30) : Array.from({ length: 1 + below(long) }, () => some(30)),
    ])
  }
  if (below(100) === 0) fields.push([2, some(5)])
  fields.push([3, some(1_000_000)])
  return rowOf(i, fields)
}

function setsFor(random: () => number): ValueSet[] {
  const below = (limit: number) => Math.floor(random() * limit)
  const between = (from: Cut, to: Cut) => [{ from, to }]
  const numbers = (limit: number) => {
    const [low, high] = [below(limit), below(limit)].sort((a, b) => a - b)
    return between(beforeValue(number(low - limit / 2)), afterValue(number(high - limit / 2)))
  }
  const everything = between(beforeKind(0), beforeKind(KIND_COUNT))
  return [
    numbers(6),
    numbers(30),
    numbers(1_000_000),
    [point(number(below(6) - 3))],
    union([number(1), text("value-2"), text("value-3")].map(point)),
    between(beforeValue(text("value-2")), beforeValue(text("value-4"))),
    between(beforeKind(Kind.missing), afterValue(number(below(6) - 3))),
    union([
      ...numbers(20),
      ...numbers(2000),
      { from: beforeKind(Kind.boolean), to: beforeKind(KIND_COUNT) },
    ]),
    between(beforeKind(Kind.date), afterValue({ kind: Kind.date, payload: below(100_000) })),
    [
      {
        from: beforeValue({ kind: Kind.date, payload: 5000 + below(40_000) }),
        to: beforeKind(KIND_COUNT),
      },
    ],
    everything,
    [],
  ].map((set) => union(set))
}

test("a field of a growing memtable answers as the rows do, at any time and of any time", () => {
  const accesses = new Set<string>()
  const property = fc.property(fc.integer(), (seed) => {
    const random = randomFrom(seed)
    const memtable = new Memtable()
    const rows: Row[] = []
    const views: MemtableView[] = []
    const sets = setsFor(random)
    for (const count of STAGES) {
      for (let i = 0; i < count; i++) {
        rows.push(rowAt(rows.length, random))
        putRow(memtable, rows[rows.length - 1])
      }
      views.push(memtable.view())
      const old = views[Math.floor(random() * views.length)]
      for (const view of [views[views.length - 1], old]) {
        for (const number of FIELDS) {
          const field = run(view.field(number))
          const model = rows.slice(0, view.size).map((row) => valuesOf(row, number))
          for (const set of sets.filter(() => random() < 0.4)) {
            for (const access of compareSet(field, set, model)) accesses.add(access)
          }
          if (random() < 0.4) compareWalks(field, model)
        }
      }
    }
  })
  fc.assert(property, { numRuns: RUNS })
  expect([...accesses].sort()).toEqual(["cached", "column", "complement", "postings", "range"])
})

type Model = readonly (readonly Value[])[]

/** Asks for the records with a value in a set in every way. */
function compareSet(field: PartField, set: ValueSet, model: Model): string[] {
  const size = model.length
  const matching = model.map((values) => values.some((value) => includes(set, value)))
  const ordinals = [...matching.keys()].filter((i) => matching[i])
  const vids = run(field.resolve(set))
  const all = DocSet.all(size)
  const few = DocSet.sparse(Uint32Array.from(ordinalsBy(size, 17)), size)
  expectSame(run(field.docs(vids)), ordinals)
  expectSame(
    run(field.docs(vids, few)),
    ordinals.filter((i) => i % 17 === 0),
  )
  expectSame(run(selectByColumn(field, vids, all)), ordinals)
  expectSame(
    run(selectByColumn(field, vids, few)),
    ordinals.filter((i) => i % 17 === 0),
  )
  const others = vids.complement(field.entries)
  if (!field.isMulti) {
    const rest = [...matching.keys()].filter((i) => !matching[i])
    expectSame(run(field.docs(others)), rest)
    expectSame(
      run(selectByColumn(field, others, few)),
      rest.filter((i) => i % 17 === 0),
    )
  }
  for (const i of ordinalsBy(size, 97)) {
    const own = [...run(field.column(i)).values(i)]
    const isIn = own.map((vid, at) => includes(set, model[i][at]) && vid >= 0)
    expect(own.map((vid) => vids.has(vid))).toEqual(isIn)
    expect(own.map((vid) => others.has(vid))).toEqual(isIn.map((each) => !each))
    expect(own.map((vid) => vids.table[vid])).toEqual(isIn.map(Number))
  }
  if (vids.isExact) {
    const counted = new Set<string>()
    let entries = 0
    for (const values of model) {
      const distinct = new Set(values.filter((value) => includes(set, value)).map(textOf))
      for (const value of distinct) counted.add(value)
      entries += distinct.size
    }
    expect(vids.entries).toBe(entries)
    // `missing` is in every dictionary.
    counted.delete(textOf({ kind: Kind.missing, payload: 0 }))
    const missing = includes(set, { kind: Kind.missing, payload: 0 }) ? 1 : 0
    expect(vids.size).toBe(counted.size + missing)
  }
  // As a filter asks, which may keep what it finds.
  const trace = new Trace()
  for (const within of [all, few, all]) {
    const found = run(
      restrict(
        { type: "values", path: "a", set, field, vids: run(field.resolve(set)) },
        within,
        trace,
      ),
    )
    expectSame(found, within === all ? ordinals : ordinals.filter((i) => i % 17 === 0))
  }
  return trace.clauses.map(({ access }) => access)
}

/** Steps through all entries, and through those of numbers, in both directions. */
function compareWalks(field: PartField, model: Model): void {
  const sortable = (value: Value): Value =>
    value.kind === Kind.missing ? { kind: Kind.null, payload: 0 } : value
  for (const descending of [false, true]) {
    const sign = descending ? -1 : 1
    const keys = model.map((values) =>
      values
        .map(sortable)
        .reduce((best, value) => (compareValues(value, best) * sign < 0 ? value : best)),
    )
    for (const [from, to] of [
      [beforeKind(0), beforeKind(KIND_COUNT)],
      [beforeValue(number(-2)), beforeKind(Kind.string)],
    ]) {
      const expected = [...keys.keys()]
        .filter((i) => includes([{ from, to }], keys[i]))
        .sort((a, b) => compareValues(keys[a], keys[b]) * sign || a - b)
      const walk = run(field.walk(from, to, descending))
      const found: number[] = []
      for (let batch = run(walk.next()); batch !== undefined; batch = run(walk.next())) {
        found.push(...batch.ordinals.subarray(0, batch.count))
        const values = run(field.values(batch.vids.subarray(0, batch.count)))
        for (const [i, value] of values.entries()) {
          expect(compareValues(sortable(value), keys[batch.ordinals[i]])).toBe(0)
        }
      }
      expectSameList(found, expected)
    }
  }
}

function ordinalsBy(size: number, step: number): number[] {
  return Array.from({ length: Math.ceil(size / step) }, (_, i) => i * step)
}

function expectSame(found: DocSet, ordinals: readonly number[]): void {
  expectSameList(found.toArray(), ordinals)
}

/** Faster than `toEqual`, which compares a hundred thousand numbers one by one. */
function expectSameList(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length)
  expect(expected.findIndex((ordinal, i) => found[i] !== ordinal)).toBe(-1)
}
