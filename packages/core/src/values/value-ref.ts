import { hashBytes, hashNumber } from "./hash.ts"
import { Kind, type Value } from "./kind.ts"

const NO_BYTES = new Uint8Array(0)

/**
 * A value looked at where it lies. One reference steps through many values, so that writing and
 * merging segments makes no objects for each.
 */
export class ValueRef {
  kind: Kind = Kind.missing
  /** The payload of all kinds but strings. */
  number = 0
  /** A string is here, from `from` up to `to`. */
  bytes: Uint8Array = NO_BYTES
  from = 0
  to = 0

  static of(value: Value): ValueRef {
    const ref = new ValueRef()
    ref.set(value)
    return ref
  }

  set({ kind, payload }: Value): void {
    if (typeof payload === "number") this.setNumber(kind, payload)
    else this.setString(payload, 0, payload.length)
  }

  setNumber(kind: Kind, number: number): void {
    this.kind = kind
    this.number = number
  }

  setString(bytes: Uint8Array, from: number, to: number): void {
    this.kind = Kind.string
    this.bytes = bytes
    this.from = from
    this.to = to
  }

  get isString(): boolean {
    return this.kind === Kind.string
  }

  /** As `compareValues`. */
  compare(other: ValueRef): number {
    if (this.kind !== other.kind) return this.kind - other.kind
    if (this.kind !== Kind.string) {
      return this.number < other.number ? -1 : this.number > other.number ? 1 : 0
    }
    const { bytes, from, to } = this
    const length = to - from
    const otherLength = other.to - other.from
    const end = Math.min(length, otherLength)
    for (let i = 0; i < end; i++) {
      const difference = bytes[from + i] - other.bytes[other.from + i]
      if (difference !== 0) return difference
    }
    return length - otherLength
  }

  /** As `hashValue`. */
  hash(): number {
    return this.kind === Kind.string
      ? hashBytes(this.bytes, this.from, this.to, this.kind)
      : hashNumber(this.number, this.kind)
  }
}
