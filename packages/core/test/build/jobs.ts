import { Buffer } from "node:buffer"
import { build } from "../../src/build/builder.ts"
import type { BuildJob, MergeJob } from "../../src/build/job.ts"
import { Memtable } from "../../src/memtable/memtable.ts"
import { LiveSet } from "../../src/parts/live-set.ts"
import type { FieldValue } from "../../src/rows/row.ts"
import { readAhead } from "../../src/segment/build-memory.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { putRow } from "../segment/rows.ts"
import { randomFrom } from "../support/random.ts"

const ROWS = 3_000
const WRITE_BYTES = 2 ** 20

const text = (value: string): Value => ({ kind: Kind.string, payload: Buffer.from(value) })
const number = (payload: number): Value => ({ kind: Kind.number, payload })

/** A memtable with strings, numbers of both signs, arrays, rewritten records and gaps. */
export function memtableFrom(seed: number): Memtable {
  const random = randomFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const memtable = new Memtable()
  for (let i = 0; i < ROWS; i++) {
    const fields = new Map<number, FieldValue>([[0, number((random() - 0.5) * 1e6)]])
    if (below(3) > 0) fields.set(1, text(`name ${below(1_500)} ${"é".repeat(below(30))}`))
    if (below(2) > 0)
      fields.set(
        2,
        Array.from({ length: 1 + below(4) }, () => number(below(9))),
      )
    if (seed === 2) fields.set(3, text("only here"))
    putRow(memtable, { id: `id-${seed}-${below(ROWS * 2)}`, sequence: seed * 1e5 + i, fields })
  }
  return memtable
}

export function flushJob(seed: number): BuildJob {
  const memtable = memtableFrom(seed)
  return jobOf(memtable, seed)
}

/** Of a memtable whose pages take several writes. */
export function longTextsJob(): BuildJob {
  const memtable = new Memtable()
  for (let i = 0; i < ROWS; i++) {
    const fields = new Map([[0, text(String(i).padEnd(600, "0"))]])
    putRow(memtable, { id: `id${i}`, sequence: i, fields })
  }
  return jobOf(memtable, 1)
}

function jobOf(memtable: Memtable, segment: number): BuildJob {
  const live = memtable.live.view()
  return { type: "flush", segment, memtable: memtable.image, live, writeBytes: WRITE_BYTES }
}

/** Three flushed segments, of which one has dead records, and the job of merging them. */
export async function mergeJob(store: Store): Promise<MergeJob> {
  const inputs: MergeJob["inputs"][number][] = []
  for (const seed of [1, 2, 3]) {
    const meta = await build(flushJob(seed), store, true)
    const live = new LiveSet(meta.size)
    if (seed === 2) for (let ordinal = 5; ordinal < meta.size; ordinal += 7) live.kill(ordinal)
    inputs.push({ meta, live: live.view() })
  }
  const fieldNames = ["value", "name", "numbers", "rare"]
  const ahead = readAhead(2 ** 20, inputs.length)
  const writeBytes = WRITE_BYTES
  return { type: "merge", segment: 4, inputs, fieldNames, readAhead: ahead, writeBytes }
}

export async function openStore(): Promise<MemoryStore> {
  const store = new MemoryStore()
  await store.open()
  return store
}

/** All that a store holds, in one string for each key. */
export async function contentsOf(store: Store): Promise<Map<string, string>> {
  const contents = new Map<string, string>()
  const everything = { gte: Uint8Array.of(0), lt: new Uint8Array(64).fill(0xff) }
  for await (const batch of store.scan(everything)) {
    for (const { key, value } of batch) {
      contents.set(Buffer.from(key).toString("hex"), Buffer.from(value).toString("base64"))
    }
  }
  return contents
}
