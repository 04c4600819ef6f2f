import { expect, test } from "vitest"
import { PageCache } from "../../src/cache/page-cache.ts"
import { DocSet } from "../../src/docset/doc-set.ts"
import { ClauseCache } from "../../src/parts/clause-cache.ts"
import { VidSet } from "../../src/parts/vid-set.ts"

const SIZE = 100_000
const DOCS = DocSet.sparse(Uint32Array.of(1, 5, 7), SIZE)

function clause(...intervals: number[]): VidSet {
  return VidSet.ofIntervals(Uint32Array.from(intervals), SIZE, 3)
}

/** Asks as a query does: what is not kept is worked out, and kept if it is wanted. */
function ask(clauses: ClauseCache, vids: VidSet): "kept" | "worked out" {
  if (clauses.get(vids) !== undefined) return "kept"
  if (clauses.note(vids)) clauses.keep(vids, DOCS)
  return "worked out"
}

test("a clause that was asked for three times is kept, others are not", () => {
  const clauses = new ClauseCache(new PageCache(10_000).openFile())
  const often = clause(3, 9)
  const asked = [1, 2, 3, 4].map(() => [ask(clauses, often), ask(clauses, clause(3, 8))][0])
  expect(asked).toEqual(["worked out", "worked out", "worked out", "kept"])
  expect(clauses.get(often)).toBe(DOCS)
  expect(clauses.get(clause(3, 10))).toBeUndefined()
  expect(clauses.get(clause(3, 9, 11, 12))).toBeUndefined()
})

test("what was evicted is kept again once it has been asked for as often again", () => {
  const kept = new PageCache(1000)
  const clauses = new ClauseCache(kept.openFile())
  const vids = clause(3, 9)
  while (clauses.get(vids) === undefined) ask(clauses, vids)
  const others = kept.openFile()
  for (const page of [0, 1]) others.add(page, { byteLength: 400 })
  const asked = [1, 2, 3, 4].map(() => ask(clauses, vids))
  expect(asked).toEqual(["worked out", "worked out", "worked out", "kept"])
})

test("clauses of two fields are told apart", () => {
  const kept = new PageCache(10_000)
  const [a, b] = [new ClauseCache(kept.openFile()), new ClauseCache(kept.openFile())]
  while (a.get(clause(0, 1)) === undefined) ask(a, clause(0, 1))
  b.note(clause(0, 1))
  b.note(clause(0, 1))
  b.note(clause(0, 1))
  expect(b.get(clause(0, 1))).toBeUndefined()
})

test("clauses with many intervals are not kept, nor more than the last that were asked for", () => {
  const clauses = new ClauseCache(new PageCache(1_000_000).openFile())
  const scattered = clause(...Array.from({ length: 40 }, (_, i) => i * 2))
  for (let i = 0; i < 5; i++) {
    expect(ask(clauses, scattered)).toBe("worked out")
    expect(ask(clauses, clause())).toBe("worked out")
  }
  const first = clause(0, 1)
  while (clauses.get(first) === undefined) ask(clauses, first)
  for (let i = 0; i < 200; i++) ask(clauses, clause(i, i + 2))
  expect(clauses.get(first)).toBeUndefined()
})

test("what is larger than all that may be kept is worked out once as a whole, and no more", () => {
  const clauses = new ClauseCache(new PageCache(10).openFile())
  const wanted = [1, 2, 3, 4, 5, 6, 7].map(() => {
    const isWanted = clauses.note(clause(3, 9))
    if (isWanted) clauses.keep(clause(3, 9), DOCS)
    return isWanted
  })
  expect(wanted).toEqual([false, false, true, false, false, false, false])
})
