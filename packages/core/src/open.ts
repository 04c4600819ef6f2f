import { endianness } from "node:os"
import type { MetadataIndex } from "./api/metadata-index.ts"
import type { IndexOptions } from "./api/options.ts"
import { Index } from "./engine/index.ts"
import { parseOptions } from "./engine/options.ts"
import { endLog, recover } from "./engine/recover.ts"
import { State } from "./engine/state.ts"
import { TierdexError } from "./errors.ts"
import { GuardedStore } from "./store/guarded-store.ts"

/**
 * Opens an index, or makes a new one if the store is empty. Without a store it lives in memory.
 * The index owns the store from here on and closes it, also when opening fails.
 *
 * @throws TIERDEX_INVALID_OPTION; TIERDEX_LOCKED if another process has the store open;
 * TIERDEX_FIELDS_CHANGED if the index was made with another `fields` option;
 * TIERDEX_UNSUPPORTED_FORMAT, TIERDEX_CORRUPT or TIERDEX_STORE_FAILED if it cannot be read.
 */
export async function openIndex<T extends object = Record<string, unknown>>(
  options: IndexOptions = {},
): Promise<MetadataIndex<T>> {
  const parsed = parseOptions(options)
  if (endianness() !== "LE") {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_PLATFORM",
      "Pages are little-endian, and this processor is not.",
    )
  }
  if (parsed.store === undefined) return new Index<T>(new State(parsed, undefined))
  const store = new GuardedStore(parsed.store)
  await store.open()
  try {
    const state = await recover({ ...parsed, store }, store)
    await endLog(state, store)
    const index = new Index<T>(state)
    await index.start()
    return index
  } catch (error) {
    // Why it cannot be opened matters more than that it cannot be closed either.
    await store.close().catch(() => {})
    throw error
  }
}
