import { describe, expect, it } from "vitest"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store, WriteOp } from "../../src/store/store.ts"
import { AsyncStore, LateStore, seededDelay } from "./async-store.ts"
import { flipBit } from "./corrupt.ts"
import { CountingStore } from "./counting-store.ts"
import { CrashError, CrashingStore } from "./crashing-store.ts"
import { FailingStore } from "./failing-store.ts"
import { FaultError, FaultyStore } from "./faulty-store.ts"

const bytes = (...values: number[]) => new Uint8Array(values)
const put = (key: number, value: number): WriteOp => ({
  type: "put",
  key: bytes(key),
  value: bytes(value),
})
const ALL = { gte: bytes(0), lt: bytes(255) }

/** The entries as `key:value`, both of one byte. */
async function contentOf(store: Store): Promise<string> {
  await store.open()
  const entries: string[] = []
  for await (const batch of store.scan(ALL)) {
    for (const { key, value } of batch) entries.push(`${key[0]}:${value[0]}`)
  }
  await store.close()
  return entries.join(" ")
}

async function opened<S extends Store>(store: S): Promise<S> {
  await store.open()
  return store
}

describe("CrashingStore", () => {
  it("keeps what was durable and any prefix of what came later", async () => {
    const store = await opened(new CrashingStore())
    await store.write([put(1, 1)], { durable: false })
    await store.write([put(2, 1)], { durable: true })
    await store.write([put(1, 2)], { durable: false })
    await store.write([put(3, 1), { type: "delete", key: bytes(2) }], { durable: false })
    expect(store.get(bytes(3))).toEqual(bytes(1))
    expect(store.pending).toBe(2)
    expect(await contentOf(await store.afterCrash(0))).toBe("1:1 2:1")
    expect(await contentOf(await store.afterCrash(1))).toBe("1:2 2:1")
    expect(await contentOf(await store.afterCrash())).toBe("1:2 3:1")
  })

  it("dies at an operation, which is carried out or not but never acknowledged", async () => {
    for (const applied of [false, true]) {
      const store = await opened(new CrashingStore({ crashAt: 2, applied }))
      await store.write([put(1, 1)], { durable: false })
      await expect(store.write([put(2, 1)], { durable: true })).rejects.toThrow(CrashError)
      expect(() => store.get(bytes(1))).toThrow(CrashError)
      await expect(store.write([], { durable: false })).rejects.toThrow(CrashError)
      await expect(store.scan(ALL).next()).rejects.toThrow(CrashError)
      expect(store.crashed).toBe(true)
      expect(store.operations).toBe(2)
      expect(await contentOf(await store.afterCrash(0))).toBe("")
      expect(await contentOf(await store.afterCrash())).toBe(applied ? "1:1 2:1" : "1:1")
      await store.close()
    }
  })

  it("dies inside a deleteRange", async () => {
    const image = await opened(new MemoryStore())
    await image.write([1, 2, 3, 4, 5, 6, 7].map((key) => put(key, 1)))
    await image.close()
    const store = await opened(new CrashingStore({ crashAt: 2 }, image))
    await expect(store.deleteRange({ gte: bytes(1), lt: bytes(7) })).rejects.toThrow(CrashError)
    expect(await contentOf(await store.afterCrash())).toBe("4:1 5:1 6:1 7:1")
    expect(await contentOf(await store.afterCrash(0))).toBe("1:1 2:1 3:1 4:1 5:1 6:1 7:1")
  })

  it("copies what it remembers", async () => {
    const store = await opened(new CrashingStore())
    const key = bytes(1)
    const value = bytes(1)
    await store.write([{ type: "put", key, value }], { durable: false })
    key.fill(9)
    value.fill(9)
    expect(await contentOf(await store.afterCrash())).toBe("1:1")
  })
})

describe("FailingStore", () => {
  it("fails from a write on, or once, and leaves nothing of it", async () => {
    for (const [once, expected] of [
      [true, "1:1 3:1"],
      [false, "1:1"],
    ] as const) {
      const store = await opened(new FailingStore(new MemoryStore(), { failAt: 2, once }))
      await store.write([put(1, 1)], { durable: false })
      await expect(store.write([put(2, 1)], { durable: false })).rejects.toThrow("ENOSPC")
      expect(await store.get(bytes(1))).toEqual(bytes(1))
      const third = store.write([put(3, 1)], { durable: false })
      if (once) await third
      else await expect(third).rejects.toThrow("ENOSPC")
      expect(store.writes).toBe(3)
      await store.close()
      expect(await contentOf(store)).toBe(expected)
    }
  })
})

describe("FaultyStore", () => {
  it("fails one call, all of its kind, or all calls from then on", async () => {
    for (const [lasts, expected] of [
      ["once", "write get write"],
      ["kind", "write get"],
      ["all", "write"],
    ] as const) {
      const store = await opened(new FaultyStore(new MemoryStore(), { failAt: 3, lasts }))
      const done: string[] = []
      const attempt = async (name: string, call: () => unknown) => {
        try {
          await call()
          done.push(name)
        } catch (error) {
          expect(error).toBeInstanceOf(FaultError)
        }
      }
      const write = () => store.write([put(1, 1)], { durable: true })
      await attempt("write", write)
      await attempt("write", write)
      await attempt("get", () => store.get(bytes(1)))
      await attempt("write", write)
      expect(done.join(" ")).toBe(expected)
      expect(store.failed).toBe("write")
      expect(store.calls).toEqual(["open", "write", "write", "get", "write"])
    }
  })

  it("counts calls of some kinds only, and batches of a scan", async () => {
    const image = await opened(new MemoryStore())
    await image.write([1, 2, 3].map((key) => put(key, key)))
    await image.close()
    const store = new FaultyStore(image, { failAt: 3, lasts: "once", kinds: ["scan"] })
    await store.open()
    const keys: number[] = []
    await expect(async () => {
      for await (const batch of store.scan(ALL)) keys.push(...batch.map(({ key }) => key[0]))
    }).rejects.toThrow(FaultError)
    expect(keys).toEqual([1, 2])
  })

  it("carries out a write that fails, or not", async () => {
    for (const applied of [false, true]) {
      const image = new MemoryStore()
      const store = await opened(new FaultyStore(image, { failAt: 2, lasts: "once", applied }))
      await expect(store.write([put(1, 1)], { durable: true })).rejects.toThrow(FaultError)
      await store.close()
      expect(await contentOf(image)).toBe(applied ? "1:1" : "")
    }
  })
})

describe("CountingStore", () => {
  it("counts calls, keys and bytes", async () => {
    const store = await opened(new CountingStore(new MemoryStore()))
    await store.write([put(1, 1), { type: "delete", key: bytes(2) }], { durable: true })
    await store.write([put(2, 1)], { durable: false })
    await store.get(bytes(1))
    await store.getMany([bytes(2), bytes(3)])
    await store.deleteRange({ gte: bytes(2), lt: bytes(3) })
    for await (const _ of store.scan(ALL)) {
    }
    expect(store.reset()).toEqual({
      gets: 1,
      getManys: 1,
      scans: 1,
      entriesScanned: 1,
      writes: 2,
      durableWrites: 1,
      puts: 2,
      deletes: 1,
      bytesWritten: 5,
      deleteRanges: 1,
      keysRead: [bytes(1), bytes(2), bytes(3)],
    })
    expect(store.counts.gets).toBe(0)
  })
})

describe("AsyncStore", () => {
  it("keeps the order of writes while answers overtake one another", async () => {
    const orders = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const store = await opened(new AsyncStore(new MemoryStore(), seededDelay(seed)))
      const order: number[] = []
      await Promise.all(
        [1, 2, 3, 4].map(async (n) => {
          await store.write([put(1, n)], { durable: false })
          order.push(n)
        }),
      )
      orders.add(order.join(" "))
      expect(store.capabilities.syncReads).toBe(false)
      const read = store.get(bytes(1))
      expect(read).toBeInstanceOf(Promise)
      expect(await read).toEqual(bytes(4))
      expect(await store.getMany([bytes(1), bytes(2)])).toEqual([bytes(4), undefined])
      await store.close()
      expect(await contentOf(store)).toBe("1:4")
    }
    expect(orders.size).toBeGreaterThan(1)
  })
})

describe("LateStore", () => {
  it("reads synchronously what late writes have brought", async () => {
    const store = await opened(new LateStore(new MemoryStore(), seededDelay(1)))
    const writes = [1, 2].map((n) => store.write([put(1, n)], { durable: false }))
    expect(store.capabilities.syncReads).toBe(true)
    expect(store.get(bytes(1))).toBeUndefined()
    await Promise.all(writes)
    expect(store.get(bytes(1))).toEqual(bytes(2))
    await store.close()
  })
})

describe("flipBit", () => {
  it("flips exactly one bit", async () => {
    const store = await opened(new MemoryStore())
    await store.write([put(1, 0b1000)])
    await flipBit(store, bytes(1), 3)
    expect(store.get(bytes(1))).toEqual(bytes(0))
    await expect(flipBit(store, bytes(1), 8)).rejects.toThrow(RangeError)
    await expect(flipBit(store, bytes(2), 0)).rejects.toThrow()
  })
})
