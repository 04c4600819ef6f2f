import type { CompareKeys, MemoryTree } from "../../src/btree/memory-tree.ts"
import { randomFrom } from "../support/random.ts"

type Where = "anywhere" | "first" | "last" | "middle"

/**
 * Keys in order in a plain array, changed together with a tree. The order of keys is not that of
 * their numbers, and the comparator refuses to look at a key that the tree does not have.
 */
export class ModelTree {
  readonly random: () => number
  readonly compare: CompareKeys
  keys: number[] = []
  /** By key: its place in the order, and its weight. */
  readonly #ranks: Uint32Array
  readonly #byRank: Uint32Array
  readonly #weights = new Map<number, number>()
  #asked = -1

  constructor(universe: number, seed: number) {
    this.random = randomFrom(seed)
    this.#byRank = Uint32Array.from({ length: universe }, (_, i) => i)
    for (let i = universe - 1; i > 0; i--) {
      const j = Math.floor(this.random() * (i + 1))
      const key = this.#byRank[i]
      this.#byRank[i] = this.#byRank[j]
      this.#byRank[j] = key
    }
    this.#ranks = new Uint32Array(universe)
    for (const [rank, key] of this.#byRank.entries()) this.#ranks[key] = rank
    this.compare = (a, b) => {
      for (const key of [a, b]) {
        if (key !== this.#asked && !this.#weights.has(key)) throw new Error(`key ${key} is gone`)
      }
      return this.#ranks[a] - this.#ranks[b]
    }
  }

  /** Takes `count` keys into the model, and returns them for `load`. */
  fill(count: number): { keys: Uint32Array; weights: Uint32Array } {
    const picked = [...this.#byRank.keys()]
    while (picked.length > count) picked.splice(Math.floor(this.random() * picked.length), 1)
    this.keys = picked.map((rank) => this.#byRank[rank])
    for (const key of this.keys) this.#weights.set(key, this.#anyWeight())
    const weights = Uint32Array.from(this.keys, (key) => this.#weights.get(key) ?? 0)
    return { keys: Uint32Array.from(this.keys), weights }
  }

  /** The number of keys before a key. */
  rankOf(key: number): number {
    let low = 0
    let high = this.keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ranks[this.keys[middle]] < this.#ranks[key]) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The sum of weights of the first `count` keys. */
  weightBefore(count: number): number {
    let weight = 0
    for (let i = 0; i < count; i++) weight += this.#weights.get(this.keys[i]) ?? 0
    return weight
  }

  insert(tree: MemoryTree, where: Where): void {
    if (this.keys.length === this.#byRank.length) return
    const key = this.#newKey(where)
    const weight = this.#anyWeight()
    this.#asked = key
    tree.insert(key, weight)
    this.keys.splice(this.rankOf(key), 0, key)
    this.#weights.set(key, weight)
  }

  remove(tree: MemoryTree, where: Where): void {
    if (this.keys.length === 0) return
    const at = this.#place(where, this.keys.length)
    const key = this.keys[at]
    tree.remove(key)
    this.keys.splice(at, 1)
    this.#weights.delete(key)
    this.#asked = -1
  }

  addWeight(tree: MemoryTree): void {
    if (this.keys.length === 0) return
    const key = this.keys[this.#place("anywhere", this.keys.length)]
    const old = this.#weights.get(key) ?? 0
    const delta = Math.floor(this.random() * 20) - Math.min(old, 10)
    tree.addWeight(key, delta)
    this.#weights.set(key, old + delta)
  }

  #newKey(where: Where): number {
    const { length } = this.#byRank
    const step = where === "last" ? -1 : 1
    let rank = this.#place(where, length)
    while (this.#weights.has(this.#byRank[rank])) rank = (rank + step + length) % length
    return this.#byRank[rank]
  }

  #place(where: Where, length: number): number {
    if (where === "first") return 0
    if (where === "last") return length - 1
    return Math.floor(where === "middle" ? length / 2 : this.random() * length)
  }

  #anyWeight(): number {
    return Math.floor(this.random() * 5)
  }
}
