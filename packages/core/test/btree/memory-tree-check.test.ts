import { expect, test } from "vitest"
import type { Interior, Leaf } from "../../src/btree/memory-node.ts"
import { checkNodes } from "../../src/btree/memory-tree-check.ts"
import { buildLeaves, buildParents } from "../../src/btree/memory-tree-load.ts"

/** Two levels: a root over three leaves of 64 keys. */
function build(): { root: Interior; leaves: Leaf[] } {
  const leaves = buildLeaves(
    Uint32Array.from({ length: 192 }, (_, i) => i * 2),
    new Uint32Array(192).fill(3),
  )
  return { root: buildParents(leaves)[0], leaves }
}

const check = (root: Interior, height = 2) => checkNodes(root, height, (a, b) => a - b)

test("accepts a sound tree", () => {
  expect(() => check(build().root)).not.toThrow()
})

const damages: [string, RegExp, (root: Interior, leaves: Leaf[]) => void][] = [
  ["keys out of order in a leaf", /order/, (_, leaves) => leaves[1].keys.fill(999, 5, 6)],
  ["keys out of order across leaves", /order/, (_, leaves) => leaves[0].keys.fill(129, 63, 64)],
  ["a wrong least key", /order/, (root) => root.keys.fill(1, 1, 2)],
  ["a wrong number of keys", /counts/, (root) => root.sizes.fill(63, 1, 2)],
  ["a wrong weight", /counts/, (_, leaves) => leaves[1].weights.fill(4, 5, 6)],
  ["a child too many", /counts/, (root, leaves) => root.children.push(leaves[0])],
  ["a leaf under half", /fill/, (_, leaves) => Object.assign(leaves[1], { count: 31 })],
  ["a node over full", /fill/, (_, leaves) => Object.assign(leaves[1], { count: 65 })],
  ["a root of one child", /fill/, (root) => Object.assign(root, { count: 1 })],
  [
    "a leaf not linked forward",
    /linked list/,
    (_, leaves) => Object.assign(leaves[0], { next: undefined }),
  ],
  [
    "a leaf not linked back",
    /linked list/,
    (_, leaves) => Object.assign(leaves[2], { previous: undefined }),
  ],
  [
    "a list without end",
    /linked list/,
    (_, leaves) => Object.assign(leaves[2], { next: leaves[0] }),
  ],
]

test.each(damages)("finds %s", (_, invariant, damage) => {
  const { root, leaves } = build()
  damage(root, leaves)
  expect(() => check(root)).toThrow(invariant)
})

test("finds leaves at different depths", () => {
  const { root } = build()
  expect(() => check(root, 3)).toThrow(/depth/)
  expect(() => checkNodes(root.children[0], 2, (a, b) => a - b)).toThrow(/depth/)
})
