import { drive } from "../cache/steps.ts"
import { TierdexError } from "../errors.ts"
import type { FieldRules } from "../fields/field-options.ts"
import { readLog } from "../log/log.ts"
import { readManifest, type StoredManifest } from "../log/manifest.ts"
import { OperationType, readHead, readOperation } from "../log/operations.ts"
import { allKeys, logKey } from "../pages/keys.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import type { Store } from "../store/store.ts"
import { locate } from "./locate.ts"
import type { EngineOptions } from "./options.ts"
import { State } from "./state.ts"

/** Opens what a store holds, or makes a new index in an empty one. */
export async function recover(options: EngineOptions, store: Store): Promise<State> {
  const stored = await readManifest(store)
  if (stored === undefined) return await create(options, store)
  checkRules(stored.manifest.rules, options.rules)
  return await restore(stored, options, store)
}

/** The state that a manifest and the log behind it tell of. Changes nothing in the store. */
export async function restore(
  stored: StoredManifest,
  options: EngineOptions,
  store: Store,
): Promise<State> {
  const state = new State(options, stored)
  await state.openSegments(stored.manifest, store)
  await replay(state, store)
  return state
}

/** What a torn entry left must not follow the entries to come. */
export async function endLog(state: State, store: Store): Promise<void> {
  const end = logKey(Number.MAX_SAFE_INTEGER, 0)
  await store.deleteRange({ gte: logKey(state.sequence + 1, 0), lt: end })
}

async function create(options: EngineOptions, store: Store): Promise<State> {
  if (!(await isEmpty(store))) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_FORMAT",
      `The ${store.name} store holds data that is not an index. Give the index a store of its own.`,
    )
  }
  const state = new State(options, undefined)
  await store.write(state.manifestOps(), { durable: true })
  return state
}

export async function isEmpty(store: Store): Promise<boolean> {
  for await (const _ of store.scan({ ...allKeys(), limit: 1 })) return false
  return true
}

function checkRules(kept: FieldRules, given: FieldRules): void {
  if (JSON.stringify(kept) === JSON.stringify(given)) return
  throw new TierdexError(
    "TIERDEX_FIELDS_CHANGED",
    `The index was made with the fields option ${JSON.stringify(kept)} and is opened with ` +
      `${JSON.stringify(given)}. Open it with the first, or build a new index with the second.`,
  )
}

/** Applies the writes that are in the log but in no segment. */
async function replay(state: State, store: Store): Promise<void> {
  for await (const entry of readLog(store, state.flushedSequence)) {
    const reader = new ByteReader(entry.body)
    const { newFields, mark } = readHead(reader)
    for (const path of newFields) state.fields.number(state.fields.nodeAt(path))
    let sequence = entry.sequence - 1
    let operations = 0
    while (reader.position < entry.body.length) {
      const { type, sequence: stated = sequence + 1, id, row, to } = readOperation(reader)
      sequence = stated
      operations++
      const place = await drive(locate(state, id))
      if (place !== undefined && place.live !== state.active.live) place.live.kill(place.ordinal)
      if (type === OperationType.put) {
        reader.position = row
        state.active.put(id, reader, sequence)
      } else state.active.delete(id)
      reader.position = to
    }
    state.sequence = entry.lastSequence
    if (mark !== undefined) state.mark = mark
    state.log.bytes += entry.body.length
    state.log.entries++
    state.log.operations += Math.max(1, operations)
  }
  state.fields.keep(state.fields.size)
}
