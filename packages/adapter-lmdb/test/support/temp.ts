import { opened, tempPath } from "../../../../testing/stores.ts"
import { type LmdbPathOptions, lmdbStore } from "../../src/index.ts"

/** A folder that goes with the test. */
export async function tempFolder(): Promise<string> {
  return await tempPath("")
}

/** An open store, by default on a file of its own, that closes with the test. */
export async function openStore(options: Partial<LmdbPathOptions> = {}) {
  const path = options.path ?? (await tempPath("store.mdb"))
  return await opened(lmdbStore({ ...options, path }))
}
