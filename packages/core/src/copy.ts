import type { LongCallOptions } from "./api/read-options.ts"
import type { IndexReader } from "./api/reader.ts"
import { copyView } from "./engine/copy.ts"
import { checkStore, parseOptions } from "./engine/options.ts"
import { checkOptions } from "./engine/read-options.ts"
import { Reader } from "./engine/reader.ts"
import { isEmpty, restore } from "./engine/recover.ts"
import { TierdexError } from "./errors.ts"
import { readManifest } from "./log/manifest.ts"
import { allKeys, manifestKeys } from "./pages/keys.ts"
import { GuardedStore } from "./store/guarded-store.ts"
import type { Store } from "./store/store.ts"

/**
 * Copies an index into another store, of any kind: page by page, each checksum verified, as it is
 * at the moment of the call. Choosing a store is never final.
 *
 * @param from a store with an index that is not open, which is opened, read and closed; or an open
 * index, with a store or without, that is written to meanwhile (a backup); or a snapshot
 * @param to a store that is not open and empty. It is opened and closed; open the copy with
 * `openIndex` and a new store object. A copy that fails or is aborted leaves it empty; one whose
 * process dies may leave pages that no index owns: delete the files before another try.
 * @throws TIERDEX_INVALID_OPTION if `to` is not empty; TIERDEX_UNSUPPORTED_FORMAT if there is no
 * index in `from`; TIERDEX_CORRUPT if a page of it is damaged; TIERDEX_LOCKED, TIERDEX_CLOSED,
 * TIERDEX_SNAPSHOT_EXPIRED, TIERDEX_STORE_FAILED, TIERDEX_ABORTED
 */
export async function copyIndex(
  from: Store | Pick<IndexReader, "size" | "has">,
  to: Store,
  options: LongCallOptions = {},
): Promise<void> {
  checkOptions(options, "copyIndex", ["signal", "onProgress"])
  checkStore(to)
  const target = new GuardedStore(to)
  if (isReader(from)) {
    const source = from.copySource()
    try {
      await withTarget(target, () => copyView(source, target, options))
    } finally {
      source.view.release()
    }
    return
  }
  checkStore(from)
  await withTarget(target, () => copyStore(from, target, options))
}

/** Opens an empty store, and empties it again if what is written to it fails. */
async function withTarget(target: Store, write: () => Promise<void>): Promise<void> {
  await target.open()
  try {
    if (!(await isEmpty(target))) {
      throw new TierdexError(
        "TIERDEX_INVALID_OPTION",
        `The ${target.name} store to copy to holds data. Give the copy an empty store.`,
      )
    }
    try {
      await write()
    } catch (error) {
      // Why it failed matters more than what is left of it.
      await empty(target).catch(() => {})
      throw error
    }
  } finally {
    await target.close()
  }
}

/**
 * The manifest goes first: it may be there although its write failed, and what is left when the
 * process dies must be no index.
 */
async function empty(target: Store): Promise<void> {
  await target.deleteRange(manifestKeys())
  await target.deleteRange(allKeys())
}

/** Reads an index that is not open. */
async function copyStore(from: Store, target: Store, options: LongCallOptions): Promise<void> {
  const store = new GuardedStore(from)
  await store.open()
  try {
    const stored = await readManifest(store)
    if (stored === undefined) {
      throw new TierdexError(
        "TIERDEX_UNSUPPORTED_FORMAT",
        `The ${store.name} store to copy from holds no index.`,
      )
    }
    const { rules } = stored.manifest
    const state = await restore(stored, { ...parseOptions({ store }), rules }, store)
    const view = state.view()
    await copyView({ view, fields: state.fields, indexId: state.id, store }, target, options)
  } finally {
    await store.close()
  }
}

/** Whether it is an open index or a snapshot. */
function isReader(from: object): from is Reader<object> {
  return from instanceof Reader
}
