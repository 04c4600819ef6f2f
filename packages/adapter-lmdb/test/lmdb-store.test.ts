import { join } from "node:path"
import { ALL, bytes, entriesOf, numbered, put } from "@tierdex/conformance"
import { describe, expect, it } from "vitest"
import { openStore, tempFolder } from "./support/temp.ts"

// What is particular to this store; `conformance.test.ts` has what is asked of every one.
describe("lmdbStore", () => {
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

  it("takes any kind of buffer and hands out plain arrays, also past the first mapping", async () => {
    const store = await openStore({ mapSizeBytes: 1 << 20 })
    const size = 100_000
    const expected = new Uint8Array(size).map((_, i) => i * 7)
    const read: (Uint8Array | undefined)[] = []
    for (const value of [
      expected.slice(),
      Buffer.from(expected),
      new Uint8Array(new SharedArrayBuffer(size + 8), 8),
      new Uint8Array(size + 16).subarray(16),
    ]) {
      value.set(expected)
      await store.write([put(bytes(1, 2), value)], { durable: false })
      read.push(await store.get(bytes(1, 2)), ...(await store.getMany([bytes(1, 2)])))
      read.push(...(await entriesOf(store)).map((entry) => entry.value))
    }
    for (let n = 0; n < 40; n++) {
      await store.write([put(bytes(1, 2), new Uint8Array(1 << 20).fill(n))], { durable: false })
    }
    expect(read).toHaveLength(12)
    for (const array of read) {
      expect(array?.constructor).toBe(Uint8Array)
      expect(Buffer.compare(array ?? bytes(), expected)).toBe(0)
    }
  })

  it("makes the folders on the way to its file", async () => {
    const path = join(await tempFolder(), "made/on/the/way/store.mdb")
    const first = await openStore({ path })
    await first.write([put(bytes(0), bytes(1))], { durable: false })
    await first.close()
    const second = await openStore({ path, mapSizeBytes: 1 << 26 })
    expect(await entriesOf(second)).toEqual([{ key: bytes(0), value: bytes(1) }])
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
