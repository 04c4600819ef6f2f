import type { MetadataIndex } from "./api/metadata-index.ts"
import type { IndexOptions } from "./api/options.ts"
import { Index } from "./engine/index.ts"
import { openEngine } from "./engine/open-engine.ts"
import { parseOptions } from "./engine/options.ts"

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
  return new Index<T>(await openEngine(parseOptions(options)))
}
