import type { Value } from "./kind.ts"

/**
 * A 32-bit hash of bytes: FNV-1a, then the finalizer of MurmurHash3, so that all bits are good to
 * take. For hash tables and bloom filters; the latter are stored, so it is part of the format.
 */
export function hashBytes(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return finish(hash)
}

const DOUBLE = new Float64Array(1)
const WORDS = new Uint32Array(DOUBLE.buffer)

/** The same for a number. */
export function hashNumber(value: number, seed: number): number {
  DOUBLE[0] = value
  return finish(Math.imul(finish(WORDS[0] ^ seed), 0x01000193) ^ WORDS[1])
}

/** The hash of a value. Equal payloads of different kinds have different hashes. */
export function hashValue({ kind, payload }: Value): number {
  return typeof payload === "number"
    ? hashNumber(payload, kind)
    : hashBytes(payload, 0, payload.length, kind)
}

function finish(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
