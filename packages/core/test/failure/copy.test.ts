// A copy that was not finished is no index: whatever becomes of the store that it goes to, what is
// there afterwards is a whole copy, or is refused, or is nothing.
import { randomBytes } from "node:crypto"
import { beforeAll, describe, expect, test } from "vitest"
import { copyIndex } from "../../src/copy.ts"
import { codeOf } from "../../src/errors.ts"
import { openIndex } from "../../src/open.ts"
import { FileKind, pageAddress } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Entry, KeyRange, Store, WriteOp } from "../../src/store/store.ts"
import { CrashingStore } from "../support/crashing-store.ts"
import { FaultError, FaultyStore } from "../support/faulty-store.ts"
import { WrappedStore } from "../support/wrapped-store.ts"

const EVERYTHING = { gte: Uint8Array.of(0), lt: new Uint8Array(64).fill(0xff) }

/** Records in each of the segments: pages for two writes each. */
const PART = 1_500

/** Segments with dead records, and a log behind them. */
let source: MemoryStore
/** What a copy of it holds. */
let whole: readonly Entry[]

beforeAll(async () => {
  source = new MemoryStore()
  const index = await openIndex({ store: source, durability: "os" })
  for (let part = 0; part < 3; part++) {
    const ids = Array.from({ length: PART }, (_, n) => `${part}-${n}`)
    await index.putMany(ids.map((id, n) => [id, { n, text: randomBytes(400).toString("hex") }]))
    if (part < 2) await index.flush()
  }
  await index.deleteMany({ n: { $lt: 100 } })
  await index.flush()
  await index.batch([{ type: "put", id: "last", record: { n: -1 } }], { mark: "marked" })
  await index.close()
  const copy = new MemoryStore()
  await copyIndex(source, copy)
  whole = await entriesOf(copy)
})

async function entriesOf(store: MemoryStore): Promise<Entry[]> {
  const entries: Entry[] = []
  await store.open()
  for await (const batch of store.scan(EVERYTHING)) entries.push(...batch)
  await store.close()
  return entries
}

async function storeOf(entries: readonly Entry[]): Promise<MemoryStore> {
  const store = new MemoryStore()
  await store.open()
  await store.write(entries.map((entry) => ({ type: "put", ...entry })))
  await store.close()
  return store
}

function isSame(a: Entry, b: Entry): boolean {
  return Buffer.compare(a.key, b.key) === 0 && Buffer.compare(a.value, b.value) === 0
}

type Verdict = "whole" | "refused" | "nothing"

/** Throws if a closed store holds a part of a copy that can be taken for an index. */
async function judge(store: MemoryStore): Promise<Verdict> {
  const entries = await entriesOf(store)
  let index: Awaited<ReturnType<typeof openIndex>>
  try {
    index = await openIndex({ store })
  } catch (error) {
    expect(codeOf(error)).toBe("TIERDEX_UNSUPPORTED_FORMAT")
    return "refused"
  }
  try {
    if (entries.length === 0) {
      expect(index.size).toBe(0)
      return "nothing"
    }
    expect(entries.length).toBe(whole.length)
    expect(entries.every((entry, i) => isSame(entry, whole[i]))).toBe(true)
    expect(index.size).toBe(3 * (PART - 100) + 1)
    expect(index.mark).toBe("marked")
    expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
    return "whole"
  } finally {
    await index.close()
  }
}

describe("a copy whose process dies", () => {
  test("at any operation leaves all of it, or no index", { timeout: 120_000 }, async () => {
    const unbroken = new CrashingStore()
    await copyIndex(source, unbroken)
    expect(unbroken.operations).toBeGreaterThan(8)
    const verdicts = new Set<Verdict>()
    for (let crashAt = 1; crashAt <= unbroken.operations; crashAt++) {
      const store = new CrashingStore({ crashAt, applied: true })
      await expect(copyIndex(source, store)).rejects.toMatchObject({ code: "TIERDEX_STORE_FAILED" })
      const { pending } = store
      for (const kept of new Set([0, pending >> 1, pending - 1, pending])) {
        verdicts.add(await judge(await store.afterCrash(kept)))
      }
    }
    expect(verdicts).toEqual(new Set<Verdict>(["nothing", "refused", "whole"]))
  })
})

describe("a copy whose write fails", () => {
  test.each([
    { lasts: "once", applied: false },
    { lasts: "once", applied: true },
    { lasts: "kind", applied: true },
    { lasts: "all", applied: false },
  ] as const)("$lasts, applied $applied, leaves all of it, or no index", async (how) => {
    const unbroken = new FaultyStore(new MemoryStore(), { failAt: 0, lasts: "once" })
    await copyIndex(source, unbroken)
    const writes = unbroken.calls.filter((call) => call === "write").length
    for (let failAt = 1; failAt <= writes; failAt++) {
      const image = new MemoryStore()
      const store = new FaultyStore(image, { failAt, kinds: ["write"], ...how })
      const copying = copyIndex(source, store)
      await expect(copying).rejects.toMatchObject({ cause: expect.any(FaultError) })
      await image.close()
      const verdict = await judge(image)
      // What can be emptied is.
      if (how.lasts !== "all") expect(verdict).toBe("nothing")
    }
  })

  test("and whose process dies while it is emptied, in any order, is no index", async () => {
    const verdicts: Verdict[] = []
    for (const deletes of [0, 1, 2, whole.length >> 1, whole.length - 1, whole.length]) {
      const image = new MemoryStore()
      const copying = copyIndex(source, new HalfEmptied(image, deletes))
      await expect(copying).rejects.toMatchObject({ cause: expect.any(FaultError) })
      await image.close()
      verdicts.push(await judge(image))
    }
    expect(verdicts).toEqual(["whole", "refused", "refused", "refused", "refused", "nothing"])
  })
})

/**
 * Takes the manifest and says that it failed. Then it deletes from the greatest key down, as a store
 * may, until it dies.
 */
class HalfEmptied extends WrappedStore {
  #deletes: number

  constructor(inner: Store, deletes: number) {
    super(inner)
    this.#deletes = deletes
  }

  override async write(ops: readonly WriteOp[], options: { readonly durable: boolean }) {
    await this.inner.write(ops, options)
    if (options.durable) throw new FaultError()
  }

  override async deleteRange(range: KeyRange): Promise<void> {
    if (this.#deletes === 0) throw new FaultError()
    const options = { ...range, reverse: true, limit: this.#deletes }
    for await (const batch of this.inner.scan(options)) {
      this.#deletes -= batch.length
      const ops = batch.map(({ key }): WriteOp => ({ type: "delete", key }))
      await this.inner.write(ops, { durable: false })
    }
  }
}

describe("one entry that is lost or changed", { timeout: 60_000 }, () => {
  const damages: Readonly<Record<string, (entry: Entry) => Entry[]>> = {
    lost: () => [],
    changed: ({ key, value }) => {
      const at = value.length >> 1
      return [{ key, value: value.with(at, value[at] ^ 0x10) }]
    },
  }

  /** A store with these entries, of which one is damaged. */
  const damaged = (entries: readonly Entry[], at: number, damage: string) =>
    storeOf(entries.flatMap((entry, i) => (i === at ? damages[damage](entry) : [entry])))

  test.each(Object.keys(damages))("%s on the way to the target, is found there", async (damage) => {
    // Manifest, live sets and pages of every kind are among them.
    for (let at = 0; at < whole.length; at += at < 20 ? 1 : 13) {
      const store = await damaged(whole, at, damage)
      const found = await findingsOf(store)
      expect(found, Buffer.from(whole[at].key).toString("hex")).not.toBe("none")
    }
  })

  test.each(Object.keys(damages))("%s on the way from the source, ends it", async (damage) => {
    const entries = await entriesOf(source)
    for (let at = 0; at < entries.length; at += 11) {
      const { key } = entries[at]
      // The log and live sets are read as a whole when an index opens, and have tests of their own.
      if (key[0] !== 3 || pageAddress(key).file.kind === FileKind.live) continue
      const to = new MemoryStore()
      const copying = copyIndex(await damaged(entries, at, damage), to)
      await expect(copying).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
      expect(await judge(to)).toBe("nothing")
    }
  })
})

/** What opening or `verify` says of a copy. */
async function findingsOf(store: MemoryStore): Promise<string> {
  try {
    const index = await openIndex({ store })
    const { damage } = await index.verify()
    await index.close()
    return damage.length === 0 ? "none" : "damage"
  } catch (error) {
    return codeOf(error) ?? "none"
  }
}
