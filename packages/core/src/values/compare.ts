import type { Value } from "./kind.ts"

/** Compares byte strings as unsigned bytes; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = a[i] - b[i]
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The total order of values: by kind, then by payload. */
export function compareValues(a: Value, b: Value): number {
  if (a.kind !== b.kind) return a.kind - b.kind
  const x = a.payload
  const y = b.payload
  if (typeof x === "number" && typeof y === "number") return x < y ? -1 : x > y ? 1 : 0
  if (typeof x !== "number" && typeof y !== "number") return compareBytes(x, y)
  throw new TypeError("Two values of one kind must have payloads of one type.")
}
