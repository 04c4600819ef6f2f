import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { copyIndex, openIndex } from "@tierdex/core"
import { type Order, orders } from "./orders.ts"
import { makeStore, type StoreName } from "./stores.ts"

export interface BackupOptions {
  /** Where the index is at first, and where the backup goes. */
  readonly from: StoreName
  /** Where the index moves. */
  readonly to: StoreName
}

/** Sizes of the index at each stage, for those who run the example as a test. */
export interface BackupResult {
  readonly snapshot: number
  readonly live: number
  readonly backup: number
  readonly moved: number
}

/** Backs an index up while it is written to, then moves it to a store of another kind. */
export async function runBackup({ from, to }: BackupOptions): Promise<BackupResult> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-backup-"))
  try {
    // An index with something in it.
    const index = await openIndex<Order>({ store: makeStore(from, folder, "live") })
    await index.putMany(orders(0, 20_000))
    await index.flush()
    await index.deleteMany({ status: "shipped", total: { $lt: 100 } })
    say(`An index of ${index.size} orders, in ${from}.`)

    // 1. A snapshot is frozen; writes go on.
    const snapshot = await index.snapshot()
    const sizes = { snapshot: snapshot.size }
    const [backupMs] = await Promise.all([
      timed(() => copyIndex(snapshot, makeStore(from, folder, "backup"))),
      index.putMany(orders(20_000, 25_000)),
      index.deleteMany({ status: "open" }),
    ])
    await snapshot.close()
    const live = index.size
    await index.close()
    say(`Backed up in ${backupMs} ms. Meanwhile it was written to: now ${live} orders.`)

    // 2. The backup is an index like any other: every page is checked, and it can be asked.
    const backup = await openIndex<Order>({ store: makeStore(from, folder, "backup") })
    const { ok } = await backup.verify()
    const [open, now] = [await backup.count({ status: "open" }), backup.size]
    await backup.close()
    say(
      `The backup is ${ok ? "sound" : "damaged"}: ${now} orders as they were, ${open} of them open.`,
    )

    // 3. Moving is copying: from the store of an index that is closed.
    const movedMs = await timed(() =>
      copyIndex(makeStore(from, folder, "live"), makeStore(to, folder, "moved")),
    )
    const moved = await openIndex<Order>({ store: makeStore(to, folder, "moved") })
    await moved.put(...orders(25_000, 25_001)[0])
    say(`Moved to ${to} in ${movedMs} ms, and written to: ${moved.size} orders.`)
    const result = { ...sizes, live, backup: now, moved: moved.size }
    await moved.close()
    return result
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return Math.round(performance.now() - start)
}

function say(line: string): void {
  console.log(line)
}
