import { expect } from "vitest"
import { feature } from "../scenario.ts"
import { bytes, del, entriesOf, noise, numbered, put, text } from "../support/entries.ts"

export const concurrency = feature("concurrency", {
  "overlapping writes take effect in the order of their calls": async (fixture) => {
    const store = await fixture.open()
    const writes: Promise<void>[] = []
    for (let n = 1; n <= 200; n++) {
      const ops = [put(bytes(1), numbered(n)), put(numbered(n), bytes(n))]
      if (n % 3 === 0) ops.push(del(numbered(n - 1)))
      // Durable ones and large ones among quick ones.
      if (n % 7 === 0) ops.push(put(bytes(2), noise(100_000, n)))
      writes.push(store.write(ops, { durable: n % 5 === 0 }))
      if (n % 40 === 0) await writes[n - 20]
    }
    await Promise.all(writes)
    expect(text(await store.get(bytes(1)))).toBe(text(numbered(200)))
    const left = Array.from({ length: 200 }, (_, i) => i + 1).filter(
      (n) => n % 3 !== 2 || n === 200,
    )
    expect((await entriesOf(store)).map(({ key }) => text(key))).toEqual([
      text(bytes(1)),
      ...left.map((n) => text(numbered(n))),
      text(bytes(2)),
    ])
  },

  "each of 50 callers reads what it wrote": async (fixture) => {
    const store = await fixture.open()
    const own = (caller: number, n: number) => numbered((caller + 1) * 1_000 + n)
    await Promise.all(
      Array.from({ length: 50 }, async (_, caller) => {
        for (let n = 0; n < 20; n++) {
          const value = noise(10 + caller * n, caller * 100 + n)
          const ops = [put(own(caller, n), value)]
          if (n > 2) ops.push(del(own(caller, n - 3)))
          await store.write(ops, { durable: false })
          const [gone, here] = await store.getMany([own(caller, n - 3), own(caller, n)])
          expect([text(gone), text(here)]).toEqual(["none", text(value)])
          expect(text(await store.get(own(caller, n)))).toBe(text(value))
          const range = { gte: own(caller, 0), lt: own(caller + 1, 0) }
          expect(await entriesOf(store, range)).toHaveLength(Math.min(n + 1, 3))
        }
      }),
    )
    expect(await entriesOf(store)).toHaveLength(150)
  },

  "overlapping reads get values of their own": async (fixture) => {
    const store = await fixture.open()
    const keys = Array.from({ length: 200 }, (_, i) => numbered(i))
    await store.write(
      keys.map((key, i) => put(key, noise(i * 7, i))),
      { durable: false },
    )
    const expected = keys.map((_, i) => text(noise(i * 7, i)))
    const [one, many] = await Promise.all([
      Promise.all(keys.map((key) => store.get(key))),
      Promise.all(keys.map((_, i) => store.getMany(keys.slice(i)))),
    ])
    expect(one.map(text)).toEqual(expected)
    for (const [i, values] of many.entries()) expect(values.map(text)).toEqual(expected.slice(i))
  },

  "calls of every kind may overlap": async (fixture) => {
    const store = await fixture.open()
    const old = Array.from({ length: 600 }, (_, i) => put(numbered(i), noise(100, i)))
    await store.write(old, { durable: false })
    for (let round = 0; round < 10; round++) {
      const range = { gte: numbered(0), lt: numbered(600), reverse: round % 2 === 1 }
      const scan = store.scan(range)[Symbol.asyncIterator]()
      const seen: string[] = []
      for (let next = scan.next(); ; next = scan.next()) {
        // All of them begin before the batch is there.
        const other = numbered(1_000 + round)
        const calls = [
          store.write([put(other, bytes(round))], { durable: round % 3 === 0 }),
          store.get(numbered(7)),
          store.getMany([numbered(8), numbered(2_000)]),
          store.sizeOnDisk(),
          store.deleteRange({ gte: numbered(900), lt: numbered(1_000) }),
          entriesOf(store, { gte: numbered(10), lt: numbered(20) }),
        ] as const
        const [, one, many, size, , some] = await Promise.all(calls)
        expect([text(one), ...many.map(text)]).toEqual([
          text(noise(100, 7)),
          text(noise(100, 8)),
          "none",
        ])
        expect(size).toBeGreaterThan(0)
        expect(some).toHaveLength(10)
        const { value, done } = await next
        if (done) break
        seen.push(...value.map(({ key }) => text(key)))
        expect(text(await store.get(other))).toBe(text(bytes(round)))
      }
      const expected = old.map(({ key }) => text(key))
      expect(seen).toEqual(range.reverse ? expected.reverse() : expected)
    }
  },
})
