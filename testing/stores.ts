// What the tests of the adapters share.
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished } from "vitest"
import type { Store, WriteOp } from "../packages/core/src/index.ts"

/** A value of 16 KiB that does not compress. */
export const page = new Uint8Array(16_360).map((_, i) => (i * 2_654_435_761) >>> 13)

/** A path in a folder that goes with the test. */
export async function tempPath(name = "store"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-store-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** Opens a store, which closes with the test. */
export async function opened(store: Store): Promise<Store> {
  await store.open()
  onTestFinished(() => store.close())
  return store
}

/** Writes pages under the keys that `numbered` of the conformance suite makes, in batches of 50. */
export async function fill(store: Store, from: number, pages: number): Promise<void> {
  for (let first = from; first < from + pages; first += 50) {
    const ops = Array.from({ length: 50 }, (_, i): WriteOp => {
      const n = first + i
      return { type: "put", key: Uint8Array.of(1, n >>> 16, n >>> 8, n), value: page }
    })
    await store.write(ops, { durable: false })
  }
}

/** How a store fails to open. */
export async function openError(store: Store): Promise<unknown> {
  return await store.open().then(
    () => expect.fail("It opened."),
    (error: unknown) => error,
  )
}
