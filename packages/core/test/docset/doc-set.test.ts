import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { DocSet } from "../../src/docset/doc-set.ts"
import { membersBelow, universes, wordsOf } from "./members.ts"

/** Every way to make a set: all must behave the same. */
const makers: Record<string, (members: number[], universe: number) => DocSet> = {
  sparse: (members, universe) => DocSet.sparse(Uint32Array.from(members), universe),
  dense: (members, universe) => DocSet.dense(wordsOf(members, universe), universe, members.length),
  "dense, uncounted": (members, universe) => DocSet.dense(wordsOf(members, universe), universe),
}

interface Case {
  universe: number
  members: number[]
  set: DocSet
}

function casesBelow(universe: number): fc.Arbitrary<Case> {
  return fc
    .tuple(membersBelow(universe), fc.constantFrom(...Object.keys(makers)))
    .map(([members, maker]) => ({ universe, members, set: makers[maker](members, universe) }))
}

const oneCase = universes.chain(casesBelow)
const twoCases = universes.chain((universe) => fc.tuple(casesBelow(universe), casesBelow(universe)))

function expectMembers(set: DocSet, members: readonly number[]): void {
  expect(set.toArray()).toEqual(Uint32Array.from(members))
  expect(set.size).toBe(members.length)
  expect(set.isEmpty).toBe(members.length === 0)
  // There is nothing beyond them, not even in the last word.
  expect(set.read(0, new Uint32Array(members.length + 40))).toBe(members.length)
}

describe("a set", () => {
  test("has its members and no others", () => {
    fc.assert(
      fc.property(oneCase, ({ universe, members, set }) => {
        expectMembers(set, members)
        expect(set.universe).toBe(universe)
        const model = new Set(members)
        const wrong: number[] = []
        for (let ordinal = 0; ordinal < universe + 70; ordinal++) {
          if (set.has(ordinal) !== model.has(ordinal)) wrong.push(ordinal)
        }
        expect(wrong).toEqual([])
        expect(set.has(2 ** 32 - 1)).toBe(false)
      }),
    )
  })

  test("has a complement", () => {
    fc.assert(
      fc.property(oneCase, ({ universe, members, set }) => {
        const model = new Set(members)
        const rest = Array.from({ length: universe }, (_, i) => i).filter((i) => !model.has(i))
        expectMembers(set.complement(), rest)
        expectMembers(set.complement().complement(), members)
        expectMembers(set, members)
      }),
    )
  })

  test("is read in batches from anywhere", () => {
    fc.assert(
      fc.property(oneCase, fc.integer({ min: 1, max: 3000 }), fc.nat(), (given, batch, start) => {
        const { universe, members, set } = given
        const first = start % (universe + 1)
        const out = new Uint32Array(batch)
        const read: number[] = []
        const expected = members.filter((member) => member >= first)
        let from = first
        while (read.length < expected.length) {
          const count = set.read(from, out)
          expect(count).toBe(Math.min(batch, expected.length - read.length))
          read.push(...out.subarray(0, count))
          from = out[count - 1] + 1
        }
        expect(set.read(from, out)).toBe(0)
        expect(read).toEqual(expected)
        expect(set.read(universe, out)).toBe(0)
        expect(set.read(universe + 40, out)).toBe(0)
      }),
    )
  })

  test("takes no more bytes than a list or bits, and a list where that takes far fewer", () => {
    fc.assert(
      fc.property(oneCase, ({ universe, members, set }) => {
        const bits = Math.ceil(universe / 32) * 4
        expect(set.byteLength).toBeLessThanOrEqual(bits)
        const isAll = members.length === universe
        const list = members.length * 4
        expect(DocSet.sparse(Uint32Array.from(members), universe).byteLength).toBe(
          isAll ? 0 : list <= universe / 8 ? list : bits,
        )
        const counted = DocSet.dense(wordsOf(members, universe), universe, members.length)
        expect(counted.byteLength).toBe(isAll ? 0 : list <= universe / 64 ? list : bits)
      }),
    )
  })
})

describe("two sets", () => {
  test("combine as sets do", () => {
    fc.assert(
      fc.property(twoCases, ([a, b]) => {
        const [inA, inB] = [new Set(a.members), new Set(b.members)]
        const both = a.members.filter((member) => inB.has(member))
        const either = [...new Set([...a.members, ...b.members])].sort((x, y) => x - y)
        expect(a.set.andSize(b.set)).toBe(both.length)
        expectMembers(a.set.and(b.set), both)
        expectMembers(a.set.or(b.set), either)
        expectMembers(
          a.set.andNot(b.set),
          a.members.filter((member) => !inB.has(member)),
        )
        expectMembers(
          b.set.andNot(a.set),
          b.members.filter((member) => !inA.has(member)),
        )
        expectMembers(a.set, a.members)
        expectMembers(b.set, b.members)
      }),
    )
  })

  test("of very different sizes combine as sets do", () => {
    const universe = 200_000
    const few = fc.uniqueArray(fc.nat(universe - 1), { maxLength: 20 })
    const offset = fc.nat(39)
    fc.assert(
      fc.property(few, offset, fc.boolean(), (unsorted, start, near) => {
        const many = Array.from({ length: 5000 }, (_, i) => start + i * 40)
        const close = unsorted.map((ordinal) => ordinal - (near ? (ordinal - start) % 40 : 0))
        const small = [...new Set(close)].filter((o) => o >= 0).sort((x, y) => x - y)
        const a = makers.sparse(small, universe)
        const b = makers.sparse(many, universe)
        const [inA, inB] = [new Set(small), new Set(many)]
        const both = small.filter((ordinal) => inB.has(ordinal))
        expect([a.andSize(b), b.andSize(a)]).toEqual([both.length, both.length])
        expectMembers(a.and(b), both)
        expectMembers(b.and(a), both)
        expectMembers(
          a.andNot(b),
          small.filter((ordinal) => !inB.has(ordinal)),
        )
        expectMembers(
          b.andNot(a),
          many.filter((ordinal) => !inA.has(ordinal)),
        )
        expectMembers(
          a.or(b),
          [...new Set([...small, ...many])].sort((x, y) => x - y),
        )
      }),
    )
  })

  test("of different universes are refused", () => {
    const a = DocSet.all(10)
    const b = DocSet.all(11)
    expect(() => a.and(b)).toThrow(TypeError)
    expect(() => a.or(b)).toThrow(TypeError)
    expect(() => a.andNot(b)).toThrow(TypeError)
    expect(() => a.andSize(b)).toThrow(TypeError)
  })
})

test("everything costs nothing and gives the other operand back", () => {
  const all = DocSet.all(2 ** 24)
  const some = DocSet.sparse(Uint32Array.of(3, 2 ** 24 - 1), 2 ** 24)
  expect(all.byteLength).toBe(0)
  expect(all.and(some)).toBe(some)
  expect(some.and(all)).toBe(some)
  expect(some.or(all).byteLength).toBe(0)
  expect(some.andNot(all).isEmpty).toBe(true)
  expect(all.complement().isEmpty).toBe(true)
  expect(all.andSize(some)).toBe(2)
})

test("universes up to 2^32", () => {
  const universe = 2 ** 32
  const top = DocSet.sparse(Uint32Array.of(5, 2 ** 31, universe - 2, universe - 1), universe)
  const other = DocSet.sparse(Uint32Array.of(2 ** 31, universe - 1), universe)
  expect(top.has(universe - 1)).toBe(true)
  expectMembers(top.and(other), [2 ** 31, universe - 1])
  expectMembers(top.andNot(other), [5, universe - 2])
  expectMembers(top.or(other), [5, 2 ** 31, universe - 2, universe - 1])
  const out = new Uint32Array(3)
  expect(top.read(2 ** 31 + 1, out)).toBe(2)
  expect([...out.subarray(0, 2)]).toEqual([universe - 2, universe - 1])
  expect(top.read(universe, out)).toBe(0)
  expect(DocSet.all(universe).read(universe - 2, out)).toBe(2)
  expect([...out.subarray(0, 2)]).toEqual([universe - 2, universe - 1])
})

test("the list of a sparse set is handed out as it is", () => {
  const list = Uint32Array.of(1, 100)
  expect(DocSet.sparse(list, 1000).toArray()).toBe(list)
})
