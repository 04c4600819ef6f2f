import { randomUUID } from "node:crypto"
import type { ShardedIndex, ShardedIndexOptions, ShardOptions } from "../api/sharded-index.ts"
import { isEmpty } from "../engine/recover.ts"
import { codeOf, TierdexError } from "../errors.ts"
import { GuardedStore } from "../store/guarded-store.ts"
import type { ShardLink } from "./calls.ts"
import { Cluster } from "./cluster.ts"
import { checkEmpty, checkIdentity, Growing, invalid, quoted } from "./growing.ts"
import { LocalLink } from "./local-link.ts"
import { MapStore } from "./map-store.ts"
import { Mover } from "./mover.ts"
import { parseShardedOptions, type ShardedOptions } from "./options.ts"
import { isShardFailure, named, Shard } from "./shard.ts"
import { runsOf, ShardMap } from "./shard-map.ts"
import { ShardedEngine } from "./sharded-engine.ts"
import { ShardIndex } from "./sharded-index.ts"
import { SLOTS } from "./slots.ts"
import { ignore } from "./within.ts"
import { WorkerLink } from "./worker-link.ts"

/**
 * Opens an index over many shards, or makes a new one if the map's store is empty. It owns all
 * stores from here on and closes them, also when opening fails.
 *
 * @throws TIERDEX_INVALID_OPTION, also if the shards are not those of the map; what `openIndex`
 * throws, with the name of the shard, and the same of the map's store
 */
export async function openShardedIndex<T extends object = Record<string, unknown>>(
  options: ShardedIndexOptions,
): Promise<ShardedIndex<T>> {
  const parsed = parseShardedOptions(options)
  const store = new GuardedStore(parsed.map)
  const maps = new MapStore(store)
  await maps.open()
  const links: ShardLink[] = []
  const open = async (shard: ShardOptions): Promise<ShardLink> => {
    const link = await openLink(shard, parsed)
    links.push(link)
    return link
  }
  try {
    const known = await maps.load()
    if (known === undefined && !(await isEmpty(store))) {
      throw new TierdexError(
        "TIERDEX_UNSUPPORTED_FORMAT",
        `The ${store.name} store for the map of the shards holds other data. Give it an empty one.`,
      )
    }
    const cluster =
      known === undefined
        ? await create(parsed, maps, open)
        : await openKnown(known, parsed, maps, open)
    const makeMover = (sender: ConstructorParameters<typeof Mover>[1]) =>
      new Mover(cluster, sender, parsed.engine.durability === "os")
    const engine = new ShardedEngine(cluster, makeMover, parsed.budgetBytes)
    try {
      await engine.mover.recover()
    } catch (error) {
      // The shard is out of service now.
      if (!parsed.allowPartial || !isShardFailure(error)) throw error
    }
    const growing = new Growing(cluster, engine, (shard) => openLink(shard, parsed))
    return new ShardIndex<T>(cluster, engine, growing)
  } catch (error) {
    // Why it cannot be opened matters more than what cannot be closed either.
    await Promise.allSettled([...links.map((link) => link.close()), maps.close()])
    throw error
  }
}

async function openLink(
  { name, store, worker }: ShardOptions,
  { engine }: ShardedOptions,
): Promise<ShardLink> {
  try {
    if (worker === undefined) return await LocalLink.open({ ...engine, store })
    const { module, factory, options } = worker
    const isStored = module !== undefined && factory !== undefined
    return await WorkerLink.open({
      store: isStored ? { module, factory, options } : undefined,
      memory: engine.budget?.total,
      durability: engine.durability,
      rules: engine.rules,
    })
  } catch (error) {
    throw named(name, isNotCloned(error) ? notCloned(error) : error)
  }
}

function isNotCloned(error: unknown): boolean {
  return error instanceof DOMException && error.name === "DataCloneError"
}

function notCloned(cause: unknown): TierdexError {
  const message = "The options of its worker must be such as can be copied to another thread."
  return new TierdexError("TIERDEX_INVALID_OPTION", message, { cause })
}

/** Codes of what is wrong with the options, and not with a shard. */
const ARGUMENTS: readonly (string | undefined)[] = [
  "TIERDEX_INVALID_OPTION",
  "TIERDEX_FIELDS_CHANGED",
]

type Open = (shard: ShardOptions) => Promise<ShardLink>

/** New shards, and their first map. */
async function create(
  { shards, by, splitKeys, engine, timeoutMs }: ShardedOptions,
  maps: MapStore,
  open: Open,
): Promise<Cluster> {
  const index = randomUUID()
  const empty = { index, epoch: 0, by, shards: [], slots: [], ranges: [] }
  const cluster = new Cluster(new ShardMap(empty), maps, engine.rules, timeoutMs)
  const opened = await Promise.allSettled(
    shards.map(async (shard) => {
      const met = await Shard.meet(shard.name, await open(shard), () => cluster.map.epoch)
      checkEmpty(cluster, met)
      return met
    }),
  )
  const met = opened.map(fulfilled)
  const names = met.map(({ name }) => name)
  const owners = Array.from({ length: SLOTS }, (_, slot) => [slot, evenly(names, slot)] as const)
  const starts = ["", ...splitKeys].map((key, i) => [key, names[i]] as const)
  const map = new ShardMap({
    ...empty,
    epoch: 1,
    shards: met.map((shard) => ({ name: shard.name, index: shard.hello.index })),
    slots: runsOf(owners),
    ranges: runsOf(starts),
  })
  await cluster.change(map)
  for (const shard of met) cluster.join(shard)
  return cluster
}

/** Consecutive slots have the same shard, all shards about as many. */
function evenly(names: readonly string[], slot: number): string {
  return names[Math.floor((slot * names.length) / SLOTS)]
}

async function openKnown(
  map: ShardMap,
  { shards, by, engine, timeoutMs, allowPartial }: ShardedOptions,
  maps: MapStore,
  open: Open,
): Promise<Cluster> {
  if (by !== map.data.by) {
    throw invalid(`The shards are parted by ${quoted(map.data.by)}, not by ${quoted(by)}.`)
  }
  checkNames(map.names, shards)
  const cluster = new Cluster(map, maps, engine.rules, timeoutMs)
  const opened = await Promise.allSettled(
    shards.map(async (shard) => {
      const link = await open(shard)
      try {
        const met = await Shard.meet(shard.name, link, () => cluster.map.epoch)
        checkIdentity(cluster, met)
        return met
      } catch (error) {
        await link.close().catch(ignore)
        throw error
      }
    }),
  )
  for (const [i, result] of opened.entries()) {
    if (result.status === "fulfilled") cluster.join(result.value)
    else if (allowPartial && !ARGUMENTS.includes(codeOf(result.reason))) {
      cluster.fail(shards[i].name, result.reason)
    } else throw result.reason
  }
  return cluster
}

function checkNames(known: readonly string[], shards: readonly ShardOptions[]): void {
  const given = shards.map(({ name }) => name)
  const missing = known.filter((name) => !given.includes(name))
  if (missing.length > 0) {
    throw invalid(`The option shards lacks ${missing.map(quoted).join(", ")}, which the map names.`)
  }
  const unknown = given.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw invalid(
      `The map names no shard ${unknown.map(quoted).join(", ")}. Leave it out, or open the index ` +
        "and add it with addShard.",
    )
  }
}

function fulfilled<R>(result: PromiseSettledResult<R>): R {
  if (result.status === "rejected") throw result.reason
  return result.value
}
