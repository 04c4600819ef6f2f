import type { BatchOp } from "@tierdex/core"
import type { Fields } from "../oracle/fields.ts"
import type { Operation } from "../oracle/operation.ts"
import { randomFrom } from "../support/random.ts"

// What the writers that are killed write: each step follows from the seed and its number alone, so
// that the process that checks knows it without being told.

/** The least budget: memtables of 1 MiB, the size from which segments are made on a thread. */
export const MEMORY = "8 MiB"

/**
 * A write of the workload. A batch carries its number as the mark; the others have none, and each
 * of them follows a batch and precedes one.
 */
export type Step =
  | Extract<Operation, { readonly type: "putMany" | "update" | "deleteMany" | "clear" }>
  | (Extract<Operation, { readonly type: "batch" }> & { readonly mark: string })

/** Ids are so few that most puts are upserts. */
const IDS = 3_000
/** Every so many steps one is no batch. */
const BETWEEN_OTHERS = 8

/** The step of a number, which counts from 1. */
export function stepOf(seed: number, n: number): Step {
  const random = randomFrom(seed + Math.imul(n, 0x9e37_79b1))
  const below = (limit: number) => Math.floor(random() * limit)
  if (n % BETWEEN_OTHERS > 0) return { type: "batch", ops: batchOf(n, below), mark: String(n) }
  const chance = random()
  if (chance < 0.35) return { type: "update", id: idOf(below(IDS)), patch: { step: n, price: n } }
  if (chance < 0.6) return { type: "deleteMany", filter: { group: below(7), price: { $gt: 300 } } }
  if (chance < 0.9) {
    // In several slices; no id twice.
    const first = below(IDS)
    const entries = Array.from({ length: 1_500 }, (_, i) => {
      const id = (first + i) % IDS
      return [idOf(id), recordOf(n, id, below)] as const
    })
    return { type: "putMany", entries }
  }
  return { type: "clear" }
}

function batchOf(n: number, below: (limit: number) => number): BatchOp<Fields>[] {
  return Array.from({ length: 1 + below(250) }, () => {
    const id = below(IDS)
    return below(4) === 0
      ? { type: "delete", id: idOf(id) }
      : { type: "put", id: idOf(id), record: recordOf(n, id, below) }
  })
}

export function idOf(id: number): string {
  return `id${id}`
}

/** A record of about 450 bytes, with values of every type. */
function recordOf(step: number, id: number, below: (limit: number) => number): Fields {
  return {
    step,
    group: id % 7,
    price: below(10) === 0 ? null : below(1_000),
    tags: [`t${below(5)}`, `t${below(3)}`],
    at: new Date(1_700_000_000_000 + below(1_000_000)),
    maker: { name: `maker ${below(100)}`, known: below(2) === 0 },
    text: `${step} ${id} ${TEXT.slice(below(100))}`,
  }
}

const TEXT = "all that is written is there again ".repeat(12)
