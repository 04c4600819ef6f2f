import {
  FAN_OUT,
  Interior,
  insertChild,
  Leaf,
  linkAfter,
  MIN_FILL,
  type TreeNode,
} from "./memory-node.ts"

/** Leaves over ascending keys, full but for the last two, and linked. At least one leaf. */
export function buildLeaves(keys: Uint32Array, weights: Uint32Array): Leaf[] {
  const leaves: Leaf[] = []
  let at = 0
  for (const count of shares(keys.length)) {
    const leaf = new Leaf()
    leaf.keys.set(keys.subarray(at, at + count))
    leaf.weights.set(weights.subarray(at, at + count))
    leaf.count = count
    const last = leaves.at(-1)
    if (last !== undefined) linkAfter(last, leaf)
    leaves.push(leaf)
    at += count
  }
  return leaves
}

/** The parents of a level of more than one node. */
export function buildParents(nodes: readonly TreeNode[]): Interior[] {
  const parents: Interior[] = []
  let at = 0
  for (const count of shares(nodes.length)) {
    const parent = new Interior()
    for (let i = 0; i < count; i++) insertChild(parent, i, nodes[at++])
    parents.push(parent)
  }
  return parents
}

/** How many entries each node of a level gets, so that none but a lone one is under half. */
function shares(entries: number): number[] {
  const counts: number[] = []
  let left = entries
  while (left >= FAN_OUT + MIN_FILL || left === FAN_OUT) {
    counts.push(FAN_OUT)
    left -= FAN_OUT
  }
  if (left > FAN_OUT) {
    counts.push(left - MIN_FILL)
    left = MIN_FILL
  }
  if (left > 0 || counts.length === 0) counts.push(left)
  return counts
}
