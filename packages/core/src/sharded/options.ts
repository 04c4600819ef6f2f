import type { ShardedIndexOptions, ShardOptions } from "../api/sharded-index.ts"
import {
  checkStore,
  DEFAULT_BUDGET,
  divide,
  type EngineOptions,
  LEAST_BUDGET,
  parseOptions,
} from "../engine/options.ts"
import { checkKnown } from "../known-options.ts"
import { MemoryStore } from "../store/memory-store.ts"
import type { Store } from "../store/store.ts"
import { describe } from "../values/describe.ts"
import { invalid, quoted } from "./growing.ts"
import type { ShardBy } from "./shard-map.ts"

const DEFAULT_TIMEOUT_MS = 60_000
const MAX_NAME_LENGTH = 100

export interface ShardedOptions {
  readonly shards: readonly ShardOptions[]
  readonly by: ShardBy
  readonly splitKeys: readonly string[]
  readonly map: Store
  /** Of each shard, without its store. */
  readonly engine: Omit<EngineOptions, "store">
  /** Of all shards together. */
  readonly budgetBytes: number | undefined
  readonly timeoutMs: number
  readonly allowPartial: boolean
}

/** @throws TIERDEX_INVALID_OPTION */
export function parseShardedOptions(options: ShardedIndexOptions): ShardedOptions {
  checkKnown("openShardedIndex", options, [
    "shards",
    "by",
    "splitKeys",
    "map",
    "memory",
    "durability",
    "fields",
    "timeoutMs",
    "allowPartial",
  ])
  const {
    by = "hash",
    splitKeys = [],
    timeoutMs = DEFAULT_TIMEOUT_MS,
    allowPartial = false,
  } = options
  const shards = parseShards(options.shards)
  if (by !== "hash" && by !== "range") throw invalid('The option by must be "hash" or "range".')
  checkSplitKeys(splitKeys, by, shards.length)
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs < 2 ** 31)) {
    throw invalid("The option timeoutMs must be a positive number of milliseconds below 2^31.")
  }
  if (typeof allowPartial !== "boolean") throw invalid("The option allowPartial must be a boolean.")
  const isStored = shards.some(hasStore)
  const { memory = isStored ? DEFAULT_BUDGET : undefined, durability, fields } = options
  const { budget, ...engine } = parseOptions({ memory, durability, fields })
  const share = budget === undefined ? undefined : Math.floor(budget.total / shards.length)
  if (isStored && share !== undefined && share < LEAST_BUDGET) {
    throw invalid('The option memory must be at least "8 MiB" for each shard with a store.')
  }
  return {
    shards,
    by,
    splitKeys,
    map: parseMap(options.map, isStored),
    engine: { ...engine, budget: share === undefined ? undefined : divide(share) },
    budgetBytes: budget?.total,
    timeoutMs,
    allowPartial,
  }
}

function parseShards(shards: unknown): readonly ShardOptions[] {
  if (!Array.isArray(shards) || shards.length === 0) {
    throw invalid("The option shards must be an array of at least one shard.")
  }
  const parsed = Array.from<unknown>(shards).map((shard) => {
    checkShardOptions(shard)
    return shard
  })
  const names = parsed.map(({ name }) => name)
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) throw invalid(`There are two shards ${quoted(repeated)}.`)
  return parsed
}

/** @throws TIERDEX_INVALID_OPTION */
export function checkShardOptions(shard: unknown): asserts shard is ShardOptions {
  checkKnown("a shard", shard, ["name", "store", "worker"])
  if (typeof shard !== "object" || shard === null) throw invalid("A shard must be an object.")
  const name: unknown = Reflect.get(shard, "name")
  const store: unknown = Reflect.get(shard, "store")
  const worker: unknown = Reflect.get(shard, "worker")
  const isName = typeof name === "string" && name !== "" && name.isWellFormed()
  if (!isName || name.length > MAX_NAME_LENGTH) {
    throw invalid(
      `The name of a shard must be a well-formed string of 1 to ${MAX_NAME_LENGTH} characters, not ` +
        `${describe(name)}.`,
    )
  }
  if (store !== undefined && worker !== undefined) {
    throw invalid(`Shard ${quoted(name)} has a store and a worker, which makes its own.`)
  }
  if (store !== undefined) checkStore(store)
  if (worker !== undefined) checkWorker(name, worker)
}

function checkWorker(name: string, worker: unknown): void {
  checkKnown(`the worker of shard ${quoted(name)}`, worker, ["module", "factory", "options"])
  if (typeof worker !== "object" || worker === null) return
  const module: unknown = Reflect.get(worker, "module")
  const factory: unknown = Reflect.get(worker, "factory")
  if (module === undefined && factory === undefined) return
  if (typeof module === "string" && typeof factory === "string") return
  throw invalid(
    `The worker of shard ${quoted(name)} needs the module of its store, as a URL, and the name of ` +
      "the factory there.",
  )
}

export function hasStore({ store, worker }: ShardOptions): boolean {
  return store !== undefined || worker?.module !== undefined
}

function parseMap(map: Store | undefined, isStored: boolean): Store {
  if (map === undefined && !isStored) return new MemoryStore()
  if (map === undefined) {
    throw invalid("The option map must be a store of its own, for the map of stored shards.")
  }
  checkStore(map)
  return map
}

function checkSplitKeys(keys: unknown, by: ShardBy, shards: number): void {
  if (!Array.isArray(keys)) throw invalid("The option splitKeys must be an array of ids.")
  if (keys.length === 0) return
  if (by !== "range") throw invalid('The option splitKeys goes with by: "range".')
  if (keys.length !== shards - 1) {
    throw invalid(`The option splitKeys must have ${shards - 1} ids for ${shards} shards.`)
  }
  const encoded = Array.from<unknown>(keys).map((key) => {
    if (typeof key === "string" && key !== "" && key.isWellFormed()) return Buffer.from(key)
    throw invalid("The option splitKeys must hold well-formed strings that are not empty.")
  })
  const isAscending = encoded.every((key, i) => i === 0 || Buffer.compare(encoded[i - 1], key) < 0)
  if (!isAscending) throw invalid("The option splitKeys must ascend, by UTF-8 bytes.")
}
