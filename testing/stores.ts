// What the tests of the adapters share.
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished } from "vitest"
import type { KeyRange, openIndex, Store, WriteOp } from "../packages/core/src/index.ts"

export const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)

/** A key that orders by its number, below 2 ** 24. */
export const numbered = (n: number): Uint8Array => bytes(1, n >>> 16, n >>> 8, n)

export const put = (key: Uint8Array, value: Uint8Array): WriteOp => ({ type: "put", key, value })

/** Every key of a test. */
export const ALL: KeyRange = { gte: bytes(0), lt: bytes(0xff) }

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

/** Writes pages with numbered keys, in batches of 50. */
export async function fill(store: Store, from: number, pages: number): Promise<void> {
  for (let n = from; n < from + pages; n += 50) {
    const ops = Array.from({ length: 50 }, (_, i) => put(numbered(n + i), page))
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

/** An index of 5,000 records answers after flush and reopening. */
export async function expectCarriesIndex(open: typeof openIndex, make: () => Store): Promise<void> {
  const index = await open<{ n: number; group: string }>({ store: make() })
  const record = (n: number) => ({ n, group: `g${n % 7}` })
  await index.putMany(Array.from({ length: 5_000 }, (_, n) => [`id${n}`, record(n)] as const))
  await index.flush()
  await index.put("last", { n: 5_000, group: "g1" })
  await index.close()
  const again = await open<{ n: number; group: string }>({ store: make() })
  onTestFinished(() => again.close())
  expect(again.tier).toBe(2)
  expect(await again.count({ group: "g1", n: { $gte: 4_000 } })).toBe(144)
  const page = await again.find({ group: "g1" }, { sort: { n: "desc" }, limit: 2 })
  expect(page.ids).toEqual(["last", "id4999"])
  expect(await again.verify()).toMatchObject({ ok: true })
}

/** Names an adapter for other processes: the URL of its module, and its factory. */
export type Adapter = readonly [module: string, factory: string]

const CHILD = join(import.meta.dirname, "store-child.ts")

/** A refused second opener takes nothing from the first; a killed owner leaves its writes. */
export async function expectLocks(adapter: Adapter, make: (path: string) => Store): Promise<void> {
  const path = await tempPath()
  const first = await opened(make(path))
  for (const second of [make(path), first]) {
    await expect(second.open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
  }
  const { stderr } = spawnSync(process.execPath, [CHILD, ...adapter, "hold", path])
  expect(String(stderr)).toContain("TIERDEX_LOCKED")
  await first.write([put(bytes(1), bytes(1))], { durable: true })
  await first.close()

  const child: ChildProcess = spawn(process.execPath, [CHILD, ...adapter, "hold", path])
  onTestFinished(() => void child.kill("SIGKILL"))
  if (child.stdout !== null) await once(child.stdout, "data")
  expect(await openError(make(path))).toMatchObject({ code: "TIERDEX_LOCKED" })
  const exit = once(child, "exit")
  child.kill("SIGKILL")
  await exit
  const store = await opened(make(path))
  expect(await store.get(bytes(1))).toEqual(bytes(2))
}

/** Where files may not grow, writes fail and all else goes on. */
export async function expectSurvivesFullDisk(
  adapter: Adapter,
  make: (path: string) => Store,
): Promise<void> {
  const path = await tempPath()
  const command = [process.execPath, CHILD, ...adapter, "fill", path]
  const { stdout, stderr } = spawnSync("sh", ["-c", 'ulimit -f 1024; exec "$@"', "sh", ...command])
  expect(String(stderr)).toBe("")
  const report = JSON.parse(String(stdout))
  const failed = "TIERDEX_STORE_FAILED with cause"
  expect(report).toMatchObject({ failed, overlapping: [failed, failed], read: [65_536, 65_536] })

  const store = await opened(make(path))
  let found = 0
  for await (const batch of store.scan(ALL)) {
    for (const { value } of batch) expect(value).toHaveLength(65_536)
    found += batch.length
  }
  expect(found).toBeGreaterThanOrEqual(report.written)
  await store.write([put(numbered(report.written), bytes(1))], { durable: true })
}
