import { expect, test } from "vitest"
import { DocSet } from "../../src/docset/doc-set.ts"
import { ClausesView, KeptClauses } from "../../src/memtable/kept-clauses.ts"
import { VidSet } from "../../src/parts/vid-set.ts"

/** Sets of 40 bytes. */
const docsOf = (universe: number) =>
  DocSet.sparse(
    Uint32Array.from({ length: 10 }, (_, i) => i),
    universe,
  )
const clause = (vid: number) => VidSet.ofIntervals(Uint32Array.of(vid, vid + 1), 100, 1)

/** Asks as a query does: what is not kept is worked out, and kept if it is wanted. */
function ask(kept: KeptClauses, vid: number, maxBytes = 1000): "kept" | "worked out" {
  const key = `${vid}`
  if (kept.get(key) !== undefined) return "kept"
  if (kept.note(key)) kept.keep(key, docsOf(1000), maxBytes)
  return "worked out"
}

test("a clause that was asked for three times is kept, others are not", () => {
  const kept = new KeptClauses()
  const asked = [1, 2, 3, 4].map((i) => [ask(kept, 7), ask(kept, 10 + i)][0])
  expect(asked).toEqual(["worked out", "worked out", "worked out", "kept"])
  expect(kept.byteLength).toBe(40)
})

test("what was not asked for longest makes room, and has to prove itself anew", () => {
  const kept = new KeptClauses()
  const keep = (vid: number) => {
    for (let i = 0; i < 3; i++) ask(kept, vid, 100)
  }
  keep(1)
  keep(2)
  expect(kept.byteLength).toBe(80)
  expect(ask(kept, 1)).toBe("kept")
  keep(3)
  expect(kept.byteLength).toBe(80)
  expect([1, 3].map((vid) => ask(kept, vid))).toEqual(["kept", "kept"])
  const asked = [1, 2, 3, 4].map(() => ask(kept, 2, 100))
  expect(asked).toEqual(["worked out", "worked out", "worked out", "kept"])
})

test("a set for which there is no room is not kept", () => {
  const kept = new KeptClauses()
  for (let i = 0; i < 5; i++) expect(ask(kept, 1, 39)).toBe("worked out")
  expect(kept.byteLength).toBe(0)
})

test("counts the bytes of clauses that fall into oblivion no more", () => {
  const kept = new KeptClauses()
  for (let i = 0; i < 3; i++) ask(kept, 1)
  for (let vid = 2; vid < 70; vid++) ask(kept, vid)
  expect(kept.byteLength).toBe(0)
  expect(ask(kept, 1)).toBe("worked out")
})

test("what was kept is continued for later queries, and neither given to nor taken from older ones", () => {
  const kept = new KeptClauses()
  let newest = 1000
  const continued: number[] = []
  const view = (size: number) =>
    new ClausesView(kept, {
      size,
      isNewest: () => size === newest,
      maxBytes: () => 1000,
      continued: (docs) => {
        continued.push(docs.universe)
        return docsOf(size)
      },
    })
  const old = view(1000)
  for (let i = 0; i < 2; i++) expect(old.note(clause(1))).toBe(false)
  expect(old.note(clause(1))).toBe(true)
  old.keep(clause(1), docsOf(1000))
  expect(old.get(clause(1))?.universe).toBe(1000)
  newest = 2000
  expect(view(2000).get(clause(1))?.universe).toBe(2000)
  expect(view(2000).get(clause(1))?.universe).toBe(2000)
  expect(continued).toEqual([1000])
  expect(old.get(clause(1))).toBeUndefined()
  expect(old.note(clause(1))).toBe(false)
  old.keep(clause(1), docsOf(1000))
  expect(view(2000).get(clause(1))?.universe).toBe(2000)
})
