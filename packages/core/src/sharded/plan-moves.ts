import { TierdexError } from "../errors.ts"
import { compareBytes } from "../values/compare.ts"
import { testOf } from "./id-part.ts"
import type { Move, ShardMap } from "./shard-map.ts"

const encoder = new TextEncoder()

/** An even share of all slots, a part of it from each shard that has some. */
export function movesToNew(map: ShardMap, to: string): Move[] {
  const names = map.names
  return names.flatMap((from): Move[] => {
    const slots = map.slotsOf(from)
    const share = Math.floor(slots.length / (names.length + 1))
    return share === 0 ? [] : [{ from, to, part: { by: "hash", slots: slots.slice(-share) } }]
  })
}

/**
 * The upper half of what a shard has.
 * @param at where ranges are cut; undefined: at the middle of a sample of its ids
 * @throws TIERDEX_INVALID_OPTION if there is nothing to part
 */
export function movesOfHalf(
  map: ShardMap,
  from: string,
  to: string,
  at: string | undefined,
  sample: readonly string[],
): Move[] {
  if (map.data.by === "hash") {
    const slots = map.slotsOf(from)
    return [{ from, to, part: { by: "hash", slots: slots.slice(Math.ceil(slots.length / 2)) } }]
  }
  const cut = at ?? middleOf(sample, from)
  const cutBytes = encoder.encode(cut)
  const moves = map.partsOf(from).flatMap((part): Move[] => {
    if (part.by === "hash") return []
    if (testOf(part)(cutBytes)) return [{ from, to, part: { ...part, from: cut } }]
    return compareBytes(encoder.encode(part.from), cutBytes) > 0 ? [{ from, to, part }] : []
  })
  if (moves.length === 0) {
    throw new TierdexError(
      "TIERDEX_INVALID_OPTION",
      `Shard ${JSON.stringify(from)} has no ids from ${JSON.stringify(cut)} on.`,
    )
  }
  return moves
}

/** All that a shard has. */
export function movesOfAll(map: ShardMap, from: string, to: string): Move[] {
  return map.partsOf(from).map((part) => ({ from, to, part }))
}

function middleOf(sample: readonly string[], shard: string): string {
  const ids = [...new Set(sample)].map((id) => ({ id, bytes: encoder.encode(id) }))
  ids.sort((a, b) => compareBytes(a.bytes, b.bytes))
  if (ids.length >= 2) return ids[Math.floor(ids.length / 2)].id
  throw new TierdexError(
    "TIERDEX_INVALID_OPTION",
    `Shard ${JSON.stringify(shard)} has too few records to find their middle. Say where to split ` +
      "it, with the option at.",
  )
}
