import { packedBytes, widthOf } from "../pages/packed.ts"
import { Kind, type Value } from "../values/kind.ts"
import type { Child } from "./inner.ts"
import { isIntegerRun, type LeafContents, type PostingsRef } from "./leaf.ts"

/** Bytes of a page that are not values, counts or ordinals. */
const LEAF_FIXED_BYTES = 96

/** The leaf at the right edge of a tree that is being built. */
export class OpenLeaf {
  #kind = 0
  #firstVid = 0
  #firstEntry = 0
  #values: Value[] = []
  #counts: number[] = []
  #maxCount = 0
  #inline = new Uint32Array(4096)
  #inlineCount = 0
  #maxOrdinal = 0
  #external: (PostingsRef & { index: number })[] = []
  #stringBytes = 0
  #prefixLength = 0
  #areIntegers = true
  // The last value of the leaf before, to cut separators short.
  #previous: Value | undefined

  get isEmpty(): boolean {
    return this.#values.length === 0
  }

  start(kind: Kind, firstVid: number, firstEntry: number): void {
    this.#kind = kind
    this.#firstVid = firstVid
    this.#firstEntry = firstEntry
  }

  /** Whether the leaf takes one value more and stays within `targetBytes`. */
  fits(
    value: Value,
    count: number,
    inline: Uint32Array,
    ref: PostingsRef | undefined,
    targetBytes: number,
  ): boolean {
    if (this.isEmpty) return true
    if (value.kind !== this.#kind) return false
    const length = this.#values.length + 1
    const counts = packedBytes(length, widthOf(Math.max(this.#maxCount, count)))
    const ordinals =
      ref === undefined
        ? packedBytes(this.#inlineCount + inline.length, widthOf(this.#maxWith(inline)))
        : packedBytes(this.#inlineCount, widthOf(this.#maxOrdinal))
    const externals = (this.#external.length + 1) * 14 + 32
    const size = this.#valueBytes(value, length) + counts + ordinals + externals
    return size + LEAF_FIXED_BYTES <= targetBytes
  }

  #valueBytes(value: Value, length: number): number {
    const { payload } = value
    if (typeof payload !== "number") {
      const prefix = sharedPrefix(this.#firstString(), payload, this.#prefixLength)
      const bytes = this.#stringBytes + payload.length - prefix * (length - 1)
      return bytes + packedBytes(length, widthOf(bytes))
    }
    const first = this.#values[0].payload
    const isRun =
      this.#areIntegers &&
      typeof first === "number" &&
      Number.isInteger(payload) &&
      isIntegerRun(first, payload)
    return isRun ? packedBytes(length, widthOf(payload - first)) : length * 8
  }

  #firstString(): Uint8Array {
    const first = this.#values[0].payload
    return typeof first === "number" ? new Uint8Array(0) : first
  }

  push(value: Value, count: number, inline: Uint32Array, ref: PostingsRef | undefined): void {
    const { payload } = value
    if (typeof payload !== "number") {
      this.#prefixLength = this.isEmpty
        ? payload.length
        : sharedPrefix(this.#firstString(), payload, this.#prefixLength)
      this.#stringBytes += payload.length
    } else if (!Number.isInteger(payload)) this.#areIntegers = false
    if (ref === undefined) {
      this.#pushInline(inline)
      this.#maxOrdinal = this.#maxWith(inline)
    } else this.#external.push({ ...ref, index: this.#values.length })
    this.#values.push(value)
    this.#counts.push(count)
    this.#maxCount = Math.max(this.#maxCount, count)
  }

  /** The greatest ordinal once some, which ascend, are added. */
  #maxWith(inline: Uint32Array): number {
    return Math.max(this.#maxOrdinal, inline[inline.length - 1])
  }

  #pushInline(ordinals: Uint32Array): void {
    const end = this.#inlineCount + ordinals.length
    if (end > this.#inline.length) {
      const grown = new Uint32Array(Math.max(end, this.#inline.length * 2))
      grown.set(this.#inline)
      this.#inline = grown
    }
    this.#inline.set(ordinals, this.#inlineCount)
    this.#inlineCount = end
  }

  asChild(): Child {
    return {
      separator: separate(this.#previous, this.#values[0]),
      vidsBefore: this.#firstVid,
      entriesBefore: this.#firstEntry,
    }
  }

  /** The contents, after which the leaf is empty. */
  take(): LeafContents {
    const contents = {
      kind: this.#kind,
      firstVid: this.#firstVid,
      firstEntry: this.#firstEntry,
      counts: Uint32Array.from(this.#counts),
      inline: this.#inline.slice(0, this.#inlineCount),
      external: this.#external,
      ...this.#payloads(),
    }
    this.#previous = this.#values.at(-1)
    this.#values = []
    this.#counts = []
    this.#maxCount = 0
    this.#inlineCount = 0
    this.#maxOrdinal = 0
    this.#external = []
    this.#stringBytes = 0
    this.#prefixLength = 0
    this.#areIntegers = true
    return contents
  }

  #payloads(): Pick<LeafContents, "numbers" | "prefix" | "bytes" | "ends"> {
    const none = new Uint8Array(0)
    if (this.#kind !== Kind.string) {
      const numbers = Float64Array.from(this.#values, ({ payload }) => Number(payload))
      return { numbers, prefix: none, bytes: none, ends: new Uint32Array(0) }
    }
    const skip = this.#prefixLength
    const bytes = new Uint8Array(this.#stringBytes - skip * this.#values.length)
    const ends = new Uint32Array(this.#values.length)
    let end = 0
    this.#values.forEach(({ payload }, i) => {
      if (typeof payload === "number") return
      bytes.set(payload.subarray(skip), end)
      end += payload.length - skip
      ends[i] = end
    })
    const prefix = this.#firstString().slice(0, skip)
    return { numbers: new Float64Array(0), prefix, bytes, ends }
  }
}

/** How many of the first `limit` bytes two strings share. */
function sharedPrefix(a: Uint8Array, b: Uint8Array, limit: number): number {
  const end = Math.min(limit, a.length, b.length)
  let length = 0
  while (length < end && a[length] === b[length]) length++
  return length
}

/** The shortest value above `previous` and not above `next`. */
function separate(previous: Value | undefined, next: Value): Value {
  if (typeof next.payload === "number" || previous?.kind !== next.kind) return next
  if (typeof previous.payload === "number") return next
  const shared = sharedPrefix(previous.payload, next.payload, next.payload.length)
  return { kind: next.kind, payload: next.payload.slice(0, shared + 1) }
}
