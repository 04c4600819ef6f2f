import { expect } from "vitest"
import type { Fixture } from "../fixture.ts"
import { feature } from "../scenario.ts"
import {
  ALL,
  bytes,
  del,
  entriesOf,
  noise,
  numbered,
  put,
  text,
  texts,
} from "../support/entries.ts"
import { outcomeOf } from "../support/outcome.ts"

const CLOSED = "TIERDEX_CLOSED"

export const lifecycle = feature("reopening", {
  "finds what was there, as it was": async (fixture) => {
    const place = await fixture.newPlace()
    const first = await fixture.open(place)
    const large = noise(1 << 20, 1)
    await first.write(
      [put(bytes(0), bytes()), put(numbered(1), large), put(numbered(2), bytes(2))],
      { durable: false },
    )
    await first.write([put(numbered(3), bytes(3)), del(numbered(2))], { durable: true })
    await first.write([put(new Uint8Array(64).fill(0xfe), bytes(4))], { durable: false })
    const entries = texts(await entriesOf(first))
    expect(entries).toHaveLength(4)
    await first.close()
    const second = await fixture.open(place)
    expect(texts(await entriesOf(second))).toEqual(entries)
    expect(text(await second.get(numbered(1)))).toBe(text(large))
    expect(text(await second.get(numbered(2)))).toBe("none")
  },

  "ten times over, each with writes and deleted ranges": async (fixture) => {
    const place = await fixture.newPlace()
    for (let round = 0; round < 10; round++) {
      const store = await fixture.open(place)
      const keys = (await entriesOf(store)).map(({ key }) => text(key))
      const expected = Array.from({ length: round * 50 }, (_, i) => i).filter((n) => n % 50 >= 10)
      expect(keys).toEqual(expected.map((n) => text(numbered(n))))
      const ops = Array.from({ length: 50 }, (_, i) => put(numbered(round * 50 + i), bytes(i)))
      await store.write(ops, { durable: round % 2 === 0 })
      await store.deleteRange({ gte: numbered(round * 50), lt: numbered(round * 50 + 10) })
      await store.close()
    }
  },
})

export const closing = feature("close", {
  "waits for the writes that were called before": async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    const writes = Array.from({ length: 5 }, (_, n) =>
      store.write([put(numbered(n), noise(100_000, n))], { durable: n % 2 === 1 }),
    )
    const closing = store.close()
    expect((await Promise.allSettled(writes)).map(({ status }) => status)).toEqual(
      writes.map(() => "fulfilled"),
    )
    await closing
    expect(await entriesOf(await fixture.open(place))).toHaveLength(5)
  },

  "does nothing the second time": async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    await store.write([put(bytes(1), bytes(1))], { durable: false })
    await Promise.all([store.close(), store.close()])
    await expect(store.close()).resolves.toBeUndefined()
    if (place.files !== undefined) {
      // Nor to another owner.
      const second = await fixture.open(place)
      await store.close()
      await second.write([put(bytes(2), bytes(2))], { durable: false })
      expect(await entriesOf(second)).toHaveLength(2)
    }
  },

  "is quiet about a store that was never open": async (fixture) => {
    const place = await fixture.newPlace()
    const store = place.store()
    await expect(store.close()).resolves.toBeUndefined()
    await expect(store.close()).resolves.toBeUndefined()
  },

  "refuses every call that comes after": async (fixture) => {
    const store = await openWithEntries(fixture, 10)
    const closing = store.close()
    for (let round = 0; round < 2; round++) {
      for (const call of [
        () => store.get(numbered(1)),
        () => store.getMany([numbered(1)]),
        () => store.scan(ALL)[Symbol.asyncIterator]().next(),
        () => store.write([put(numbered(1), bytes(2))], { durable: false }),
        () => store.write([], { durable: true }),
        () => store.deleteRange(ALL),
        () => store.sizeOnDisk(),
      ]) {
        expect(await outcomeOf((async () => call())()), String(call)).toBe(CLOSED)
      }
      await closing
    }
  },

  "ends a scan that is under way, which cannot be taken for a whole one": async (fixture) => {
    for (const reverse of [false, true]) {
      const store = await openWithEntries(fixture, 20_000)
      const scan = store.scan({ ...ALL, reverse })[Symbol.asyncIterator]()
      const first = await scan.next()
      expect(first.value?.length).toBeLessThan(20_000)
      await store.close()
      const goesOn = async () => {
        // Batches that were read before may still come; not the end.
        for (let next = await scan.next(); !next.done; next = await scan.next());
      }
      expect(await outcomeOf(goesOn())).toBe(CLOSED)
    }
  },

  "ends a deleteRange that is under way, to be repeated": async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    const ops = Array.from({ length: 20_000 }, (_, i) => put(numbered(i), bytes(1)))
    await store.write(ops, { durable: false })
    const outcome = outcomeOf(store.deleteRange({ gte: numbered(10), lt: ALL.lt }))
    await store.close()
    expect(["done", CLOSED]).toContain(await outcome)
    const second = await fixture.open(place)
    expect(text(await second.get(numbered(9)))).toBe("01")
    await second.deleteRange({ gte: numbered(10), lt: ALL.lt })
    expect(await entriesOf(second)).toHaveLength(10)
  },
})

async function openWithEntries(fixture: Fixture, count: number) {
  const store = await fixture.open()
  const ops = Array.from({ length: count }, (_, i) => put(numbered(i), bytes(1)))
  await store.write(ops, { durable: false })
  return store
}
