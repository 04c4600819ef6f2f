import type { Value } from "../values/kind.ts"
import { toValue } from "../values/scalar.ts"

/** A scalar that a shard sent, as it compares. */
export function scalarValue(scalar: unknown): Value {
  const value = toValue(scalar)
  if (typeof value === "string") throw new TypeError(`A shard answered with ${value}.`)
  return value
}
