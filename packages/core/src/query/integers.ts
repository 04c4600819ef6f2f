import type { IntegerMatchSet } from "../api/results.ts"
import { isSliceOver, type Steps } from "../cache/steps.ts"
import { popcount } from "../docset/bit-count.ts"
import { withScratch } from "../docset/scratch.ts"
import { TierdexError } from "../errors.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartField, PartView } from "../parts/part.ts"
import { Kind, type Value } from "../values/kind.ts"
import { PageRuns } from "./page-runs.ts"
import { compile, type FieldLookup, fieldOf } from "./part-filter.ts"
import { restrict } from "./restrict.ts"

/** Integers that share their upper 16 bits are kept together as bits. */
const SPAN = 65_536

/** Integers from 0 to 2^32 - 1, as bits by chunk. */
export class IntegerSet implements IntegerMatchSet {
  readonly #chunks = new Map<number, Uint32Array>()
  size = 0

  /** Bits by the upper 16 bits of the integers. */
  get chunks(): ReadonlyMap<number, Uint32Array> {
    return this.#chunks
  }

  /** Adds the integers of another set's chunks. */
  addChunks(chunks: ReadonlyMap<number, Uint32Array>): void {
    for (const [key, words] of chunks) {
      const own = this.#chunk(key)
      for (let i = 0; i < own.length; i++) {
        this.size += popcount(words[i] & ~own[i])
        own[i] |= words[i]
      }
    }
  }

  add(integer: number): void {
    const chunk = this.#chunk(Math.floor(integer / SPAN))
    const word = (integer % SPAN) >>> 5
    const bit = 1 << (integer & 31)
    if ((chunk[word] & bit) === 0) this.size++
    chunk[word] |= bit
  }

  #chunk(key: number): Uint32Array {
    let chunk = this.#chunks.get(key)
    if (chunk === undefined) {
      chunk = new Uint32Array(SPAN / 32)
      this.#chunks.set(key, chunk)
    }
    return chunk
  }

  has(integer: number): boolean {
    if (!Number.isInteger(integer)) return false
    const chunk = this.#chunks.get(Math.floor(integer / SPAN))
    if (chunk === undefined) return false
    return (chunk[(integer % SPAN) >>> 5] & (1 << (integer & 31))) !== 0
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const key of [...this.#chunks.keys()].sort((a, b) => a - b)) {
      const chunk = this.#chunks.get(key) ?? []
      for (const [word, bits] of chunk.entries()) {
        for (let rest = bits; rest !== 0; rest &= rest - 1) {
          yield key * SPAN + word * 32 + 31 - Math.clz32(rest & -rest)
        }
      }
    }
  }
}

/** The integers that a field holds among the matching records. */
export function* integersOf(
  parts: readonly PartView[],
  filter: FilterNode,
  path: string,
  lookup: FieldLookup,
): Steps<IntegerSet> {
  const integers = new IntegerSet()
  for (const view of parts) {
    const field = yield* fieldOf(view.part, lookup, path)
    const seen = yield* withScratch(seenIn(view, filter, field, lookup))
    yield* addSeen(field, seen, path, integers)
  }
  return integers
}

/** A 1 for the number of each value that a field has among the matching records of a part. */
function* seenIn(
  { part, live }: PartView,
  filter: FilterNode,
  field: PartField,
  lookup: FieldLookup,
): Steps<Uint8Array> {
  const matched = yield* restrict(yield* compile(filter, part, lookup), live.docs)
  const seen = new Uint8Array(field.distinct)
  const runs = new PageRuns(matched, field.rowsPerPage)
  while (runs.next()) {
    const { ordinals, from, to } = runs
    const page = field.columnInMemory(ordinals[from]) ?? (yield* field.column(ordinals[from]))
    for (let i = from; i < to; i++) for (const vid of page.values(ordinals[i])) seen[vid] = 1
    if (isSliceOver()) yield
  }
  return seen
}

function* addSeen(
  field: PartField,
  seen: Uint8Array,
  path: string,
  integers: IntegerSet,
): Steps<void> {
  const vids: number[] = []
  for (let vid = 0; vid < seen.length; vid++) if (seen[vid] === 1) vids.push(vid)
  for (let from = 0; from < vids.length; from += 4096) {
    const values = yield* field.values(Uint32Array.from(vids.slice(from, from + 4096)))
    for (const value of values) {
      if (value.kind === Kind.missing || value.kind === Kind.emptyArray) continue
      integers.add(toLabel(value, path))
    }
    if (isSliceOver()) yield
  }
}

function toLabel({ kind, payload }: Value, path: string): number {
  if (kind === Kind.number && typeof payload === "number") {
    if (Number.isInteger(payload) && payload >= 0 && payload < 2 ** 32) return payload
  }
  throw new TierdexError(
    "TIERDEX_INVALID_VALUE",
    `The field "${path}" of a matching record holds something else than an integer from 0 to ` +
      "2^32 - 1, so it cannot be an allow-list. Choose another field, or filter such records out.",
  )
}
