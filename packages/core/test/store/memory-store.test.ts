import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { countTurns } from "../../../../testing/turns.ts"
import { codeOf } from "../../src/errors.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { SortedEntries } from "../../src/store/sorted-entries.ts"
import type { Entry, ScanOptions, Store, WriteOp } from "../../src/store/store.ts"

const bytes = (...values: number[]) => new Uint8Array(values)
const put = (key: Uint8Array, value: Uint8Array): WriteOp => ({ type: "put", key, value })
const ALL = { gte: bytes(0), lt: new Uint8Array(65).fill(0xff) }

const numbered = (n: number) => bytes(1, n >>> 16, n >>> 8, n)

async function opened(): Promise<MemoryStore> {
  const store = new MemoryStore()
  await store.open()
  return store
}

async function entriesOf(store: Store, options: ScanOptions = ALL): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const batch of store.scan(options)) {
    expect(batch.length).toBeGreaterThan(0)
    entries.push(...batch)
  }
  return entries
}

/** Few distinct bytes, both ends among them, so that keys collide and prefix one another. */
const key = fc.uint8Array({ minLength: 1, maxLength: 64 }).chain((any) =>
  fc.oneof(
    fc.constant(any),
    fc
      .array(fc.constantFrom(0, 1, 0x7f, 0xff), { minLength: 1, maxLength: 4 })
      .map((few) => new Uint8Array(few)),
  ),
)
const value = fc.uint8Array({ maxLength: 40 })
const op: fc.Arbitrary<WriteOp> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("put" as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), key }) },
)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ops: fc.array(op, { maxLength: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ gte: key, lt: key }) },
)

describe("MemoryStore", () => {
  it("answers as a sorted list would", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.array(fc.record({ gte: key, lt: key, reverse: fc.boolean(), limit: fc.nat(20) })),
        async (steps, scans) => {
          const store = await opened()
          const model = new Map<string, Entry>()
          const inModel = (from: Uint8Array, to: Uint8Array) =>
            [...model.values()]
              .filter((e) => Buffer.compare(e.key, from) >= 0 && Buffer.compare(e.key, to) < 0)
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
          expect(await entriesOf(store)).toEqual(inModel(ALL.gte, ALL.lt))
          for (const { gte, lt, reverse, limit } of scans) {
            const expected = inModel(gte, lt)
            if (reverse) expected.reverse()
            const options = limit === 0 ? { gte, lt, reverse } : { gte, lt, reverse, limit }
            expect(await entriesOf(store, options)).toEqual(
              limit === 0 ? expected : expected.slice(0, limit),
            )
          }
        },
      ),
    )
  })

  it("keeps its chunks in order however 20,000 keys come and go", () => {
    for (const place of [
      (i: number) => i,
      (i: number) => 19_999 - i,
      (i: number) => (i * 7919) % 20_000,
    ]) {
      const entries = new SortedEntries()
      for (let i = 0; i < 20_000; i++) entries.put(numbered(place(i)), bytes(i))
      entries.check()
      expect(entries.size).toBe(20_000)
      for (let i = 0; i < 20_000; i += 2) entries.delete(numbered(place(i)))
      entries.check()
      expect(entries.deleteSome(numbered(5_000), numbered(15_000), 100_000)).toBe(5_000)
      entries.check()
      expect(entries.size).toBe(5_000)
    }
  })

  it("takes a batch of 100,000 operations, scans it in batches and deletes it in slices", async () => {
    const store = await opened()
    const ops = Array.from({ length: 100_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write(ops, { durable: false })
    expect(await store.sizeOnDisk()).toBe(600_000)
    expect(store.get(numbered(77_777))).toEqual(bytes(77_777, 77_777 >>> 8))
    const entries = await entriesOf(store)
    expect(entries.map((entry) => entry.key)).toEqual(ops.map((op) => op.key))
    expect((await entriesOf(store, { ...ALL, reverse: true })).reverse()).toEqual(entries)

    const counter = countTurns()
    await store.deleteRange({ gte: numbered(10_000), lt: numbered(90_000) })
    counter.stop()
    // One after each thousand.
    expect(counter.turns).toBeGreaterThan(70)
    expect(await entriesOf(store)).toHaveLength(20_000)
  })

  it("applies the operations of a batch in order", async () => {
    const store = await opened()
    const k = bytes(9)
    await store.write([put(k, bytes(1)), { type: "delete", key: k }, put(k, bytes(2))])
    expect(store.get(k)).toEqual(bytes(2))
    await store.write([put(k, bytes(3)), { type: "delete", key: k }])
    expect(store.get(k)).toBeUndefined()
  })

  it("lets writes take effect in the order of their calls", async () => {
    const store = await opened()
    await Promise.all([1, 2, 3].map((n) => store.write([put(bytes(1), bytes(n))])))
    expect(store.get(bytes(1))).toEqual(bytes(3))
  })

  it("answers getMany in the order of the keys, with gaps and repeats", async () => {
    const store = await opened()
    await store.write([put(bytes(1), bytes(10)), put(bytes(3), bytes())])
    expect(store.getMany([bytes(3), bytes(2), bytes(1), bytes(3)])).toEqual([
      bytes(),
      undefined,
      bytes(10),
      bytes(),
    ])
    expect(store.getMany([])).toEqual([])
  })

  it("holds values of 0 bytes to 1 MiB", async () => {
    const store = await opened()
    for (const size of [0, 1, 4_096, 1 << 20]) {
      await store.write([put(bytes(size & 1), new Uint8Array(size).fill(7))])
      expect(store.get(bytes(size & 1))).toEqual(new Uint8Array(size).fill(7))
    }
  })

  it("copies what it is given and what it hands out", async () => {
    const store = await opened()
    const k = Buffer.from([1, 2])
    const v = Buffer.from([3, 4])
    await store.write([put(k, v)])
    k.fill(9)
    v.fill(9)
    expect(store.get(bytes(1, 2))).toEqual(bytes(3, 4))
    store.get(bytes(1, 2))?.fill(9)
    store.getMany([bytes(1, 2)])[0]?.fill(9)
    for (const entry of await entriesOf(store)) {
      entry.key.fill(9)
      entry.value.fill(9)
    }
    const read = store.get(bytes(1, 2))
    expect(await entriesOf(store)).toEqual([{ key: bytes(1, 2), value: bytes(3, 4) }])
    await store.write([put(bytes(1, 2), bytes(5))])
    expect(read).toEqual(bytes(3, 4))
  })

  it("keeps its entries over close and open, and has one owner at a time", async () => {
    const store = await opened()
    await store.write([put(bytes(1), bytes(2))])
    await expect(store.open()).rejects.toMatchObject({ code: "TIERDEX_LOCKED" })
    await store.close()
    await store.close()
    await store.open()
    expect(store.get(bytes(1))).toEqual(bytes(2))
  })

  it("refuses every call before open and after close", async () => {
    const fresh = new MemoryStore()
    const closed = await opened()
    await closed.write([put(bytes(1), bytes(1))])
    await closed.close()
    for (const store of [fresh, closed]) {
      const calls = [
        () => store.get(bytes(1)),
        () => store.getMany([bytes(1)]),
        () => store.scan(ALL).next(),
        () => store.write([put(bytes(1), bytes(2))]),
        () => store.deleteRange(ALL),
        () => store.sizeOnDisk(),
      ]
      for (const call of calls) {
        const error = await (async () => call())().catch((thrown: unknown) => thrown)
        expect(codeOf(error)).toBe("TIERDEX_CLOSED")
      }
    }
  })

  it("ends a scan and a deleteRange that are under way when it closes", async () => {
    const store = await opened()
    await store.write(Array.from({ length: 5_000 }, (_, i) => put(numbered(i), bytes(1))))
    const scan = store.scan(ALL)
    await scan.next()
    const deletion = expect(store.deleteRange(ALL)).rejects.toMatchObject({
      code: "TIERDEX_CLOSED",
    })
    await store.close()
    await expect(scan.next()).rejects.toMatchObject({ code: "TIERDEX_CLOSED" })
    await deletion
  })
})
