import type { Steps } from "../cache/steps.ts"
import type { IdKey } from "../parts/id-key.ts"
import type { LiveSet } from "../parts/live-set.ts"
import type { Part } from "../parts/part.ts"
import type { State } from "./state.ts"

/** Where the current version of a record is. */
export interface Place {
  readonly part: Part
  readonly live: LiveSet
  readonly ordinal: number
}

/** Ids that `locateMany` takes at most. */
export const MAX_IDS = 2048

/** The current version of a record, live, or undefined. */
export function* locate(state: State, id: IdKey): Steps<Place | undefined> {
  const known = locateInMemtables(state, id)
  return known === "in segments" ? yield* locateInSegments(state, id) : known
}

export function* locateInSegments(state: State, id: IdKey): Steps<Place | undefined> {
  for (let i = state.segments.length - 1; i >= 0; i--) {
    const { segment, live } = state.segments[i]
    const ordinal = yield* segment.find(id)
    if (ordinal !== undefined && live.has(ordinal)) return { part: segment, live, ordinal }
  }
  return undefined
}

/** The same as far as memtables tell. */
function locateInMemtables(state: State, id: IdKey): Place | "in segments" | undefined {
  for (const memtable of [state.active, state.frozen]) {
    if (memtable === undefined) continue
    const ordinal = memtable.find(id, memtable.size)
    if (ordinal < 0) continue
    // The newest version decides: if it is dead, so is the record.
    if (!memtable.live.has(ordinal)) return undefined
    return { part: memtable.view(), live: memtable.live, ordinal }
  }
  return "in segments"
}

/**
 * Where the current versions of records are, as far as memtables and what is in memory of segments
 * tell; `"in segments"`: perhaps there. Most new ids are found out without a pause.
 *
 * Ids are looked up in the order of their hashes, which is that of tables and filters: so they pass
 * through memory once, where ids in any order would wait for it at each step.
 */
export function locateMany(
  state: State,
  ids: readonly IdKey[],
): (Place | "in segments" | undefined)[] {
  const places = new Array<Place | "in segments" | undefined>(ids.length)
  const order = orderByHash(ids)
  const hashes = new Uint32Array(ids.length)
  const positions = new Uint32Array(ids.length)
  let count = 0
  for (const i of order) {
    const place = locateInMemtables(state, ids[i])
    if (place !== "in segments") places[i] = place
    else {
      hashes[count] = ids[i].hash
      positions[count++] = i
    }
  }
  const asked = hashes.subarray(0, count)
  const isPossible = new Uint8Array(count)
  for (const { segment } of state.segments) segment.siftIds(asked, isPossible)
  let excluded = 0
  for (let k = 0; k < count; k++) {
    if (isPossible[k] === 1) places[positions[k]] = "in segments"
    else excluded += state.segments.length
  }
  // Every filter has excluded these. The others are counted when they are looked up.
  state.bloom.checked += excluded
  state.bloom.excluded += excluded
  return places
}

function orderByHash(ids: readonly IdKey[]): Uint32Array {
  const { length } = ids
  const keys = new Float64Array(length)
  for (let i = 0; i < length; i++) keys[i] = ids[i].hash * MAX_IDS + i
  keys.sort()
  const order = new Uint32Array(length)
  for (let k = 0; k < length; k++) order[k] = keys[k] % MAX_IDS
  return order
}
