import { compareBytes } from "../values/compare.ts"
import { Kind, type Value } from "../values/kind.ts"
import type { ValueRef } from "../values/value-ref.ts"
import type { Cut } from "../values/value-set.ts"
import type { ByteArena } from "./byte-arena.ts"
import { GrowableF64, type GrowableImage, GrowableU32 } from "./growable.ts"
import { sortByBytes } from "./sort-bytes.ts"
import { sortByNumber } from "./sort-numbers.ts"

const KINDS = Object.values(Kind)

/** What a table of values consists of beside the arena, for another thread. */
export interface ValueTableImage {
  readonly kinds: GrowableImage<Uint32Array>
  readonly payloads: GrowableImage<Float64Array>
}

/** Values in order of arrival; a value's place is its number. */
export class ValueTable {
  readonly arena: ByteArena
  readonly #kinds: GrowableU32
  /** Payloads; for strings, where their bytes are in the arena. */
  readonly #payloads: GrowableF64

  constructor(arena: ByteArena, image?: ValueTableImage) {
    this.arena = arena
    this.#kinds = new GrowableU32(image?.kinds)
    this.#payloads = new GrowableF64(image?.payloads)
  }

  get image(): ValueTableImage {
    return { kinds: this.#kinds.image, payloads: this.#payloads.image }
  }

  get length(): number {
    return this.#kinds.length
  }

  get byteLength(): number {
    return this.#kinds.byteLength + this.#payloads.byteLength
  }

  /** Adds a value; a string by its place in the arena. Returns its number. */
  add(kind: Kind, payload: number): number {
    this.#kinds.push(kind)
    this.#payloads.push(payload)
    return this.length - 1
  }

  isNumber(vid: number, kind: Kind, payload: number): boolean {
    return this.#payloads.get(vid) === payload && this.#kinds.get(vid) === kind
  }

  isString(vid: number, bytes: Uint8Array, from: number, to: number): boolean {
    return (
      this.#kinds.get(vid) === Kind.string &&
      this.arena.equals(this.#payloads.get(vid), bytes, from, to)
    )
  }

  /** The value with a number; string payloads are views of the arena. */
  value(vid: number): Value {
    const kind = KINDS[this.#kinds.get(vid)]
    const payload = this.#payloads.get(vid)
    return { kind, payload: kind === Kind.string ? this.arena.get(payload) : payload }
  }

  /** Lets a reference look at the value with a number. */
  look(vid: number, into: ValueRef): void {
    const kind = KINDS[this.#kinds.get(vid)]
    const payload = this.#payloads.get(vid)
    if (kind === Kind.string) this.arena.look(payload, into)
    else into.setNumber(kind, payload)
  }

  /** The order of two values by number. */
  compare(a: number, b: number): number {
    const kind = this.#kinds.get(a)
    const other = this.#kinds.get(b)
    if (kind !== other) return kind - other
    const x = this.#payloads.get(a)
    const y = this.#payloads.get(b)
    if (kind === Kind.string) return this.arena.compare(x, y, 0)
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
        : compareBytes(this.arena.get(payload), target)
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
    const payloadOf = (vid: number) => this.#payloads.get(vid)
    if (kind === Kind.string) sortByBytes(out, this.arena, payloadOf)
    else sortByNumber(out, payloadOf)
  }
}
