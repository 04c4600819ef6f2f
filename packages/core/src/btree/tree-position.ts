import type { Leaf } from "./memory-node.ts"

/**
 * A place between two neighbouring keys of a `MemoryTree`, before the first or after the last. It
 * moves along the linked leaves. Invalid once keys or weights of the tree have changed.
 */
export interface TreePosition {
  /** The number of keys before the place. */
  readonly keysBefore: number
  /** The sum of their weights. */
  readonly weightBefore: number
  /** Moves past the key after the place and returns it; at the end, stays and is undefined. */
  next(): number | undefined
  /** Moves before the key before the place and returns it; at the start, stays and is undefined. */
  previous(): number | undefined
}

export class LeafPosition implements TreePosition {
  keysBefore: number
  weightBefore: number
  #leaf: Leaf
  #at: number

  /** The place before entry `at` of a leaf, or after its last with `at` = `leaf.count`. */
  constructor(leaf: Leaf, at: number, keysBefore: number, weightBefore: number) {
    this.#leaf = leaf
    this.#at = at
    this.keysBefore = keysBefore
    this.weightBefore = weightBefore
  }

  next(): number | undefined {
    if (this.#at === this.#leaf.count) {
      if (this.#leaf.next === undefined) return undefined
      this.#leaf = this.#leaf.next
      this.#at = 0
    }
    const at = this.#at++
    this.keysBefore++
    this.weightBefore += this.#leaf.weights[at]
    return this.#leaf.keys[at]
  }

  previous(): number | undefined {
    if (this.#at === 0) {
      if (this.#leaf.previous === undefined) return undefined
      this.#leaf = this.#leaf.previous
      this.#at = this.#leaf.count
    }
    const at = --this.#at
    this.keysBefore--
    this.weightBefore -= this.#leaf.weights[at]
    return this.#leaf.keys[at]
  }
}
