import type { BatchOp, WriteOp } from "@tierdex/core"
import type { Fields } from "../oracle/index.ts"
import { bytes, noise, numbered, put } from "../support/entries.ts"

// What child processes write, so that the scenario that reads it knows what must be there.

/** Keys that every batch writes again. */
export const MARKS = [bytes(2, 1), bytes(2, 2), bytes(2, 3)]

/** Its number under all marks, and a page under a key of its own between them. */
export function batchOf(n: number): WriteOp[] {
  const [first, second, third] = MARKS.map((mark) => put(mark, numbered(n)))
  return [first, second, put(numbered(n), pageOf(n)), third]
}

export function pageOf(n: number): Uint8Array {
  return new Uint8Array(16_000).fill(n)
}

/** Two values of 32 KiB that do not compress. */
export function fillerOf(n: number): WriteOp[] {
  return [0, 1].map((half) => put(numbered(2 * n + half), noise(32_768, 2 * n + half)))
}

/** Three puts and a delete: of each call b stays, and a goes with the tenth call after. */
export function recordOps(n: number): BatchOp<Fields>[] {
  return [
    { type: "put", id: "last", record: { n, text: `${TEXT}${n}` } },
    { type: "put", id: `a${n}`, record: { n, side: "a", text: `${n}${TEXT}` } },
    { type: "put", id: `b${n}`, record: { n, side: "b" } },
    { type: "delete", id: `a${n - 10}` },
  ]
}

/** The same, and 2,000 characters that stay and do not compress. */
export function fillingOps(n: number): BatchOp<Fields>[] {
  const text = Buffer.from(noise(1_500, n)).toString("base64")
  return [...recordOps(n), { type: "put", id: `c${n}`, record: { n, side: "c", text } }]
}

const TEXT = "x".repeat(4_000)
