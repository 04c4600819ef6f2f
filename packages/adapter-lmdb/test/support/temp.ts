import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { type LmdbPathOptions, lmdbStore } from "../../src/index.ts"

/** A folder that goes with the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-lmdb-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** An open store, by default on a file of its own, that closes with the test. */
export async function openStore(options: Partial<LmdbPathOptions> = {}) {
  const path = options.path ?? join(await tempFolder(), "store.mdb")
  const store = lmdbStore({ ...options, path })
  await store.open()
  onTestFinished(() => store.close())
  return store
}
