import { expect } from "vitest"
import { feature } from "../scenario.ts"
import { bytes, del, entriesOf, numbered, put, text, texts } from "../support/entries.ts"

export const reads = feature("reads", {
  "see a write once its promise resolves": async (fixture) => {
    const store = await fixture.open()
    for (let n = 1; n <= 100; n++) {
      const ops = [put(bytes(1), numbered(n)), put(numbered(n), bytes(n)), del(numbered(n - 1))]
      await store.write(ops, { durable: n % 10 === 0 })
      // Each way of reading in its turn is the first to look.
      const looks = [
        async () => expect(text(await store.get(bytes(1)))).toBe(text(numbered(n))),
        async () => {
          const read = await store.getMany([numbered(n - 1), numbered(n)])
          expect(read.map(text)).toEqual(["none", text(bytes(n))])
        },
        async () => {
          const entries = texts(await entriesOf(store))
          expect(entries).toEqual([
            `01: ${text(numbered(n))}`,
            `${text(numbered(n))}: ${text(bytes(n))}`,
          ])
        },
      ]
      for (let i = 0; i < looks.length; i++) await looks[(n + i) % looks.length]()
    }
  },

  "of many keys answer in their order, with gaps and repeats": async (fixture) => {
    const store = await fixture.open()
    await store.write(
      [put(bytes(1), bytes(10)), put(bytes(3), bytes()), put(bytes(5), bytes(50))],
      {
        durable: false,
      },
    )
    const asked = [5, 2, 1, 3, 5, 5, 4, 1].map((byte) => bytes(byte))
    const expected = ["32", "none", "0a", "empty", "32", "32", "none", "0a"]
    expect((await store.getMany(asked)).map(text)).toEqual(expected)
    expect(await store.getMany([])).toEqual([])
    expect((await store.getMany([bytes(4)])).map(text)).toEqual(["none"])
  },

  "of 10,000 keys at once": async (fixture) => {
    const store = await fixture.open()
    const keys = Array.from({ length: 10_000 }, (_, i) => numbered((i * 7_919) % 10_000))
    await store.write(
      keys.filter((_, i) => i % 3 > 0).map((key) => put(key, key)),
      { durable: false },
    )
    const expected = keys.map((key, i) => (i % 3 > 0 ? text(key) : "none"))
    expect((await store.getMany(keys)).map(text)).toEqual(expected)
  },
})
