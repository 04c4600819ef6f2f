import { countCommon, countWords } from "./bit-count.ts"
import { clearBits, countBits, selectByBit, setBits } from "./bit-lists.ts"
import { anyWords, emptyWords } from "./scratch.ts"
import { intersectSorted, lowerBound, subtractSorted, uniteSorted } from "./sorted.ts"
import { intersectWords, invertWords, listBits, listWord, uniteWords, wordCount } from "./words.ts"

const Form = { all: 0, sparse: 1, dense: 2 } as const
type Form = (typeof Form)[keyof typeof Form]

const EMPTY = new Uint32Array(0)
const UNCOUNTED = -1
/** Words with at most 1 bit in this many are turned into a list. */
const SPARSE_RATIO = 256

/**
 * A set of ordinals below `universe` (at most 2^32), immutable. It is kept in one of three forms:
 * a sorted list; bit words; nothing at all for the set of every ordinal. Lists turn into words
 * where those take fewer bytes, words into lists only where these take far fewer: listing bits
 * costs more than keeping them. The operands of one operation have one universe.
 */
export class DocSet {
  readonly universe: number
  readonly #form: Form
  /** The sorted list of the sparse form, else empty. */
  readonly #ordinals: Uint32Array
  /** The bit words of the dense form, with none set at or above the universe, else empty. */
  readonly #words: Uint32Array
  #size: number

  private constructor(
    universe: number,
    form: Form,
    ordinals: Uint32Array,
    words: Uint32Array,
    size: number,
  ) {
    this.universe = universe
    this.#form = form
    this.#ordinals = ordinals
    this.#words = words
    this.#size = size
  }

  static none(universe: number): DocSet {
    return new DocSet(universe, Form.sparse, EMPTY, EMPTY, 0)
  }

  static all(universe: number): DocSet {
    return new DocSet(universe, Form.all, EMPTY, EMPTY, universe)
  }

  /** Of distinct ordinals below the universe, ascending. The array becomes the set's. */
  static sparse(sorted: Uint32Array, universe: number): DocSet {
    const size = sorted.length
    if (size === universe) return DocSet.all(universe)
    if (fitsList(size, universe)) return new DocSet(universe, Form.sparse, sorted, EMPTY, size)
    return new DocSet(universe, Form.dense, EMPTY, wordsOf(sorted, universe), size)
  }

  /**
   * Of `wordCount(universe)` bit words with none set at or above the universe. The array becomes
   * the set's. Without a size, bits are counted when it is first asked for.
   */
  static dense(words: Uint32Array, universe: number, size: number = UNCOUNTED): DocSet {
    if (size === universe) return DocSet.all(universe)
    if (size === UNCOUNTED || size > universe / SPARSE_RATIO) {
      return new DocSet(universe, Form.dense, EMPTY, words, size)
    }
    const ordinals = new Uint32Array(size)
    listBits(words, 0, words.length, 0, ordinals, 0)
    return new DocSet(universe, Form.sparse, ordinals, EMPTY, size)
  }

  /** The number of members. */
  get size(): number {
    if (this.#size === UNCOUNTED) this.#size = countWords(this.#words, 0, this.#words.length)
    return this.#size
  }

  /** Costs less than the size, if bits are still to be counted. */
  get isEmpty(): boolean {
    if (this.#size !== UNCOUNTED) return this.#size === 0
    for (let i = 0; i < this.#words.length; i++) if (this.#words[i] !== 0) return false
    return true
  }

  /** Bytes of the list or the words; 0 for the set of every ordinal. */
  get byteLength(): number {
    return this.#ordinals.byteLength + this.#words.byteLength
  }

  has(ordinal: number): boolean {
    if (ordinal >= this.universe) return false
    if (this.#form === Form.dense) {
      return ((this.#words[ordinal >>> 5] >>> (ordinal & 31)) & 1) === 1
    }
    if (this.#form === Form.all) return true
    const at = lowerBound(this.#ordinals, 0, this.#ordinals.length, ordinal)
    return at < this.#ordinals.length && this.#ordinals[at] === ordinal
  }

  /** What both sets hold. */
  and(other: DocSet): DocSet {
    this.#mustMatch(other)
    if (this.#form === Form.all) return other
    if (other.#form === Form.all) return this
    if (this.#form === Form.dense && other.#form === Form.dense) {
      const words = anyWords(this.#words.length)
      const size = intersectWords(this.#words, other.#words, 0, words)
      return DocSet.dense(words, this.universe, size)
    }
    if (this.#form === Form.dense) return other.and(this)
    if (other.#form === Form.dense) {
      const out = new Uint32Array(this.#ordinals.length)
      return DocSet.#listed(out, selectByBit(other.#words, this.#ordinals, 1, out), this.universe)
    }
    const out = new Uint32Array(Math.min(this.#ordinals.length, other.#ordinals.length))
    const size = intersectSorted(this.#ordinals, other.#ordinals, out)
    return DocSet.#listed(out, size, this.universe)
  }

  /** What either set holds. */
  or(other: DocSet): DocSet {
    this.#mustMatch(other)
    const { universe } = this
    if (this.#form === Form.all || other.#form === Form.all) return DocSet.all(universe)
    if (this.#form === Form.dense && other.#form === Form.dense) {
      const words = anyWords(this.#words.length)
      uniteWords(this.#words, other.#words, words)
      return DocSet.dense(words, universe)
    }
    if (this.#form === Form.dense) return other.or(this)
    const total = this.size + other.size
    if (other.#form === Form.sparse && fitsList(total, universe)) {
      const out = new Uint32Array(total)
      return DocSet.#listed(out, uniteSorted(this.#ordinals, other.#ordinals, out), universe)
    }
    const words =
      other.#form === Form.dense ? copyOf(other.#words) : wordsOf(other.#ordinals, universe)
    const size = other.size + setBits(words, this.#ordinals, this.size)
    return DocSet.dense(words, universe, size)
  }

  /** What this set holds and the other does not. */
  andNot(other: DocSet): DocSet {
    this.#mustMatch(other)
    const { universe } = this
    if (other.#form === Form.all) return DocSet.none(universe)
    if (other.#form === Form.sparse && other.#ordinals.length === 0) return this
    if (this.#form === Form.all) return other.complement()
    if (this.#form === Form.sparse) {
      const out = new Uint32Array(this.#ordinals.length)
      const size =
        other.#form === Form.dense
          ? selectByBit(other.#words, this.#ordinals, 0, out)
          : subtractSorted(this.#ordinals, other.#ordinals, out)
      return DocSet.#listed(out, size, universe)
    }
    if (other.#form === Form.sparse) {
      const words = copyOf(this.#words)
      const size = this.size - clearBits(words, other.#ordinals)
      return DocSet.dense(words, universe, size)
    }
    const words = anyWords(this.#words.length)
    return DocSet.dense(words, universe, intersectWords(this.#words, other.#words, -1, words))
  }

  /** `and(other).size`, without building the set. */
  andSize(other: DocSet): number {
    this.#mustMatch(other)
    if (this.#form === Form.all) return other.size
    if (other.#form === Form.all) return this.size
    if (this.#form === Form.sparse) {
      return other.#form === Form.sparse
        ? intersectSorted(this.#ordinals, other.#ordinals)
        : countBits(other.#words, this.#ordinals)
    }
    if (other.#form === Form.sparse) return countBits(this.#words, other.#ordinals)
    return countCommon(this.#words, other.#words, this.#words.length)
  }

  /** Every ordinal that this set does not hold. */
  complement(): DocSet {
    const { universe } = this
    if (this.#form === Form.all) return DocSet.none(universe)
    if (this.size === 0) return DocSet.all(universe)
    const words = this.#form === Form.dense ? this.#words : wordsOf(this.#ordinals, universe)
    return DocSet.dense(invertWords(words, universe), universe, universe - this.size)
  }

  /** The members, ascending. Not to be written to: the sparse form is handed out itself. */
  toArray(): Uint32Array {
    if (this.#form === Form.sparse) return this.#ordinals
    const out = new Uint32Array(this.size)
    this.read(0, out)
    return out
  }

  /**
   * Writes the members from `from` on, ascending, to `out` until it is full; returns how many. To
   * stream a set, read on from the last member + 1 until 0 is returned.
   */
  read(from: number, out: Uint32Array): number {
    if (from >= this.universe) return 0
    if (this.#form === Form.dense) {
      const first = from >>> 5
      const at = listWord(this.#words[first], first * 32, out, 0, from & 31)
      return listBits(this.#words, first + 1, this.#words.length, 0, out, at)
    }
    if (this.#form === Form.all) {
      const count = Math.min(out.length, this.universe - from)
      for (let i = 0; i < count; i++) out[i] = from + i
      return count
    }
    const start = lowerBound(this.#ordinals, 0, this.#ordinals.length, from)
    const members = this.#ordinals.subarray(start, start + out.length)
    out.set(members)
    return members.length
  }

  /** The same set in memory of its own. */
  copy(): DocSet {
    const { universe } = this
    return new DocSet(universe, this.#form, this.#ordinals, this.#words.slice(), this.#size)
  }

  /** The bit words if it is kept in that form. Not to be written to. */
  get words(): Uint32Array | undefined {
    return this.#form === Form.dense ? this.#words : undefined
  }

  /** The first `size` ordinals of a buffer, kept at its length only if that is all of it. */
  static #listed(out: Uint32Array, size: number, universe: number): DocSet {
    return DocSet.sparse(size === out.length ? out : out.slice(0, size), universe)
  }

  #mustMatch(other: DocSet): void {
    if (this.universe !== other.universe) {
      throw new TypeError(`Sets below ${this.universe} and below ${other.universe} do not combine.`)
    }
  }
}

/** Whether a sorted list takes no more bytes than bits. */
function fitsList(size: number, universe: number): boolean {
  return size <= universe / 32
}

function copyOf(words: Uint32Array): Uint32Array {
  const copy = anyWords(words.length)
  copy.set(words)
  return copy
}

function wordsOf(ordinals: Uint32Array, universe: number): Uint32Array {
  const words = emptyWords(wordCount(universe))
  setBits(words, ordinals, ordinals.length)
  return words
}
