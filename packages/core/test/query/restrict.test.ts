import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { DocSet } from "../../src/docset/doc-set.ts"
import type { FilterNode } from "../../src/filter/node.ts"
import type { PartField } from "../../src/parts/part.ts"
import { count } from "../../src/query/count.ts"
import { PageRuns } from "../../src/query/page-runs.ts"
import { compile, estimate } from "../../src/query/part-filter.ts"
import { restrict, restrictedSize, selectByColumn } from "../../src/query/restrict.ts"
import { Trace } from "../../src/query/trace.ts"
import {
  afterValue,
  beforeKind,
  beforeValue,
  point,
  union,
  type ValueSet,
} from "../../src/values/value-set.ts"
import { number, text } from "../btree/stored-tree.ts"
import { membersBelow } from "../docset/members.ts"
import { run } from "../pages/page-store.ts"
import { randomFrom } from "../support/random.ts"
import { filters, lookup, matches, rowLists, rowOf, sets, viewsOf } from "./parts.ts"

describe("restricting to a filter", () => {
  test("keeps the records that match, in a memtable as in a segment", async () => {
    const picks = fc.record({ dead: fc.constantFrom(0, 0.2, 0.9, 1), seed: fc.integer() })
    const property = fc.asyncProperty(rowLists, filters, picks, async (rows, node, picked) => {
      const random = randomFrom(picked.seed)
      const isDead = rows.map(() => random() < picked.dead)
      const isAsked = rows.map(() => random() < 0.5)
      const views = await viewsOf(rows, (ordinal) => isDead[ordinal])
      const matching = [...rows.keys()].filter((i) => !isDead[i] && matches(node, rows[i]))
      for (const { part, live } of Object.values(views)) {
        const compiled = run(compile(node, part, lookup))
        expect([...run(restrict(compiled, live.docs)).toArray()]).toEqual(matching)
        expect(run(count(compiled, live))).toBe(matching.length)
        const asked = [...rows.keys()].filter((i) => isAsked[i] && !isDead[i])
        const within = DocSet.sparse(Uint32Array.from(asked), rows.length)
        const found = [...run(restrict(compiled, within)).toArray()]
        expect(found).toEqual(matching.filter((i) => isAsked[i]))
        const estimated = estimate(compiled, part.size)
        expect(estimated).toBeGreaterThanOrEqual(0)
        expect(estimated).toBeLessThanOrEqual(part.size)
      }
    })
    await fc.assert(property)
  })

  test("by column and by postings is the same", async () => {
    const property = fc.asyncProperty(rowLists, sets, fc.integer(), async (rows, set, seed) => {
      const random = randomFrom(seed)
      const share = random()
      const within = DocSet.sparse(
        Uint32Array.from([...rows.keys()].filter(() => random() < share)),
        rows.length,
      )
      for (const { part } of Object.values(await viewsOf(rows))) {
        for (let number = 0; number < 4; number++) {
          const field = run(part.field(number))
          const vids = run(field.resolve(set))
          const byPostings = within.and(run(field.docs(vids))).toArray()
          expect(run(selectByColumn(field, vids, within)).toArray()).toEqual(byPostings)
          if (field.isMulti) continue
          const others = run(field.docs(vids.complement(field.entries)))
          expect(within.andNot(others).toArray()).toEqual(byPostings)
        }
      }
    })
    await fc.assert(property)
  })
})

describe("every way of access", () => {
  // Values of `a` are had by 5, 300, half and nearly all of what is left; `b` is a list of such.
  const SIZE = 30_000
  const kindOf = (i: number) => (i % 6000 === 0 ? 0 : i % 100 === 1 ? 1 : i % 2 === 0 ? 2 : 3)
  const rows = Array.from({ length: SIZE }, (_, i) =>
    rowOf(i, [
      [0, number(kindOf(i))],
      [1, i % 3 === 0 ? [number(kindOf(i)), number(kindOf(i + 1))] : number(kindOf(i))],
      // Ascending, so that whole pages of the column lie outside of a range.
      [2, number(Math.floor(i / 10))],
      [3, text(i === 29_999 ? "odd" : "same")],
    ]),
  )
  const between = (from: number, to: number) => [
    { from: beforeValue(number(from)), to: afterValue(number(to)) },
  ]
  const values = (path: string, set: ValueSet): FilterNode => ({
    type: "values",
    path,
    set,
  })
  const nodes = [
    ...[0, 1, 2, 3].flatMap((n) => [
      values("a", [point(number(n))]),
      values("b", [point(number(n))]),
    ]),
    values("a", union([point(number(0)), point(number(2))])),
    values("a", between(1, 3)),
    values("b", between(0, 1)),
    values("b", between(1, 3)),
    values("c", between(0, 20)),
    values("c", between(2000, 2900)),
    values("c", [{ from: beforeKind(0), to: afterValue(number(2998)) }]),
    values("d", [point(text("same"))]),
    values("d", [point(text("odd"))]),
  ]
  // What is asked again and again is kept, and then answers for few records, too.
  const steps = [1, 30, 400, 10_000, 1, 1, 1, 400]

  test("is taken, and all answer the same", async () => {
    const { segment, memtable } = await viewsOf(rows)
    const taken = { memtable: new Set<string>(), segment: new Set<string>() }
    for (const node of nodes) {
      const matching = rows.map((row) => matches(node, row))
      for (const step of steps) {
        const asked = [...rows.keys()].filter((i) => i % step === 0)
        const within = DocSet.sparse(Uint32Array.from(asked), SIZE)
        const expected = asked.filter((i) => matching[i])
        for (const [name, { part }] of [
          ["segment", segment],
          ["memtable", memtable],
        ] as const) {
          const trace = new Trace()
          const compiled = run(compile(node, part, lookup))
          const found = run(restrict(compiled, within, trace)).toArray()
          expect(found.length).toBe(expected.length)
          expect(expected.findIndex((ordinal, i) => found[i] !== ordinal)).toBe(-1)
          expect(run(restrictedSize(compiled, within))).toBe(expected.length)
          for (const { access } of trace.clauses) taken[name].add(access)
        }
      }
    }
    const all = ["cached", "column", "complement", "postings", "range"]
    expect([...taken.segment].sort()).toEqual(all)
    expect([...taken.memtable].sort()).toEqual(all)
  })

  test("looks at no more of a column than it must", async () => {
    const { segment } = await viewsOf(rows)
    const field = run(segment.part.field(2))
    const pages: number[] = []
    const spied: PartField = Object.create(field, {
      rowsPerPage: { value: field.rowsPerPage },
      zone: { value: (ordinal: number) => field.zone(ordinal) },
      zoneInMemory: { value: (ordinal: number) => field.zoneInMemory(ordinal) },
      columnInMemory: { value: () => undefined },
      column: {
        value: (ordinal: number) => {
          pages.push(Math.floor(ordinal / field.rowsPerPage))
          return field.column(ordinal)
        },
      },
    })
    const vids = run(field.resolve(between(2990, 2995)))
    const few = DocSet.sparse(Uint32Array.of(5, 9000, 29_901, 29_970), SIZE)
    expect([...run(selectByColumn(spied, vids, few)).toArray()]).toEqual([29_901])
    expect([...new Set(pages)]).toEqual([3])
    pages.length = 0
    expect(run(selectByColumn(spied, vids, DocSet.all(SIZE))).size).toBe(60)
    expect([...new Set(pages)]).toEqual([3])
  })
})

test("members of a set are handed out page by page, in order, each once", () => {
  const cases = fc
    .constantFrom(1, 64, 65, 5000, 40_000)
    .chain((universe) => fc.tuple(fc.constant(universe), membersBelow(universe)))
  fc.assert(
    fc.property(cases, fc.constantFrom(1, 64, 192, 8128), ([universe, members], rowsPerPage) => {
      const seen: number[] = []
      let last = -1
      const set = DocSet.sparse(Uint32Array.from(members), universe)
      const runs = new PageRuns(set, rowsPerPage)
      while (runs.next()) {
        const { ordinals, from, to } = runs
        const page = Math.floor(ordinals[from] / rowsPerPage)
        expect(Math.floor(ordinals[to - 1] / rowsPerPage)).toBe(page)
        expect(page).toBeGreaterThanOrEqual(last)
        last = page
        for (let i = from; i < to; i++) seen.push(ordinals[i])
      }
      expect(seen.length).toBe(members.length)
      expect(members.findIndex((member, i) => seen[i] !== member)).toBe(-1)
    }),
    { numRuns: Math.ceil(Number(process.env.TIERDEX_RUNS) / 4) },
  )
})
