import { compareBytes } from "../values/compare.ts"
import { hashBytes, hashNumber } from "../values/hash.ts"
import { Kind, type Value } from "../values/kind.ts"
import type { Cut } from "../values/value-set.ts"
import type { ByteArena } from "./byte-arena.ts"
import { GrowableF64, GrowableU32 } from "./growable.ts"
import { HashIndex } from "./hash-index.ts"
import { sortByBytes } from "./sort-bytes.ts"

/** The number of `missing` in every dictionary of a memtable: an untouched cell of a column. */
export const MISSING_VID = 0

const KINDS = Object.values(Kind)

/** The distinct values of a field in order of arrival; a value's place is its number. */
export class Dictionary {
  readonly #arena: ByteArena
  readonly #index = new HashIndex()
  readonly #kinds = new GrowableU32()
  /** Payloads; for strings, where their bytes are in the arena. */
  readonly #payloads = new GrowableF64()
  /** The number of null, or -1. */
  nullVid = -1

  constructor(arena: ByteArena) {
    this.#arena = arena
    this.internNumber(Kind.missing, 0)
  }

  get length(): number {
    return this.#kinds.length
  }

  get byteLength(): number {
    return this.#index.byteLength + this.#kinds.byteLength + this.#payloads.byteLength
  }

  /** The number of a value of a kind with a numeric payload, new or not. */
  internNumber(kind: Kind, payload: number): number {
    const hash = hashNumber(payload, kind)
    const vid = this.#findNumber(hash, kind, payload)
    return vid >= 0 ? vid : this.#add(hash, kind, payload)
  }

  /** The number of the string with these UTF-8 bytes, new or not. */
  internString(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashBytes(bytes, from, to, Kind.string)
    const vid = this.#findString(hash, bytes, from, to)
    return vid >= 0 ? vid : this.#add(hash, Kind.string, this.#arena.add(bytes, from, to))
  }

  /** The number of a value, or -1. */
  find({ kind, payload }: Value): number {
    return typeof payload === "number"
      ? this.#findNumber(hashNumber(payload, kind), kind, payload)
      : this.#findString(hashBytes(payload, 0, payload.length, kind), payload, 0, payload.length)
  }

  #findNumber(hash: number, kind: Kind, payload: number): number {
    return this.#index.find(
      hash,
      (vid) => this.#payloads.get(vid) === payload && this.#kinds.get(vid) === kind,
    )
  }

  #findString(hash: number, bytes: Uint8Array, from: number, to: number): number {
    return this.#index.find(
      hash,
      (vid) =>
        this.#kinds.get(vid) === Kind.string &&
        this.#arena.equals(this.#payloads.get(vid), bytes, from, to),
    )
  }

  #add(hash: number, kind: Kind, payload: number): number {
    const vid = this.#kinds.length
    this.#kinds.push(kind)
    this.#payloads.push(payload)
    this.#index.add(hash, vid)
    if (kind === Kind.null) this.nullVid = vid
    return vid
  }

  /** The value with a number; string payloads are views of the arena. */
  value(vid: number): Value {
    const kind = KINDS[this.#kinds.get(vid)]
    const payload = this.#payloads.get(vid)
    return { kind, payload: kind === Kind.string ? this.#arena.get(payload) : payload }
  }

  /** The order of two values by number. */
  compare(a: number, b: number): number {
    const kind = this.#kinds.get(a)
    const other = this.#kinds.get(b)
    if (kind !== other) return kind - other
    const x = this.#payloads.get(a)
    const y = this.#payloads.get(b)
    if (kind === Kind.string) return this.#arena.compare(x, y, 0)
    return x < y ? -1 : x > y ? 1 : 0
  }

  /** Whether a value lies before a cut. */
  isBefore(vid: number, cut: Cut): boolean {
    const kind = this.#kinds.get(vid)
    if (kind !== cut.kind) return kind < cut.kind
    if (cut.value === undefined) return false
    const payload = this.#payloads.get(vid)
    const target = cut.value.payload
    const order =
      typeof target === "number"
        ? payload === target
          ? 0
          : payload - target
        : compareBytes(this.#arena.get(payload), target)
    return order < 0 || (order === 0 && cut.after)
  }

  /** All numbers, in the order of their values. */
  sorted(): Uint32Array {
    const counts = new Uint32Array(KINDS.length)
    for (let vid = 0; vid < this.length; vid++) counts[this.#kinds.get(vid)]++
    const sorted = new Uint32Array(this.length)
    let at = 0
    for (const kind of KINDS) {
      const part = sorted.subarray(at, at + counts[kind])
      if (part.length > 0) this.#sortKind(kind, part)
      at += part.length
    }
    return sorted
  }

  #sortKind(kind: Kind, out: Uint32Array): void {
    let count = 0
    for (let vid = 0; vid < this.length; vid++) {
      if (this.#kinds.get(vid) === kind) out[count++] = vid
    }
    if (kind === Kind.string) {
      sortByBytes(out, this.#arena, (vid) => this.#payloads.get(vid))
      return
    }
    const payloads = new Float64Array(out.length)
    let isSorted = true
    for (let i = 0; i < out.length; i++) {
      payloads[i] = this.#payloads.get(out[i])
      if (i > 0 && payloads[i] < payloads[i - 1]) isSorted = false
    }
    // Rising values, such as times of creation, arrive in order.
    if (isSorted) return
    payloads.sort()
    // Values of a kind are distinct, so a sorted payload leads back to its number.
    for (let i = 0; i < out.length; i++) {
      out[i] = this.#findNumber(hashNumber(payloads[i], kind), kind, payloads[i])
    }
  }
}
