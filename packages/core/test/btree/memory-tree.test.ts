import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { FAN_OUT, INTERIOR_BYTES, LEAF_BYTES } from "../../src/btree/memory-node.ts"
import { MemoryTree } from "../../src/btree/memory-tree.ts"
import type { TreePosition } from "../../src/btree/tree-position.ts"
import { ModelTree } from "./model-tree.ts"

const byNumber = (a: number, b: number) => a - b

/** Keys 0 to `count` - 1 and the weight 1 for each. */
function numbers(count: number): [Uint32Array, Uint32Array] {
  return [Uint32Array.from({ length: count }, (_, i) => i), new Uint32Array(count).fill(1)]
}

function walkForward(position: TreePosition): number[] {
  const keys: number[] = []
  for (let key = position.next(); key !== undefined; key = position.next()) keys.push(key)
  return keys
}

function walkBack(position: TreePosition): number[] {
  const keys: number[] = []
  for (let key = position.previous(); key !== undefined; key = position.previous()) keys.push(key)
  return keys
}

/** Compares every answer of the tree with the model's. */
function expectSame(tree: MemoryTree, model: ModelTree): void {
  tree.check()
  expect(tree.size).toBe(model.keys.length)
  expect(tree.weight).toBe(model.weightBefore(model.keys.length))
  const first = tree.first()
  expect([first.keysBefore, first.weightBefore]).toEqual([0, 0])
  expect(walkForward(first)).toEqual(model.keys)
  expect([first.keysBefore, first.weightBefore]).toEqual([tree.size, tree.weight])
  expect(first.next()).toBeUndefined()
  const end = tree.end()
  expect([end.keysBefore, end.weightBefore]).toEqual([tree.size, tree.weight])
  expect(walkBack(end)).toEqual(model.keys.toReversed())
  expect([end.keysBefore, end.weightBefore]).toEqual([0, 0])
  expect(end.previous()).toBeUndefined()
}

/** Seeks the place before the model's key at `rank` and steps around it. */
function expectSeek(tree: MemoryTree, model: ModelTree, rank: number): void {
  const position = tree.seek((key) => model.rankOf(key) < rank)
  const expectAt = (at: number) => {
    expect([position.keysBefore, position.weightBefore]).toEqual([at, model.weightBefore(at)])
  }
  expectAt(rank)
  expect(position.next()).toBe(model.keys[rank])
  expectAt(Math.min(rank + 1, model.keys.length))
  if (rank < model.keys.length) expect(position.previous()).toBe(model.keys[rank])
  expectAt(rank)
  expect(position.previous()).toBe(model.keys[rank - 1])
  expectAt(Math.max(rank - 1, 0))
}

describe("against a sorted array", () => {
  const step = fc.record({
    grow: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
    count: fc.oneof({ weight: 5, arbitrary: fc.nat(400) }, { weight: 1, arbitrary: fc.nat(3000) }),
    where: fc.constantFrom("anywhere", "first", "last", "middle"),
  } as const)

  test("any inserts, removals and changes of weight", () => {
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.integer(),
        (loaded, steps, seed) => {
          const model = new ModelTree(8192, seed)
          const { keys, weights } = model.fill(loaded)
          const tree = MemoryTree.load(keys, weights, model.compare)
          expectSame(tree, model)
          for (const { grow, count, where } of steps) {
            for (let i = 0; i < count; i++) {
              const chance = model.random()
              if (chance < grow * 0.8) model.insert(tree, where)
              else if (chance < 0.8) model.remove(tree, where)
              else model.addWeight(tree)
            }
            expectSame(tree, model)
            for (let i = 0; i < 20; i++) {
              expectSeek(tree, model, Math.floor(model.random() * (model.keys.length + 1)))
            }
          }
        },
      ),
    )
  })

  test.each([0, 1, 64, 300, 1000])("every place among %i keys can be sought", (count) => {
    const model = new ModelTree(1024, 1)
    const { keys, weights } = model.fill(count)
    const tree = MemoryTree.load(keys, weights, model.compare)
    for (let rank = 0; rank <= count; rank++) expectSeek(tree, model, rank)
  })

  test.each(["first", "last", "middle", "anywhere"] as const)(
    "grows to three levels and back, %s key",
    (where) => {
      const model = new ModelTree(8192, 7)
      const tree = new MemoryTree(model.compare)
      while (model.keys.length < 6000) {
        model.insert(tree, where)
        if (model.keys.length % 250 === 0) tree.check()
      }
      expect(tree.height).toBe(3)
      expectSame(tree, model)
      while (model.keys.length > 0) {
        model.remove(tree, where)
        if (model.keys.length % 250 === 0) tree.check()
      }
      expect(tree.height).toBe(1)
      expect(tree.byteLength).toBe(LEAF_BYTES)
      expectSame(tree, model)
    },
  )
})

describe("load", () => {
  test("any number of keys", () => {
    for (const count of [...Array(400).keys(), 4095, 4096, 4097, 6145, 10_000]) {
      const tree = MemoryTree.load(...numbers(count), byNumber)
      tree.check()
      expect(tree.size).toBe(count)
      expect(walkForward(tree.first())).toHaveLength(count)
    }
  })

  test("fills leaves", () => {
    const tree = MemoryTree.load(...numbers(FAN_OUT * FAN_OUT), byNumber)
    expect(tree.height).toBe(2)
    expect(tree.byteLength).toBe(FAN_OUT * LEAF_BYTES + INTERIOR_BYTES)
  })

  test("does not keep the arrays", () => {
    const [keys, weights] = numbers(10)
    const tree = MemoryTree.load(keys, weights, byNumber)
    keys.fill(0)
    weights.fill(0)
    tree.check()
    expect(tree.weight).toBe(10)
  })
})

describe("what is refused changes nothing", () => {
  const refusals: [string, new () => Error, (tree: MemoryTree) => void][] = [
    ["a key twice", TypeError, (tree) => tree.insert(5, 1)],
    ["removing what is not there", TypeError, (tree) => tree.remove(1000)],
    ["weighing what is not there", TypeError, (tree) => tree.addWeight(1000, 1)],
    ["a weight below 0", RangeError, (tree) => tree.addWeight(5, -2)],
    ["a weight of 2^32", RangeError, (tree) => tree.addWeight(5, 2 ** 32 - 1)],
    ["a first weight below 0", RangeError, (tree) => tree.insert(1000, -1)],
  ]
  test.each(refusals)("%s", (_, error, act) => {
    const tree = MemoryTree.load(...numbers(200), byNumber)
    expect(() => act(tree)).toThrow(error)
    tree.check()
    expect([tree.size, tree.weight]).toEqual([200, 200])
  })
})

test("weights may be 0 and sum up past 2^32", () => {
  const tree = new MemoryTree(byNumber)
  tree.insert(1, 0xffff_ffff)
  tree.insert(2, 0)
  tree.insert(3, 0xffff_ffff)
  tree.check()
  expect(tree.weight).toBe(2 * 0xffff_ffff)
  expect(tree.seek((key) => key < 3).weightBefore).toBe(0xffff_ffff)
})

test("keys up to 2^32 - 1", () => {
  const tree = new MemoryTree(byNumber)
  for (let i = 0; i < 200; i++) tree.insert(0xffff_ffff - i, 1)
  tree.check()
  expect(tree.end().previous()).toBe(0xffff_ffff)
  expect(tree.seek((key) => key < 0xffff_fff0).keysBefore).toBe(184)
})

test("check() finds an order that has changed", () => {
  let sign = 1
  const tree = MemoryTree.load(...numbers(200), (a, b) => sign * (a - b))
  tree.check()
  sign = -1
  expect(() => tree.check()).toThrow(/order/)
})
