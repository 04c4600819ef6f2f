import { packedBytes, widthOf } from "../pages/packed.ts"
import { copyBytes } from "../values/copy-bytes.ts"
import { Kind } from "../values/kind.ts"
import type { ValueRef } from "../values/value-ref.ts"
import type { Child } from "./inner.ts"
import { isIntegerRun, type LeafContents, type PostingsRef } from "./leaf.ts"

/** Bytes of a page that are not values, counts or ordinals. */
const LEAF_FIXED_BYTES = 96
/** A leaf takes no more values, however small they are. */
const MAX_VALUES = 4096
/** Strings of a leaf with their common prefix take no more than this, unless it is one alone. */
const MAX_STRING_BYTES = 65_536
const FIRST_VALUES = 1024
const FIRST_BYTES = 16_384
const NO_BYTES = new Uint8Array(0)
const NO_NUMBERS = new Float64Array(0)
const NO_ENDS = new Uint32Array(0)

/** The leaf at the right edge of a tree that is being built. Its buffers serve one leaf after another. */
export class OpenLeaf {
  #kind: Kind = Kind.missing
  #firstVid = 0
  #firstEntry = 0
  #length = 0
  #counts = new Uint32Array(FIRST_VALUES)
  #maxCount = 0
  #inline = new Uint32Array(4096)
  #inlineCount = 0
  #maxOrdinal = 0
  #external: (PostingsRef & { index: number })[] = []
  /** Payloads of kinds with numbers. */
  #numbers = new Float64Array(FIRST_VALUES)
  #areIntegers = true
  /** Strings one behind another, and where each ends. */
  #bytes = new Uint8Array(FIRST_BYTES)
  #ends = new Uint32Array(FIRST_VALUES)
  /** Bytes that all of them begin with. */
  #prefixLength = 0
  /** The last string of the leaf before, to cut separators short. */
  #previous: Uint8Array | undefined

  get isEmpty(): boolean {
    return this.#length === 0
  }

  start(kind: Kind, firstVid: number, firstEntry: number): void {
    if (kind !== this.#kind) this.#previous = undefined
    this.#kind = kind
    this.#firstVid = firstVid
    this.#firstEntry = firstEntry
  }

  /**
   * Whether the leaf takes one value more and stays within `targetBytes`.
   * @param inline ordinals of the value, of which the first `inlineCount` count
   */
  fits(
    value: ValueRef,
    count: number,
    inline: Uint32Array,
    inlineCount: number,
    ref: PostingsRef | undefined,
    targetBytes: number,
  ): boolean {
    if (this.isEmpty) return true
    if (value.kind !== this.#kind || this.#length === MAX_VALUES) return false
    if (value.isString && this.#stringBytes + value.to - value.from > MAX_STRING_BYTES) return false
    const length = this.#length + 1
    const counts = packedBytes(length, widthOf(Math.max(this.#maxCount, count)))
    const ordinals =
      ref === undefined
        ? packedBytes(
            this.#inlineCount + inlineCount,
            widthOf(Math.max(this.#maxOrdinal, inline[inlineCount - 1])),
          )
        : packedBytes(this.#inlineCount, widthOf(this.#maxOrdinal))
    const externals = (this.#external.length + 1) * 14 + 32
    const size = this.#valueBytes(value, length) + counts + ordinals + externals
    return size + LEAF_FIXED_BYTES <= targetBytes
  }

  #valueBytes(value: ValueRef, length: number): number {
    if (value.isString) {
      const prefix = this.#sharedPrefix(value)
      const bytes = this.#stringBytes + value.to - value.from - prefix * (length - 1)
      return bytes + packedBytes(length, widthOf(bytes))
    }
    const [first] = this.#numbers
    const { number } = value
    const isRun = this.#areIntegers && Number.isInteger(number) && isIntegerRun(first, number)
    return isRun ? packedBytes(length, widthOf(number - first)) : length * 8
  }

  /** Bytes of all strings. */
  get #stringBytes(): number {
    return this.#length === 0 ? 0 : this.#ends[this.#length - 1]
  }

  /** How many bytes of the common prefix a string begins with. */
  #sharedPrefix({ bytes, from, to }: ValueRef): number {
    const end = Math.min(this.#prefixLength, to - from)
    const own = this.#bytes
    let length = 0
    while (length < end && own[length] === bytes[from + length]) length++
    return length
  }

  push(
    value: ValueRef,
    count: number,
    inline: Uint32Array,
    inlineCount: number,
    ref: PostingsRef | undefined,
  ): void {
    const index = this.#length
    if (index === this.#counts.length) this.#enlarge()
    if (value.isString) this.#pushString(value)
    else {
      this.#numbers[index] = value.number
      if (!Number.isInteger(value.number)) this.#areIntegers = false
    }
    if (ref === undefined) this.#pushInline(inline, inlineCount)
    else this.#external.push({ ...ref, index })
    this.#counts[index] = count
    this.#maxCount = Math.max(this.#maxCount, count)
    this.#length++
  }

  #pushString(value: ValueRef): void {
    const { bytes, from, to } = value
    this.#prefixLength = this.isEmpty ? to - from : this.#sharedPrefix(value)
    const start = this.#stringBytes
    const end = start + to - from
    if (end > this.#bytes.length) {
      const length = Math.max(end, Math.min(end * 2, MAX_STRING_BYTES))
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(length))
    }
    copyBytes(bytes, from, to, this.#bytes, start)
    this.#ends[this.#length] = end
  }

  #pushInline(ordinals: Uint32Array, count: number): void {
    const end = this.#inlineCount + count
    if (end > this.#inline.length) {
      this.#inline = new Uint32Array(this.#inline.buffer.transfer(end * 8))
    }
    for (let i = 0; i < count; i++) this.#inline[this.#inlineCount + i] = ordinals[i]
    this.#inlineCount = end
    this.#maxOrdinal = Math.max(this.#maxOrdinal, ordinals[count - 1])
  }

  #enlarge(): void {
    const length = this.#counts.length * 2
    this.#counts = new Uint32Array(this.#counts.buffer.transfer(length * 4))
    this.#ends = new Uint32Array(this.#ends.buffer.transfer(length * 4))
    this.#numbers = new Float64Array(this.#numbers.buffer.transfer(length * 8))
  }

  asChild(): Child {
    return {
      separator: { kind: this.#kind, payload: this.#separator() },
      vidsBefore: this.#firstVid,
      entriesBefore: this.#firstEntry,
    }
  }

  /** The shortest payload above the value before this leaf and not above its first. */
  #separator(): number | Uint8Array {
    if (this.#kind !== Kind.string) return this.#numbers[0]
    const first = this.#bytes.slice(0, this.#ends[0])
    const previous = this.#previous
    if (previous === undefined) return first
    let shared = 0
    while (shared < previous.length && previous[shared] === first[shared]) shared++
    return first.slice(0, shared + 1)
  }

  /** The contents, after which the leaf is empty. They are valid until the next value. */
  take(): LeafContents {
    const length = this.#length
    const contents = {
      kind: this.#kind,
      firstVid: this.#firstVid,
      firstEntry: this.#firstEntry,
      counts: this.#counts.subarray(0, length),
      inline: this.#inline.subarray(0, this.#inlineCount),
      external: this.#external,
      ...(this.#kind === Kind.string ? this.#strings() : this.#plain()),
    }
    if (this.#kind === Kind.string) {
      const start = length === 1 ? 0 : this.#ends[length - 2]
      this.#previous = this.#bytes.slice(start, this.#ends[length - 1])
    }
    this.#length = 0
    this.#maxCount = 0
    this.#inlineCount = 0
    this.#maxOrdinal = 0
    this.#external = []
    this.#prefixLength = 0
    this.#areIntegers = true
    return contents
  }

  #plain(): Pick<LeafContents, "numbers" | "prefix" | "bytes" | "ends"> {
    const numbers = this.#numbers.subarray(0, this.#length)
    return { numbers, prefix: NO_BYTES, bytes: NO_BYTES, ends: NO_ENDS }
  }

  #strings(): Pick<LeafContents, "numbers" | "prefix" | "bytes" | "ends"> {
    const skip = this.#prefixLength
    const bytes = new Uint8Array(this.#stringBytes - skip * this.#length)
    const ends = new Uint32Array(this.#length)
    let start = 0
    let at = 0
    for (let i = 0; i < this.#length; i++) {
      const end = this.#ends[i]
      at += copyBytes(this.#bytes, start + skip, end, bytes, at)
      ends[i] = at
      start = end
    }
    return { numbers: NO_NUMBERS, prefix: this.#bytes.slice(0, skip), bytes, ends }
  }
}
