import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { DocSetBuilder } from "../../src/docset/builder.ts"
import { CHUNK, encodeContainer } from "../../src/docset/container.ts"
import { DocSet } from "../../src/docset/doc-set.ts"
import { membersBelow, wordsOf } from "./members.ts"

const ways = [
  "add",
  "addBackwards",
  "addMany",
  "wordsFor",
  "addSorted",
  "addRange",
  "orWords",
  "addContainer",
] as const

type Step = {
  members: number[]
  by: (typeof ways)[number]
}

function stepsBelow(universe: number): fc.Arbitrary<Step> {
  const few = fc
    .uniqueArray(fc.nat(Math.max(universe - 1, 0)), { maxLength: 40 })
    .map((list) => (universe === 0 ? [] : list.sort((a, b) => a - b)))
  return fc.record({
    members: fc.oneof(
      { weight: 3, arbitrary: few },
      { weight: 1, arbitrary: membersBelow(universe) },
    ),
    by: fc.constantFrom(...ways),
  } as const)
}

/** Hands the members to the builder; returns them, or what the call adds instead. */
function run(builder: DocSetBuilder, universe: number, { members, by }: Step): number[] {
  const first = members[0] ?? 0
  switch (by) {
    case "add":
      for (const member of members) builder.add(member)
      return members
    case "addBackwards":
      for (const member of members.toReversed()) builder.add(member)
      return members
    case "addMany":
      builder.addMany(Uint32Array.from(members.toReversed()))
      return members
    case "wordsFor": {
      const words = builder.wordsFor(members.length)
      if (words === undefined) builder.addMany(Uint32Array.from(members))
      else for (const member of members) words[member >>> 5] |= 1 << (member & 31)
      return members
    }
    case "addSorted":
      builder.addSorted(Uint32Array.from([...members, 0]), members.length)
      return members
    case "addRange": {
      const to = Math.min(universe, first + members.length)
      builder.addRange(first, to)
      return Array.from({ length: to - first }, (_, i) => first + i)
    }
    case "orWords": {
      const atWord = Math.floor(first / 32)
      builder.orWords(wordsOf(members, universe).subarray(atWord), atWord)
      return members
    }
    case "addContainer":
      for (let base = 0; base < universe; base += CHUNK) {
        const lows = members.filter((m) => m >= base && m < base + CHUNK).map((m) => m - base)
        const { type, bytes } = encodeContainer(Uint16Array.from(lows), lows.length)
        builder.addContainer(type, bytes, lows.length, base)
      }
      return members
  }
}

describe("a builder", () => {
  test("collects whatever is added, in any order", () => {
    const universes = fc.constantFrom(0, 1, 40, 127, 128, 1000, 10_001, CHUNK + 100, 150_000)
    const cases = universes.chain((universe) =>
      fc.tuple(fc.constant(universe), fc.array(stepsBelow(universe), { maxLength: 8 })),
    )
    fc.assert(
      fc.property(cases, ([universe, steps]) => {
        const builder = new DocSetBuilder(universe)
        const model = new Set<number>()
        for (const step of steps) {
          for (const member of run(builder, universe, step)) model.add(member)
        }
        const set = builder.finish()
        const members = [...model].sort((a, b) => a - b)
        expect(set.toArray()).toEqual(Uint32Array.from(members))
        expect(set.size).toBe(members.length)
        expect(set.universe).toBe(universe)
      }),
    )
  })

  test("keeps a few ordinals of a large universe as a list", () => {
    const builder = new DocSetBuilder(2 ** 32)
    for (const ordinal of [2 ** 32 - 1, 7, 2 ** 31, 7]) builder.add(ordinal)
    builder.addRange(2 ** 31 - 2, 2 ** 31 + 1)
    const set = builder.finish()
    expect([...set.toArray()]).toEqual([7, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])
    expect(set.byteLength).toBe(20)
  })

  test("drops repeats from a list that ascends", () => {
    const builder = new DocSetBuilder(100_000)
    for (const ordinal of [1, 2, 2, 3]) builder.add(ordinal)
    builder.addRange(3, 5)
    builder.addSorted(Uint32Array.of(4, 5))
    expect([...builder.finish().toArray()]).toEqual([1, 2, 3, 4, 5])
  })

  test("sorts a long list", () => {
    const universe = 2 ** 20
    const builder = new DocSetBuilder(universe)
    for (let i = 8000; i > 0; i--) builder.add(i * 100)
    expect([...builder.finish().toArray()]).toEqual(
      Array.from({ length: 8000 }, (_, i) => (i + 1) * 100),
    )
  })

  test("of everything finishes as everything", () => {
    const builder = new DocSetBuilder(1000)
    builder.addRange(0, 1000)
    expect(builder.finish().and(DocSet.all(1000)).size).toBe(1000)
  })
})
