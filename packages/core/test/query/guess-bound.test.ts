import { describe, expect, test } from "vitest"
import type { FilterNode } from "../../src/filter/node.ts"
import type { PartView } from "../../src/parts/part.ts"
import { find } from "../../src/query/find.ts"
import { guessBound } from "../../src/query/guess-bound.ts"
import { compile } from "../../src/query/part-filter.ts"
import { comparePositions, type SortKey } from "../../src/query/sort-keys.ts"
import type { Value } from "../../src/values/kind.ts"
import { afterValue, beforeKind, point } from "../../src/values/value-set.ts"
import { number } from "../btree/stored-tree.ts"
import { run } from "../pages/page-store.ts"
import type { Row } from "../segment/rows.ts"
import { randomFrom } from "../support/random.ts"
import { lookup, matches, rowOf, viewsOf } from "./parts.ts"

const random = randomFrom(Number(process.env.TIERDEX_SEED))
const PART = 2000
const WANTED = 10
/** 1 of 10 rows. */
const filter: FilterNode = { type: "values", path: "a", set: [point(number(3))] }

/** Parts of rows whose key is made of their number. */
async function partsOf(keyOf: (i: number) => Value, isMatch = () => random() < 0.1) {
  const rows: Row[][] = [0, 1, 2, 3].map((part) =>
    Array.from({ length: part === 3 ? PART / 10 : PART }, (_, at) => {
      const i = part * PART + at
      return rowOf(i, [
        [0, number(isMatch() ? 3 : 4)],
        [1, keyOf(i)],
      ])
    }),
  )
  const views: PartView[] = []
  for (const [part, own] of rows.entries()) {
    const { memtable, segment } = await viewsOf(own)
    views.push(part === 3 ? memtable : segment)
  }
  return { rows, views }
}

function guess(views: readonly PartView[], key: SortKey): Value | undefined {
  const [lead] = views
  const compiled = run(compile(filter, lead.part, lookup))
  return run(guessBound(views, lead, compiled, key, WANTED, undefined, lookup))
}

const keyOf = (row: Row): Value => {
  const value = row.fields.get(1)
  if (value === undefined || !("kind" in value)) throw new TypeError("No key.")
  return value
}

function expectPages(rows: Row[][], views: readonly PartView[], key: SortKey): void {
  const positions = rows
    .flat()
    .flatMap((row) =>
      matches(filter, row) ? [{ values: [keyOf(row)], sequence: row.sequence }] : [],
    )
  positions.sort((a, b) => comparePositions([key], a, b))
  for (const after of [undefined, positions[2 * WANTED - 1]]) {
    const from = after === undefined ? 0 : 2 * WANTED
    const page = run(find(views, { filter, keys: [key], limit: WANTED, after }, lookup))
    expect(page.hits.map(({ position }) => position)).toEqual(positions.slice(from, from + WANTED))
    expect(page.hasMore).toBe(positions.length > from + WANTED)
  }
}

describe.each([{ descending: false }, { descending: true }])(
  "a guess of the last key of a page, descending: $descending",
  (order) => {
    const key: SortKey = { path: "b", ...order }

    test("has little more than the page before it where parts are alike", async () => {
      const { rows, views } = await partsOf(() => number(Math.floor(random() * 1e6)))
      const bound = guess(views, key)
      if (bound === undefined) throw new Error("There is no guess.")
      const within = rows
        .flat()
        .map(keyOf)
        .filter((value) => {
          const [a, b] = [Number(value.payload), Number(bound.payload)]
          return key.descending ? a >= b : a <= b
        }).length
      // 10 of 100 are needed, and three deviations more.
      expect(within).toBeGreaterThan(100)
      expect(within).toBeLessThan(4 * 200)
      expectPages(rows, views, key)
    })

    test("is not made where parts follow each other", async () => {
      const { rows, views } = await partsOf((i) => number(key.descending ? i : -i))
      expect(guess(views, key)).toBeUndefined()
      expectPages(rows, views, key)
    })

    test("that falls short is not used", async () => {
      // What matches has the last keys.
      let isMatch = false
      const last = key.descending ? 0 : 2e6
      const { rows, views } = await partsOf(
        () => number(isMatch ? last + random() : Math.floor(random() * 1e6) + 1),
        () => {
          isMatch = random() < 0.1
          return isMatch
        },
      )
      expect(guess(views, key)).toBeDefined()
      expectPages(rows, views, key)
    })
  },
)

test("no guess is made where most records are needed", async () => {
  const { views } = await partsOf(
    () => number(random()),
    () => random() < 0.001,
  )
  const key = { path: "b", descending: false }
  expect(guess(views, key)).toBeUndefined()
  const all: FilterNode = {
    type: "values",
    path: "a",
    set: [{ from: beforeKind(0), to: afterValue(number(9)) }],
  }
  const compiled = run(compile(all, views[0].part, lookup))
  expect(run(guessBound(views, views[0], compiled, key, 5000, undefined, lookup))).toBeUndefined()
})
