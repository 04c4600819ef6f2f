import { FAN_OUT, type Leaf, MIN_FILL, sizeOf, type TreeNode, weightOf } from "./memory-node.ts"

/**
 * Walks a tree of the given height (1: a lone leaf).
 *
 * @throws Error naming the first invariant found broken: order, fill, depth, counts or linked list.
 */
export function checkNodes(
  root: TreeNode,
  height: number,
  compare: (a: number, b: number) => number,
): void {
  const leaves: Leaf[] = []
  collectLeaves(root, height, true, leaves)
  checkList(leaves)
  let last: number | undefined
  for (const leaf of leaves) {
    for (let i = 0; i < leaf.count; i++) {
      const key = leaf.keys[i]
      if (last !== undefined && compare(last, key) >= 0) {
        broken("order", `key ${last} is not before key ${key}`)
      }
      last = key
    }
  }
}

function collectLeaves(node: TreeNode, height: number, isRoot: boolean, leaves: Leaf[]): void {
  const least = isRoot ? (node.isLeaf ? 0 : 2) : MIN_FILL
  if (node.count < least || node.count > FAN_OUT) {
    broken("fill", `a node has ${node.count} entries`)
  }
  if (node.isLeaf !== (height === 1)) broken("depth", `a leaf is off the bottom by ${height - 1}`)
  if (node.isLeaf) {
    leaves.push(node)
    return
  }
  if (node.children.length !== node.count) {
    broken("counts", `a node of ${node.count} entries has ${node.children.length} children`)
  }
  for (const [i, child] of node.children.entries()) {
    collectLeaves(child, height - 1, false, leaves)
    if (node.keys[i] !== child.keys[0]) {
      broken("order", `entry ${i} names ${node.keys[i]} as least key, not ${child.keys[0]}`)
    }
    if (node.sizes[i] !== sizeOf(child)) {
      broken("counts", `entry ${i} counts ${node.sizes[i]} keys, not ${sizeOf(child)}`)
    }
    if (node.weights[i] !== weightOf(child)) {
      broken("counts", `entry ${i} has the weight ${node.weights[i]}, not ${weightOf(child)}`)
    }
  }
}

function checkList(leaves: readonly Leaf[]): void {
  for (const [i, leaf] of leaves.entries()) {
    if (leaf.previous !== leaves[i - 1]) broken("linked list", `leaf ${i} has a wrong previous`)
    if (leaf.next !== leaves[i + 1]) broken("linked list", `leaf ${i} has a wrong next`)
  }
}

export function broken(invariant: string, detail: string): never {
  throw new Error(`MemoryTree, ${invariant}: ${detail}.`)
}
