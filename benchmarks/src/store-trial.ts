import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import { levelStore } from "@tierdex/adapter-level"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { rocksdbStore } from "@tierdex/adapter-rocksdb"
import { sqliteStore } from "@tierdex/adapter-sqlite"
import { MemoryStore, openIndex, type Store, type WriteOp } from "@tierdex/core"
import { Catalogue, type CatalogueRecord } from "./catalogue.ts"
import { NxteditionStore } from "./nxtedition-store.ts"
import { processMemory } from "./process-memory.ts"
import { Random } from "./random.ts"

/** Each is measured under its name. The first five are, unless others are asked for. */
export const VARIANTS: Readonly<Record<string, (path: string) => Store>> = {
  level: (path) => levelStore({ path }),
  lmdb: (path) => lmdbStore({ path }),
  rocksdb: (path) => rocksdbStore({ path }),
  nxtedition: (path) => new NxteditionStore(path),
  sqlite: (path) => sqliteStore({ path }),
  "level-snappy": (path) => levelStore({ path, compression: true }),
  "level-buffer-16M": (path) => levelStore({ path, writeBufferBytes: 16 << 20 }),
  "level-block-16K": (path) => levelStore({ path, blockBytes: 16 << 10 }),
  "level-cache-32M": (path) => levelStore({ path, cacheBytes: 32 << 20 }),
  "lmdb-no-sync": (path) => lmdbStore({ path, noSync: true }),
  "rocksdb-blobs": (path) => rocksdbStore({ path, minBlobBytes: 2_048 }),
  "rocksdb-buffer-32M": (path) => rocksdbStore({ path, writeBufferBytes: 32 << 20 }),
  "rocksdb-cache": (path) => rocksdbStore({ path, blockCache: true }),
  "rocksdb-block-4K": (path) => rocksdbStore({ path, blockBytes: 4 << 10 }),
  "sqlite-page-8K": (path) => sqliteStore({ path, pageBytes: 8 << 10 }),
  "sqlite-page-16K": (path) => sqliteStore({ path, pageBytes: 16 << 10 }),
  "sqlite-page-32K": (path) => sqliteStore({ path, pageBytes: 32 << 10 }),
  "sqlite-checkpoint-32M": (path) => sqliteStore({ path, checkpointBytes: 32 << 20 }),
  "sqlite-cache-32M": (path) => sqliteStore({ path, cacheBytes: 32 << 20 }),
}

export interface TrialJob {
  readonly variant: string
  /** Pages of bulk writing, a multiple of 64. */
  readonly pages: number
  readonly folder: string
}

/** What one process measures of one store, in the order in which it does. */
export interface Trial {
  /** Batches of 64 pages, about a megabyte, one after another. */
  readonly bulkMegabytesPerSecond: number
  readonly bulkWorstDelayMs: number
  /** A durable write of one page, and of 64. */
  readonly durablePageMs: number
  readonly durableBatchMs: number
  /** Writes of 20 entries of 100 bytes. */
  readonly smallWritesPerSecond: number
  /** A batch of 100,000 entries of 30 bytes, and how long it holds up the thread at a time. */
  readonly largeBatchMs: number
  readonly largeBatchDelayMs: number
  /** A random page, one by one, and of 32 at a time. */
  readonly getUs: number
  readonly getManyUs: number
  readonly scanMegabytesPerSecond: number
  /** Half of all pages, and how long it holds up the thread at a time. */
  readonly deleteRangeMs: number
  readonly deleteRangeDelayMs: number
  /** Bytes on the disk for each that was written, a second after all that, before deleting. */
  readonly diskPerByte: number
  readonly closeMs: number
  readonly reopenMs: number
  /** What the process has grown by when all is written and read. */
  readonly memoryMegabytes: number
}

const BATCH = 64

/** The larger pages of a real index, as they are stored: 12 to 16 KiB. */
async function realPages(): Promise<Uint8Array[]> {
  const store = new MemoryStore()
  const index = await openIndex<CatalogueRecord>({ store, memory: "64 MiB" })
  await index.putMany(new Catalogue(1).next(40_000))
  await index.flush()
  const pages: Uint8Array[] = []
  for await (const batch of store.scan({ gte: new Uint8Array(1), lt: key(0xff, 0) })) {
    for (const { value } of batch)
      if (value.length >= 12_288 && value.length <= 16_384) pages.push(value)
  }
  await index.close()
  return pages
}

/** A key of the kind that an index has: of a group, by number. */
function key(group: number, n: number): Uint8Array {
  const bytes = new Uint8Array(12)
  bytes[0] = group
  new DataView(bytes.buffer).setUint32(8, n)
  return bytes
}

export async function runTrial({ variant, pages, folder }: TrialJob): Promise<Trial> {
  const corpus = await realPages()
  const page = (n: number) => corpus[n % corpus.length]
  const path = join(folder, "store")
  const store = VARIANTS[variant](path)
  global.gc?.()
  const memoryBefore = processMemory().anonymous
  await store.open()
  const random = new Random(1)
  let written = 0
  const put = (group: number, n: number, value: Uint8Array): WriteOp => {
    written += value.length
    return { type: "put", key: key(group, n), value }
  }
  const pageBatch = (from: number) =>
    Array.from({ length: BATCH }, (_, i) => put(2, from + i, page(from + i)))

  const bulk = await timed(async () => {
    for (let n = 0; n < pages; n += BATCH) await store.write(pageBatch(n), { durable: false })
  })
  const bulkBytes = written
  const smallValue = new Uint8Array(100).fill(1)
  const small = await timed(async () => {
    for (let n = 0; n < 1_000; n++) {
      const ops = Array.from({ length: 20 }, (_, i) => put(1, n * 20 + i, smallValue))
      await store.write(ops, { durable: false })
    }
  })
  const durablePage = await timed(async () => {
    for (let n = 0; n < 50; n++) await store.write([put(3, n, page(n))], { durable: true })
  })
  const durableBatch = await timed(async () => {
    for (let n = 0; n < 20; n++) {
      const ops = Array.from({ length: BATCH }, (_, i) => put(4, n * BATCH + i, page(n + i)))
      await store.write(ops, { durable: true })
    }
  })
  const largeOps = Array.from({ length: 100_000 }, (_, n) => put(5, n, smallValue.subarray(70)))
  const large = await timed(() => store.write(largeOps, { durable: false }))

  const get = await timed(async () => {
    for (let i = 0; i < 3_000; i++) {
      const n = random.below(pages)
      const value = store.get(key(2, n))
      check(value instanceof Promise ? await value : value, page(n))
    }
  })
  const getMany = await timed(async () => {
    for (let i = 0; i < 200; i++) {
      const asked = Array.from({ length: 32 }, () => random.below(pages))
      const values = await store.getMany(asked.map((n) => key(2, n)))
      for (const [at, n] of asked.entries()) check(values[at], page(n))
    }
  })
  let scanned = 0
  const scan = await timed(async () => {
    for await (const batch of store.scan({ gte: key(2, 0), lt: key(3, 0) })) {
      for (const { value } of batch) scanned += value.length
    }
  })
  if (scanned !== bulkBytes) throw new Error("A scan lost pages.")
  await sleep(1_000)
  const size = await sizeOf(folder)
  global.gc?.()
  const memoryBytes = processMemory().anonymous - memoryBefore
  const deleteRange = await timed(() =>
    store.deleteRange({ gte: key(2, 0), lt: key(2, pages / 2) }),
  )
  const close = await timed(() => store.close())
  const reopened = VARIANTS[variant](path)
  const reopen = await timed(() => reopened.open())
  await reopened.close()

  return {
    bulkMegabytesPerSecond: bulkBytes / 1e3 / bulk.ms,
    bulkWorstDelayMs: bulk.worstDelayMs,
    durablePageMs: durablePage.ms / 50,
    durableBatchMs: durableBatch.ms / 20,
    smallWritesPerSecond: 1e6 / small.ms,
    largeBatchMs: large.ms,
    largeBatchDelayMs: large.worstDelayMs,
    getUs: get.ms / 3,
    getManyUs: getMany.ms / 6.4,
    scanMegabytesPerSecond: scanned / 1e3 / scan.ms,
    deleteRangeMs: deleteRange.ms,
    deleteRangeDelayMs: deleteRange.worstDelayMs,
    diskPerByte: size / written,
    closeMs: close.ms,
    reopenMs: reopen.ms,
    memoryMegabytes: memoryBytes / 1e6,
  }
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = files.map(async (file) => (await stat(join(file.parentPath, file.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function timed(work: () => Promise<unknown>): Promise<{ ms: number; worstDelayMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  // It sees delays between two of its own ticks.
  await sleep(5)
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  await sleep(5)
  delay.disable()
  return { ms, worstDelayMs: delay.max / 1e6 }
}

function check(value: Uint8Array | undefined, expected: Uint8Array): void {
  if (value?.length !== expected.length) throw new Error("A page is not what was written.")
}
