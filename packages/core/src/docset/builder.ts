import type { PackedInts } from "../pages/packed.ts"
import { setBits } from "./bit-lists.ts"
import { type ContainerType, decodeContainer, orContainer } from "./container.ts"
import { DocSet } from "./doc-set.ts"
import { emptyWords } from "./scratch.ts"
import { wordCount } from "./words.ts"

const FIRST_CAPACITY = 64
/** A list of more than 1 ordinal in this many is turned into bit words. */
const LIST_RATIO = 128
/** A list of more than 1 ordinal in this many is sorted by way of bit words, which is faster. */
const SORT_RATIO = 2048

/**
 * Collects ordinals below a universe in any order, repeated or not: at first in a list, in bit words
 * once there are many.
 */
export class DocSetBuilder {
  readonly #universe: number
  readonly #within: DocSet | undefined
  /** How long the list may get. */
  readonly #limit: number
  #list = new Uint32Array(0)
  #count = 0
  /** Whether the list ascends without repeats so far. */
  #ascends = true
  #words: Uint32Array | undefined
  /** Whether it may hold what `within` does not. */
  #isLoose = false

  /**
   * @param expected about how many ordinals will be added
   * @param within keeps only its members
   */
  constructor(universe: number, expected = 0, within?: DocSet) {
    this.#universe = universe
    this.#within = within
    this.#limit = Math.floor(universe / LIST_RATIO)
    if (expected > this.#limit) this.#bits()
  }

  add(ordinal: number): void {
    this.#isLoose = true
    if (this.#words === undefined && this.#reserve(1)) {
      this.#list[this.#count++] = ordinal
      this.#noteOrder(this.#count - 1)
    } else {
      const words = this.#bits()
      words[ordinal >>> 5] |= 1 << (ordinal & 31)
    }
  }

  /** Adds the packed numbers from `from` up to, not including, `to`, in any order. */
  addPacked(numbers: PackedInts, from: number, to: number): void {
    if (from >= to) return
    if (this.#reserve(to - from)) {
      numbers.copy(from, to, this.#list, this.#count, 0)
      this.#count += to - from
      this.#ascends = false
      this.#isLoose = true
      return
    }
    const words = this.#bits()
    const mask = this.#within?.words
    if (mask !== undefined) numbers.setBitsOf(mask, from, to, words)
    else {
      numbers.setBits(from, to, words)
      this.#isLoose = true
    }
  }

  /** Adds a container of `count` ordinals whose chunk begins at ordinal `base`. */
  addContainer(type: ContainerType, bytes: Uint8Array, count: number, base: number): void {
    if (count === 0) return
    this.#isLoose = true
    if (this.#reserve(count)) {
      const at = this.#count
      this.#count = decodeContainer(type, bytes, count, base, this.#list, at)
      this.#noteOrder(at)
    } else orContainer(type, bytes, this.#bits(), base / 32)
  }

  /** The set. The builder must not be used afterwards. */
  finish(): DocSet {
    const found = this.#finish()
    return this.#within === undefined || !this.#isLoose ? found : found.and(this.#within)
  }

  #finish(): DocSet {
    const universe = this.#universe
    if (this.#words !== undefined) return DocSet.dense(this.#words, universe)
    const list = this.#list.slice(0, this.#count)
    if (this.#ascends) return DocSet.sparse(list, universe)
    if (this.#count > universe / SORT_RATIO) {
      const words = emptyWords(wordCount(universe))
      return DocSet.dense(words, universe, setBits(words, list, list.length))
    }
    const count = sortDistinct(list)
    return DocSet.sparse(list.slice(0, count), universe)
  }

  /** Makes room for more entries of the list; false if it may not grow as far. */
  #reserve(count: number): boolean {
    if (this.#words !== undefined) return false
    const needed = this.#count + count
    if (needed > this.#limit) return false
    if (needed > this.#list.length) {
      const capacity = Math.max(FIRST_CAPACITY, needed, this.#list.length * 2)
      const list = new Uint32Array(Math.min(capacity, this.#limit))
      list.set(this.#list.subarray(0, this.#count))
      this.#list = list
    }
    return true
  }

  /** Notes that an ascending part of the list begins at `at`. */
  #noteOrder(at: number): void {
    if (at > 0 && this.#list[at] <= this.#list[at - 1]) this.#ascends = false
  }

  /** The bit words, into which the list turns the first time. */
  #bits(): Uint32Array {
    if (this.#words === undefined) {
      this.#words = emptyWords(wordCount(this.#universe))
      setBits(this.#words, this.#list, this.#count)
      this.#list = new Uint32Array(0)
    }
    return this.#words
  }
}

/** Sorts and drops repeats in place; returns how many are left. */
function sortDistinct(list: Uint32Array): number {
  list.sort()
  let count = 0
  for (let i = 0; i < list.length; i++) {
    if (i === 0 || list[i] !== list[count - 1]) list[count++] = list[i]
  }
  return count
}
