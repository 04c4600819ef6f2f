import type { Durability, IndexOptions } from "../api/options.ts"
import { TierdexError } from "../errors.ts"
import { type FieldRules, parseFieldsOptions } from "../fields/field-options.ts"
import type { Store } from "../store/store.ts"
import { describe } from "../values/describe.ts"
import { checkOptions } from "./read-options.ts"

const MIB = 2 ** 20
export const DEFAULT_BUDGET = 256 * MIB
/** Below this an index in a store cannot do its work. */
export const LEAST_BUDGET = 8 * MIB
/** Merges eight segments with a few hundred thousand different values. */
const LEAST_MERGE = 3 * MIB

const STORE_METHODS = [
  "open",
  "get",
  "getMany",
  "scan",
  "write",
  "deleteRange",
  "sizeOnDisk",
  "close",
]

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

/** How the memory budget is divided. All in bytes. */
export interface Budget {
  readonly total: number
  /**
   * Of each of the two memtables: the one that is written to and the one that is flushed. What a
   * flush takes beside them is in these two shares as well.
   */
  readonly memtable: number
  readonly cache: number
  /** Of all that a merge takes: its buffers, and the pages that it reads. */
  readonly merge: number
  /** Of what clauses select that come again and again. */
  readonly kept: number
  /** Of the sets of questions under way. */
  readonly queries: number
}

export interface EngineOptions {
  readonly store: Store | undefined
  /** Undefined: no limit; never with a store. */
  readonly budget: Budget | undefined
  readonly durability: Durability
  readonly rules: FieldRules
}

/** @throws TIERDEX_INVALID_OPTION */
export function parseOptions(options: IndexOptions): EngineOptions {
  checkOptions(options, "openIndex", ["store", "memory", "durability", "fields"])
  const { store, durability = "sync", fields } = options
  if (durability !== "sync" && durability !== "os") throw invalid("durability", '"sync" or "os"')
  if (store !== undefined) checkStore(store)
  const memory = options.memory ?? (store === undefined ? undefined : DEFAULT_BUDGET)
  const total = memory === undefined ? undefined : parseBytes(memory)
  if (store !== undefined && total !== undefined && total < LEAST_BUDGET) {
    throw invalid("memory", 'at least "8 MiB" with a store')
  }
  return {
    store,
    durability,
    budget: total === undefined ? undefined : divide(total),
    rules: parseFieldsOptions(fields),
  }
}

/**
 * A store of plain JavaScript, or of another version, may lack a part.
 * @throws TIERDEX_INVALID_OPTION
 */
export function checkStore(store: unknown): asserts store is Store {
  if (typeof store !== "object" || store === null) {
    throw invalid("store", `a Store, such as new MemoryStore(), not ${describe(store)}`)
  }
  const missing = STORE_METHODS.filter((name) => typeof Reflect.get(store, name) !== "function")
  const capabilities: unknown = Reflect.get(store, "capabilities")
  if (typeof capabilities !== "object" || capabilities === null) missing.push("capabilities")
  if (missing.length > 0) throw invalid("store", `a Store; this one has no ${missing.join(", ")}`)
}

/**
 * Of 256 MiB: two memtables of 36, the hot cache 104, a merge 48, so that it can make the largest
 * segments, and 32 for queries, half of which keeps what clauses select. In small budgets a merge
 * has more of what is the cache's else: its buffers do not shrink.
 */
export function divide(total: number): Budget {
  const merge = Math.floor(Math.max((total * 3) / 16, Math.min(LEAST_MERGE, (total * 3) / 8)))
  return {
    total,
    memtable: Math.floor((total * 9) / 64),
    cache: Math.floor((total * 19) / 32) - merge,
    merge,
    kept: Math.floor(total / 16),
    queries: Math.floor(total / 16),
  }
}

/** Bytes of a number, or of a text such as "256 MiB". */
function parseBytes(memory: unknown): number {
  if (typeof memory === "number" && Number.isSafeInteger(memory) && memory > 0) return memory
  if (typeof memory === "string") {
    const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(memory)
    const unit = UNITS[(match?.[2] || "b").toLowerCase()]
    if (match !== null && unit !== undefined) {
      const bytes = Math.floor(Number(match[1]) * unit)
      if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes
    }
  }
  throw invalid("memory", 'a number of bytes, or a text such as "256 MiB" or "1.5 GB"')
}

function invalid(name: string, wanted: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_OPTION", `The option ${name} must be ${wanted}.`)
}
