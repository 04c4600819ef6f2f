import { join } from "node:path"
import type { Entry, WriteOp } from "@tierdex/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ALL, bytes, entriesOf, numbered, put } from "./support/entries.ts"
import { openStore, tempFolder } from "./support/temp.ts"

/** Few distinct bytes, both ends among them, so that keys collide and prefix one another. */
const key = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 63 }),
  fc
    .array(fc.constantFrom(0, 1, 0x7f, 0xff), { minLength: 1, maxLength: 4 })
    .map((few) => new Uint8Array(few)),
)
const value = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.nat(20_000).map((n) => new Uint8Array(n).fill(n)),
)
const op: fc.Arbitrary<WriteOp> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("put" as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), key }) },
)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ops: fc.array(op, { maxLength: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ gte: key, lt: key }) },
)
const scan = fc.record({
  gte: key,
  lt: key,
  reverse: fc.boolean(),
  limit: fc.constantFrom(1, 2, 10, 1_000_000),
})

describe("lmdbStore", () => {
  it("answers as a sorted list would", async () => {
    const store = await openStore({ noSync: true })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.array(scan),
        fc.array(key),
        async (steps, scans, keys) => {
          await store.deleteRange(ALL)
          const model = new Map<string, Entry>()
          const inModel = (gte: Uint8Array, lt: Uint8Array) =>
            [...model.values()]
              .filter((e) => Buffer.compare(e.key, gte) >= 0 && Buffer.compare(e.key, lt) < 0)
              .sort((a, b) => Buffer.compare(a.key, b.key))
          for (const one of steps) {
            if ("ops" in one) {
              await store.write(one.ops, { durable: false })
              for (const op of one.ops) {
                const name = Buffer.from(op.key).toString("hex")
                if (op.type === "put") model.set(name, { key: op.key, value: op.value })
                else model.delete(name)
              }
            } else {
              await store.deleteRange(one)
              for (const entry of inModel(one.gte, one.lt)) {
                model.delete(Buffer.from(entry.key).toString("hex"))
              }
            }
          }
          const all = inModel(ALL.gte, ALL.lt)
          expect(await entriesOf(store)).toEqual(all)
          for (const { gte, lt, reverse, limit } of scans) {
            const expected = reverse ? inModel(gte, lt).reverse() : inModel(gte, lt)
            expect(await entriesOf(store, { gte, lt, reverse, limit })).toEqual(
              expected.slice(0, limit),
            )
          }
          const asked = [...keys, ...all.map((entry) => entry.key), ...keys]
          const expected = asked.map((k) => model.get(Buffer.from(k).toString("hex"))?.value)
          expect(store.getMany(asked)).toEqual(expected)
          expect(asked.map((k) => store.get(k))).toEqual(expected)
        },
      ),
    )
  })

  it("scans more than one batch in both directions", async () => {
    const store = await openStore()
    const ops = Array.from({ length: 3_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write([...ops].reverse(), { durable: false })
    const expected = ops.map((op) => op.key)
    const keys = (entries: Entry[]) => entries.map((entry) => entry.key)
    expect(keys(await entriesOf(store))).toEqual(expected)
    expect(keys(await entriesOf(store, { ...ALL, reverse: true, limit: 2_999 }))).toEqual(
      expected.toReversed().slice(0, 2_999),
    )
    const inner = { gte: numbered(7), lt: numbered(2_000) }
    expect(keys(await entriesOf(store, { ...inner, limit: 1_000 }))).toEqual(
      expected.slice(7, 1_007),
    )
    for await (const batch of store.scan(ALL)) {
      expect(batch.length).toBeLessThan(3_000)
      break
    }
  })

  it("cuts batches of large values short", async () => {
    const store = await openStore()
    const page = new Uint8Array(1 << 18)
    await store.write(
      Array.from({ length: 10 }, (_, i) => put(numbered(i), page)),
      { durable: false },
    )
    const lengths: number[] = []
    for await (const batch of store.scan(ALL)) lengths.push(batch.length)
    expect(lengths).toEqual([4, 4, 2])
  })

  it("takes a batch of 100,000 operations and deletes it in slices", async () => {
    const store = await openStore()
    const ops = Array.from({ length: 100_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write(ops, { durable: false })
    expect(store.get(numbered(77_777))).toEqual(bytes(77_777, 77_777 >>> 8))
    expect(await entriesOf(store)).toHaveLength(100_000)

    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await store.deleteRange({ gte: numbered(90_000), lt: ALL.lt })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(5)
    expect(await entriesOf(store, { gte: numbered(89_999), lt: ALL.lt })).toHaveLength(1)
  })

  it("applies the operations of a batch in order", async () => {
    const store = await openStore()
    const k = bytes(9)
    await store.write([put(k, bytes(1)), { type: "delete", key: k }, put(k, bytes(2))], {
      durable: true,
    })
    expect(store.get(k)).toEqual(bytes(2))
    await store.write([put(k, bytes(3)), { type: "delete", key: k }], { durable: false })
    expect(store.get(k)).toBeUndefined()
    await store.write([{ type: "delete", key: k }], { durable: false })
    await store.write([], { durable: true })
  })

  it("lets overlapping writes take effect in the order of their calls", async () => {
    const store = await openStore()
    const writes: Promise<void>[] = []
    const seen: number[] = []
    for (let n = 1; n <= 100; n++) {
      const ops = [put(bytes(1), bytes(n)), put(numbered(n), bytes(n))]
      writes.push(store.write(ops, { durable: n % 3 === 0 }).then(() => void seen.push(n)))
      if (n % 10 === 0) await writes[n - 5]
    }
    await Promise.all(writes)
    expect(store.get(bytes(1))).toEqual(bytes(100))
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(await entriesOf(store)).toHaveLength(101)
  })

  it("holds values of 0 bytes to 1 MiB, from any kind of buffer", async () => {
    const store = await openStore()
    for (const size of [0, 1, 2_000, 4_072, 16_360, 65_536, (1 << 20) - 1, 1 << 20]) {
      const expected = new Uint8Array(size).map((_, i) => i * 7)
      const shared = new Uint8Array(new SharedArrayBuffer(size + 8), 8)
      const view = new Uint8Array(size + 16).subarray(16)
      for (const value of [expected.slice(), Buffer.from(expected), shared, view]) {
        value.set(expected)
        await store.write([put(bytes(size & 0xff, 1), value)], { durable: false })
        const read = await store.get(bytes(size & 0xff, 1))
        expect(read?.length).toBe(size)
        expect(Buffer.compare(read ?? bytes(1), expected)).toBe(0)
      }
    }
  })

  it("keeps nothing of what it is given, and hands out arrays of their own", async () => {
    const store = await openStore()
    const k = bytes(1, 2)
    const v = new Uint8Array(20_000).fill(3)
    await store.write([put(k, v), put(bytes(2), bytes(2))], { durable: false })
    k.fill(9)
    v.fill(9)
    const expected = new Uint8Array(20_000).fill(3)
    const read = await store.get(bytes(1, 2))
    const [many] = await store.getMany([bytes(1, 2), bytes(2)])
    const [scanned] = await entriesOf(store)
    // Other reads, writes over the same keys, and a file that outgrows its first mapping.
    for (let n = 0; n < 40; n++) {
      await store.write([put(bytes(1, 2), new Uint8Array(1 << 20).fill(n))], { durable: false })
      store.get(bytes(1, 2))
    }
    for (const array of [read, many, scanned.value]) {
      expect(array?.constructor).toBe(Uint8Array)
      expect(array).toEqual(expected)
    }
    expect(scanned.key).toEqual(bytes(1, 2))
    read?.fill(7)
    expect(many).toEqual(expected)
  })

  it("keeps its entries over close and open", async () => {
    const path = join(await tempFolder(), "made/on/the/way/store.mdb")
    const first = await openStore({ path })
    await first.write([put(bytes(0), bytes(1)), put(bytes(0xff, 0xff), bytes(2))], {
      durable: false,
    })
    await first.close()
    const second = await openStore({ path, mapSizeBytes: 1 << 26 })
    expect(await entriesOf(second)).toEqual([
      { key: bytes(0), value: bytes(1) },
      { key: bytes(0xff, 0xff), value: bytes(2) },
    ])
    expect(await second.sizeOnDisk()).toBeGreaterThan(8_000)
  })

  it("uses the space of deleted ranges again", async () => {
    const store = await openStore({ noSync: true })
    const page = new Uint8Array(16_360)
    const fill = async (segment: number) => {
      for (let i = 0; i < 1_000; i += 50) {
        const keys = Array.from({ length: 50 }, (_, k) => numbered(segment * 1_000 + i + k))
        await store.write(
          keys.map((k) => put(k, page)),
          { durable: false },
        )
      }
    }
    await fill(0)
    await fill(1)
    const size = await store.sizeOnDisk()
    for (let segment = 2; segment < 8; segment++) {
      const gte = numbered((segment - 2) * 1_000)
      await store.deleteRange({ gte, lt: numbered((segment - 1) * 1_000) })
      await fill(segment)
    }
    expect(await store.sizeOnDisk()).toBeLessThan(size * 2)
    expect(await entriesOf(store)).toHaveLength(2_000)
  })

  it("says what it can do", async () => {
    const sync = await openStore()
    const noSync = await openStore({ noSync: true })
    expect(sync.name).toBe("lmdb")
    expect(sync.capabilities).toEqual({ durableWrites: true, syncReads: true, persistent: true })
    expect(noSync.capabilities.durableWrites).toBe(false)
  })
})
