import {
  FAN_OUT,
  INTERIOR_BYTES,
  Interior,
  insertChild,
  insertKey,
  LEAF_BYTES,
  Leaf,
  linkAfter,
  MIN_FILL,
  moveEntries,
  removeChild,
  removeKey,
  sizeOf,
  summarize,
  type TreeNode,
  unlinkAfter,
  weightOf,
} from "./memory-node.ts"
import { broken, checkNodes } from "./memory-tree-check.ts"
import { buildLeaves, buildParents } from "./memory-tree-load.ts"
import { LeafPosition, type TreePosition } from "./tree-position.ts"

/** Negative if key `a` comes before key `b`, 0 if they are equal. The order must not change. */
export type CompareKeys = (a: number, b: number) => number

/**
 * An ordered set of keys with weights: a mutable B+ tree (Comer, "The Ubiquitous B-Tree", 1979)
 * with linked leaves, whose interior nodes carry the number of keys and the sum of weights under
 * each child, so that the rank of a place costs one descent.
 *
 * Keys are whole numbers below 2^32 that stand for dictionary values. Weights are whole numbers
 * below 2^32: how many records have the value. The comparator is only ever asked about keys that
 * are in the tree and the one being looked for.
 */
export class MemoryTree {
  readonly #compare: CompareKeys
  #root: TreeNode
  #first: Leaf
  #height = 1
  #size = 0
  #weight = 0
  #leaves = 1
  #interiors = 0
  /** The interior nodes above the leaf last found, from the root, and the slot taken in each. */
  readonly #path: Interior[] = []
  readonly #slots: number[] = []

  constructor(compare: CompareKeys) {
    this.#compare = compare
    this.#first = new Leaf()
    this.#root = this.#first
  }

  /** A tree with full leaves, in linear time, of distinct keys in ascending order. */
  static load(keys: Uint32Array, weights: Uint32Array, compare: CompareKeys): MemoryTree {
    const tree = new MemoryTree(compare)
    const leaves = buildLeaves(keys, weights)
    let level: readonly TreeNode[] = leaves
    tree.#first = leaves[0]
    tree.#leaves = leaves.length
    while (level.length > 1) {
      level = buildParents(level)
      tree.#interiors += level.length
      tree.#height++
    }
    tree.#root = level[0]
    tree.#size = keys.length
    tree.#weight = weightOf(tree.#root)
    return tree
  }

  /** The number of keys. */
  get size(): number {
    return this.#size
  }

  /** The sum of weights. */
  get weight(): number {
    return this.#weight
  }

  /** The number of levels, 1 for a lone leaf. */
  get height(): number {
    return this.#height
  }

  /** Bytes of the nodes' arrays. */
  get byteLength(): number {
    return this.#leaves * LEAF_BYTES + this.#interiors * INTERIOR_BYTES
  }

  /** @throws TypeError if the key is there. */
  insert(key: number, weight: number): void {
    const leaf = this.#findLeaf(key)
    const at = this.#findInLeaf(leaf, key)
    if (at < leaf.count && this.#compare(leaf.keys[at], key) === 0) {
      throw new TypeError(`The tree has key ${key} already.`)
    }
    insertKey(leaf, at, key, checkedWeight(weight))
    this.#size++
    this.#weight += weight
    let child: TreeNode = leaf
    for (let level = this.#path.length - 1; level >= 0; level--) {
      const parent: Interior = this.#path[level]
      const slot = this.#slots[level]
      parent.keys[slot] = child.keys[0]
      parent.sizes[slot]++
      parent.weights[slot] += weight
      if (child.count > FAN_OUT) this.#split(parent, slot)
      child = parent
    }
    if (this.#root.count > FAN_OUT) {
      const root = new Interior()
      insertChild(root, 0, this.#root)
      this.#root = root
      this.#height++
      this.#interiors++
      this.#split(root, 0)
    }
  }

  /** @throws TypeError if the key is not there; RangeError if its weight would not fit. */
  addWeight(key: number, delta: number): void {
    const leaf = this.#findLeaf(key)
    const at = this.#findExisting(leaf, key)
    leaf.weights[at] = checkedWeight(leaf.weights[at] + delta)
    this.#weight += delta
    for (let level = 0; level < this.#path.length; level++) {
      this.#path[level].weights[this.#slots[level]] += delta
    }
  }

  /** @throws TypeError if the key is not there. */
  remove(key: number): void {
    const leaf = this.#findLeaf(key)
    const at = this.#findExisting(leaf, key)
    const weight = leaf.weights[at]
    removeKey(leaf, at)
    this.#size--
    this.#weight -= weight
    let child: TreeNode = leaf
    for (let level = this.#path.length - 1; level >= 0; level--) {
      const parent: Interior = this.#path[level]
      const slot = this.#slots[level]
      parent.keys[slot] = child.keys[0]
      parent.sizes[slot]--
      parent.weights[slot] -= weight
      if (child.count < MIN_FILL) this.#refill(parent, slot)
      child = parent
    }
    if (!this.#root.isLeaf && this.#root.count === 1) {
      this.#root = this.#root.children[0]
      this.#height--
      this.#interiors--
    }
  }

  /**
   * The place before the first key that is not before something. `isBefore` must be monotone: true
   * for a leading part of the keys and false for the rest.
   */
  seek(isBefore: (key: number) => boolean): TreePosition {
    let node = this.#root
    let keysBefore = 0
    let weightBefore = 0
    for (;;) {
      // In an interior node the place lies under the last child whose least key is before it.
      let low = node.isLeaf ? 0 : 1
      let high = node.count
      while (low < high) {
        const middle = (low + high) >>> 1
        if (isBefore(node.keys[middle])) low = middle + 1
        else high = middle
      }
      const passed = node.isLeaf ? low : low - 1
      for (let i = 0; i < passed; i++) weightBefore += node.weights[i]
      if (node.isLeaf) return new LeafPosition(node, passed, keysBefore + passed, weightBefore)
      for (let i = 0; i < passed; i++) keysBefore += node.sizes[i]
      node = node.children[passed]
    }
  }

  /** The place before all keys. */
  first(): TreePosition {
    return new LeafPosition(this.#first, 0, 0, 0)
  }

  /** The place after all keys. */
  end(): TreePosition {
    let node = this.#root
    while (!node.isLeaf) node = node.children[node.count - 1]
    return new LeafPosition(node, node.count, this.#size, this.#weight)
  }

  /** @throws Error naming the invariant that is broken. */
  check(): void {
    checkNodes(this.#root, this.#height, this.#compare)
    if (sizeOf(this.#root) !== this.#size) broken("counts", "size is not the number of keys")
    if (weightOf(this.#root) !== this.#weight) broken("counts", "weight is not the sum of weights")
    let leaves = 0
    for (let leaf: Leaf | undefined = this.#first; leaf !== undefined; leaf = leaf.next) leaves++
    if (leaves !== this.#leaves) broken("linked list", "the first leaf does not lead to all")
  }

  /** The leaf where a key is or belongs; notes the way there in `#path` and `#slots`. */
  #findLeaf(key: number): Leaf {
    const compare = this.#compare
    let node = this.#root
    let level = 0
    this.#path.length = this.#slots.length = this.#height - 1
    while (!node.isLeaf) {
      let low = 1
      let high = node.count
      while (low < high) {
        const middle = (low + high) >>> 1
        if (compare(node.keys[middle], key) <= 0) low = middle + 1
        else high = middle
      }
      this.#path[level] = node
      this.#slots[level++] = low - 1
      node = node.children[low - 1]
    }
    return node
  }

  /** The first entry of a leaf that is not before a key. */
  #findInLeaf(leaf: Leaf, key: number): number {
    const compare = this.#compare
    let low = 0
    let high = leaf.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(leaf.keys[middle], key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #findExisting(leaf: Leaf, key: number): number {
    const at = this.#findInLeaf(leaf, key)
    if (at < leaf.count && leaf.keys[at] === key) return at
    throw new TypeError(`The tree does not have key ${key}.`)
  }

  /** Moves the upper half of child `slot` to a new child behind it. */
  #split(parent: Interior, slot: number): void {
    const left = parent.children[slot]
    const right = left.isLeaf ? new Leaf() : new Interior()
    moveEntries(left, MIN_FILL, left.count - MIN_FILL, right, 0)
    if (left.isLeaf && right.isLeaf) {
      linkAfter(left, right)
      this.#leaves++
    } else this.#interiors++
    summarize(parent, slot)
    insertChild(parent, slot + 1, right)
  }

  /** Brings child `slot`, one entry short, back to half: evens it out or merges with a neighbour. */
  #refill(parent: Interior, slot: number): void {
    const leftSlot = slot > 0 ? slot - 1 : 0
    const left = parent.children[leftSlot]
    const right = parent.children[leftSlot + 1]
    const total = left.count + right.count
    if (total >= 2 * MIN_FILL) {
      const half = total >>> 1
      if (left.count > half) moveEntries(left, half, left.count - half, right, 0)
      else moveEntries(right, 0, half - left.count, left, left.count)
      summarize(parent, leftSlot + 1)
    } else {
      moveEntries(right, 0, right.count, left, left.count)
      removeChild(parent, leftSlot + 1)
      if (left.isLeaf) {
        unlinkAfter(left)
        this.#leaves--
      } else this.#interiors--
    }
    summarize(parent, leftSlot)
  }
}

function checkedWeight(weight: number): number {
  if (weight >= 0 && weight <= 0xffff_ffff) return weight
  throw new RangeError(`A weight must be a whole number below 2^32: ${weight}.`)
}
