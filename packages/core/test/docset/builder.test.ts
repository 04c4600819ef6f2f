import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { DocSetBuilder } from "../../src/docset/builder.ts"
import { CHUNK, encodeContainer } from "../../src/docset/container.ts"
import { DocSet } from "../../src/docset/doc-set.ts"
import { PackedInts } from "../../src/pages/packed.ts"
import { membersBelow } from "./members.ts"

const ways = ["add", "addBackwards", "addPacked", "addContainer"] as const

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
  switch (by) {
    case "add":
      for (const member of members) builder.add(member)
      return members
    case "addBackwards":
      for (const member of members.toReversed()) builder.add(member)
      return members
    case "addPacked": {
      const around = Uint32Array.from([0, ...members.toReversed(), 0])
      const numbers = new PackedInts(around.length, 0, 4, around, new Uint8Array(0))
      builder.addPacked(numbers, 1, around.length - 1)
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
  test("collects whatever is added, in any order, and keeps what it is to keep", () => {
    const universes = fc.constantFrom(0, 1, 40, 127, 128, 1000, 10_001, CHUNK + 100, 150_000)
    const cases = universes.chain((universe) =>
      fc.tuple(
        fc.constant(universe),
        fc.array(stepsBelow(universe), { maxLength: 8 }),
        fc.constantFrom(0, 10, universe),
        fc.option(membersBelow(universe), { nil: undefined }),
      ),
    )
    fc.assert(
      fc.property(cases, ([universe, steps, expected, kept]) => {
        const within = kept && DocSet.sparse(Uint32Array.from(kept), universe)
        const builder = new DocSetBuilder(universe, expected, within)
        const model = new Set<number>()
        for (const step of steps) {
          for (const member of run(builder, universe, step)) model.add(member)
        }
        const set = builder.finish()
        const members = [...model].filter((member) => within?.has(member) ?? true)
        members.sort((a, b) => a - b)
        expect(set.toArray()).toEqual(Uint32Array.from(members))
        expect(set.size).toBe(members.length)
        expect(set.universe).toBe(universe)
      }),
    )
  })

  test("keeps a few ordinals of a large universe as a list", () => {
    const builder = new DocSetBuilder(2 ** 32)
    for (const ordinal of [2 ** 32 - 1, 7, 2 ** 31, 7]) builder.add(ordinal)
    for (const ordinal of [2 ** 31 - 2, 2 ** 31 - 1]) builder.add(ordinal)
    const set = builder.finish()
    expect([...set.toArray()]).toEqual([7, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])
    expect(set.byteLength).toBe(20)
  })

  test("drops repeats from a list that ascends", () => {
    const builder = new DocSetBuilder(100_000)
    for (const ordinal of [1, 2, 2, 3, 3, 4, 4, 5]) builder.add(ordinal)
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
    for (let i = 0; i < 1000; i++) builder.add(i)
    expect(builder.finish().and(DocSet.all(1000)).size).toBe(1000)
  })
})
