import { describe } from "./describe.ts"
import { Kind, type Scalar, type Value } from "./kind.ts"

const encoder = new TextEncoder()

/**
 * A scalar as the index compares it, or, for anything that is none, what it is instead: `NaN`,
 * `a string with a lone surrogate`, `an array`. Strings may be of any length.
 */
export function toValue(scalar: unknown): Value | string {
  switch (typeof scalar) {
    case "string":
      return scalar.isWellFormed()
        ? { kind: Kind.string, payload: encoder.encode(scalar) }
        : "a string with a lone surrogate"
    case "number":
      // Adding 0 turns -0 into 0.
      return Number.isNaN(scalar) ? "NaN" : { kind: Kind.number, payload: scalar + 0 }
    case "boolean":
      return { kind: Kind.boolean, payload: Number(scalar) }
  }
  if (scalar === null) return { kind: Kind.null, payload: 0 }
  if (!(scalar instanceof Date) || Number.isNaN(scalar.getTime())) return describe(scalar)
  return { kind: Kind.date, payload: scalar.getTime() }
}

/** The scalar that a value stands for. Values of the kinds that are none are a `TypeError`. */
export function fromValue({ kind, payload }: Value): Scalar {
  if (kind === Kind.null) return null
  if (typeof payload !== "number") {
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8")
  }
  switch (kind) {
    case Kind.number:
      return payload
    case Kind.boolean:
      return payload === 1
    case Kind.date:
      return new Date(payload)
    default:
      throw new TypeError(`A value of the kind ${kind} is no scalar.`)
  }
}
