import { setBits } from "./bit-lists.ts"
import { type ContainerType, decodeContainer, orContainer } from "./container.ts"
import { DocSet } from "./doc-set.ts"
import { setRange, wordCount } from "./words.ts"

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
  /** How long the list may get. */
  readonly #limit: number
  #list = new Uint32Array(0)
  #count = 0
  /** Whether the list ascends without repeats so far. */
  #ascends = true
  #words: Uint32Array | undefined

  constructor(universe: number) {
    this.#universe = universe
    this.#limit = Math.floor(universe / LIST_RATIO)
  }

  add(ordinal: number): void {
    if (this.#words === undefined && this.#reserve(1)) {
      this.#list[this.#count++] = ordinal
      this.#noteOrder(this.#count - 1)
    } else {
      const words = this.#bits()
      words[ordinal >>> 5] |= 1 << (ordinal & 31)
    }
  }

  /** Adds ordinals in any order. */
  addMany(values: Uint32Array): void {
    if (values.length === 0) return
    if (this.#reserve(values.length)) {
      this.#list.set(values, this.#count)
      this.#count += values.length
      this.#ascends = false
    } else setBits(this.#bits(), values, values.length)
  }

  /** The words in which to set the bits of so many ordinals, if they are too many for a list. */
  wordsFor(count: number): Uint32Array | undefined {
    return this.#words !== undefined || this.#count + count > this.#limit ? this.#bits() : undefined
  }

  /** Adds the ordinals from `from` up to, not including, `to`. */
  addRange(from: number, to: number): void {
    if (from >= to) return
    if (this.#reserve(to - from)) {
      const at = this.#count
      for (let ordinal = from; ordinal < to; ordinal++) this.#list[this.#count++] = ordinal
      this.#noteOrder(at)
    } else setRange(this.#bits(), from, to)
  }

  /** Adds the first `count` ordinals of an array, distinct and ascending. */
  addSorted(values: Uint32Array, count: number = values.length): void {
    if (count === 0) return
    if (this.#reserve(count)) {
      const at = this.#count
      this.#list.set(count === values.length ? values : values.subarray(0, count), at)
      this.#count += count
      this.#noteOrder(at)
    } else setBits(this.#bits(), values, count)
  }

  /** Adds `words` as bit words of the set from word `atWord` on. */
  orWords(words: Uint32Array, atWord: number): void {
    const bits = this.#bits()
    for (let i = 0; i < words.length; i++) bits[atWord + i] |= words[i]
  }

  /** Adds a container of `count` ordinals whose chunk begins at ordinal `base`. */
  addContainer(type: ContainerType, bytes: Uint8Array, count: number, base: number): void {
    if (count === 0) return
    if (this.#reserve(count)) {
      const at = this.#count
      this.#count = decodeContainer(type, bytes, count, base, this.#list, at)
      this.#noteOrder(at)
    } else orContainer(type, bytes, this.#bits(), base / 32)
  }

  /** The set. The builder must not be used afterwards. */
  finish(): DocSet {
    const universe = this.#universe
    if (this.#words !== undefined) return DocSet.dense(this.#words, universe)
    const list = this.#list.slice(0, this.#count)
    if (this.#ascends) return DocSet.sparse(list, universe)
    if (this.#count > universe / SORT_RATIO) {
      const words = new Uint32Array(wordCount(universe))
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
      this.#words = new Uint32Array(wordCount(this.#universe))
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
