/** The most entries a node of a `MemoryTree` keeps. */
export const FAN_OUT = 64

/** The fewest entries of a node that is not the root. */
export const MIN_FILL = FAN_OUT / 2

/** One place more than a node keeps, so that an entry can go in before the node is split. */
const CAPACITY = FAN_OUT + 1

/** Keys in order with their weights, linked to the neighbouring leaves. */
export class Leaf {
  readonly isLeaf = true
  readonly keys = new Uint32Array(CAPACITY)
  readonly weights = new Uint32Array(CAPACITY)
  count = 0
  previous: Leaf | undefined = undefined
  next: Leaf | undefined = undefined
}

/** Children in order. Entry i sums up the subtree of child i. */
export class Interior {
  readonly isLeaf = false
  /** The least key, exactly: a removed key is never compared again. */
  readonly keys = new Uint32Array(CAPACITY)
  /** The sum of weights. */
  readonly weights = new Float64Array(CAPACITY)
  /** The number of keys. */
  readonly sizes = new Uint32Array(CAPACITY)
  readonly children: TreeNode[] = []
  count = 0
}

export type TreeNode = Leaf | Interior

/** Bytes of a node's arrays; a child pointer counts as 8. */
export const LEAF_BYTES = CAPACITY * 8
export const INTERIOR_BYTES = CAPACITY * 24

/** The number of keys under a node. */
export function sizeOf(node: TreeNode): number {
  if (node.isLeaf) return node.count
  let size = 0
  for (let i = 0; i < node.count; i++) size += node.sizes[i]
  return size
}

/** The sum of weights under a node. */
export function weightOf(node: TreeNode): number {
  const weights = node.weights
  let weight = 0
  for (let i = 0; i < node.count; i++) weight += weights[i]
  return weight
}

/** Writes entry `slot` of a parent anew from the child there, which is not empty. */
export function summarize(parent: Interior, slot: number): void {
  const child = parent.children[slot]
  parent.keys[slot] = child.keys[0]
  parent.sizes[slot] = sizeOf(child)
  parent.weights[slot] = weightOf(child)
}

export function insertKey(leaf: Leaf, at: number, key: number, weight: number): void {
  makeRoom(leaf, at, 1)
  leaf.keys[at] = key
  leaf.weights[at] = weight
}

export function removeKey(leaf: Leaf, at: number): void {
  closeRoom(leaf, at, 1)
}

export function insertChild(parent: Interior, at: number, child: TreeNode): void {
  makeRoom(parent, at, 1)
  parent.children.splice(at, 0, child)
  summarize(parent, at)
}

export function removeChild(parent: Interior, at: number): void {
  parent.children.splice(at, 1)
  closeRoom(parent, at, 1)
}

/** Moves `count` entries from `start` of one node to `at` of another of the same kind. */
export function moveEntries(
  from: TreeNode,
  start: number,
  count: number,
  to: TreeNode,
  at: number,
): void {
  const end = start + count
  makeRoom(to, at, count)
  to.keys.set(from.keys.subarray(start, end), at)
  to.weights.set(from.weights.subarray(start, end), at)
  if (!from.isLeaf && !to.isLeaf) {
    to.sizes.set(from.sizes.subarray(start, end), at)
    to.children.splice(at, 0, ...from.children.splice(start, count))
  }
  closeRoom(from, start, count)
}

/** Puts a new leaf behind another in the list. */
export function linkAfter(leaf: Leaf, added: Leaf): void {
  added.previous = leaf
  added.next = leaf.next
  if (leaf.next !== undefined) leaf.next.previous = added
  leaf.next = added
}

/** Takes the leaf behind another out of the list. */
export function unlinkAfter(leaf: Leaf): void {
  const removed = leaf.next
  leaf.next = removed?.next
  if (leaf.next !== undefined) leaf.next.previous = leaf
}

/** Shifts a node's arrays (not `children`) to open `count` places at `at`. */
function makeRoom(node: TreeNode, at: number, count: number): void {
  const end = node.count
  node.keys.copyWithin(at + count, at, end)
  node.weights.copyWithin(at + count, at, end)
  if (!node.isLeaf) node.sizes.copyWithin(at + count, at, end)
  node.count = end + count
}

/** Shifts a node's arrays (not `children`) to close `count` places at `at`. */
function closeRoom(node: TreeNode, at: number, count: number): void {
  const end = node.count
  node.keys.copyWithin(at, at + count, end)
  node.weights.copyWithin(at, at + count, end)
  if (!node.isLeaf) node.sizes.copyWithin(at, at + count, end)
  node.count = end - count
}
