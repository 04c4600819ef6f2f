import { nextTurn } from "@tierdex/core/adapter"
import fc from "fast-check"
import { expect } from "vitest"
import { feature } from "../scenario.ts"
import { ALL, bytes, del, entriesOf, numbered, put, text, texts } from "../support/entries.ts"
import { batches, scans as options } from "../support/generate.ts"
import { SortedModel } from "../support/sorted-model.ts"

export const scans = feature("scans", {
  "take any bounds, direction and limit": async (fixture) => {
    const store = await fixture.open()
    const asked = fc.array(options, { minLength: 10, maxLength: 40, size: "max" })
    await fc.assert(
      fc.asyncProperty(batches, asked, async (ops, all) => {
        const model = new SortedModel()
        await store.write([...(await entriesOf(store)).map(({ key }) => del(key)), ...ops], {
          durable: false,
        })
        model.write(ops)
        for (const each of all) {
          expect(texts(await entriesOf(store, each))).toEqual(texts(model.scan(each)))
        }
      }),
      fixture.effort(0.5),
    )
  },

  "come in batches, every entry once": async (fixture) => {
    const store = await fixture.open()
    const ops = Array.from({ length: 12_345 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write([...ops].reverse(), { durable: false })
    const expected = ops.map(({ key }) => text(key))
    const keys = async (extra: object) =>
      (await entriesOf(store, { ...ALL, ...extra })).map(({ key }) => text(key))
    expect(await keys({})).toEqual(expected)
    expect(await keys({ reverse: true })).toEqual(expected.toReversed())
    expect(await keys({ limit: 12_344 })).toEqual(expected.slice(0, 12_344))
    expect(await keys({ reverse: true, limit: 5_000 })).toEqual(
      expected.toReversed().slice(0, 5_000),
    )
    const inner = { gte: numbered(7), lt: numbered(12_340) }
    expect(await keys(inner)).toEqual(expected.slice(7, 12_340))
    expect(await keys({ ...inner, reverse: true })).toEqual(expected.slice(7, 12_340).reverse())
  },

  "of nothing have no batches": async (fixture) => {
    const store = await fixture.open()
    const batchesOf = async (gte: Uint8Array, lt: Uint8Array) => {
      const found: number[] = []
      for await (const batch of store.scan({ gte, lt })) found.push(batch.length)
      for await (const batch of store.scan({ gte, lt, reverse: true })) found.push(batch.length)
      return found
    }
    expect(await batchesOf(ALL.gte, ALL.lt)).toEqual([])
    await store.write([put(numbered(5), bytes(1))], { durable: false })
    expect(await batchesOf(numbered(1), numbered(5))).toEqual([])
    expect(await batchesOf(numbered(6), numbered(9))).toEqual([])
    expect(await batchesOf(numbered(5), numbered(5))).toEqual([])
    expect(await batchesOf(numbered(9), numbered(1))).toEqual([])
    expect(await batchesOf(numbered(5), numbered(6))).toEqual([1, 1])
  },

  "may be left early": async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    const ops = Array.from({ length: 5_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write(ops, { durable: false })
    for (let n = 0; n < 300; n++) {
      const scan = store.scan({ ...ALL, reverse: n % 2 === 1 })
      if (n % 3 === 0) for await (const _ of scan) break
      else if (n % 3 === 1) await scan[Symbol.asyncIterator]().next()
      // A third of them is not even begun.
      else scan[Symbol.asyncIterator]()
      if (n % 50 === 0) await store.write([put(numbered(n), bytes(9))], { durable: false })
    }
    expect(await entriesOf(store)).toHaveLength(5_000)
    await store.deleteRange({ gte: numbered(10), lt: ALL.lt })
    expect(await entriesOf(store)).toHaveLength(10)
    await store.close()
    expect(await entriesOf(await fixture.open(place))).toHaveLength(10)
  },

  "go on while other keys are written": async (fixture) => {
    const store = await fixture.open()
    const ops = Array.from({ length: 6_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write(ops, { durable: false })
    for (const reverse of [false, true]) {
      const seen: string[] = []
      const range = { gte: numbered(1_000), lt: numbered(5_000), reverse }
      for await (const batch of store.scan(range)) {
        seen.push(...batch.map(({ key }) => text(key)))
        const n = seen.length
        const others = [put(numbered(n % 1_000), bytes(n)), put(numbered(7_000 + n), bytes(1))]
        await store.write([...others, del(numbered(5_000 + (n % 1_000)))], { durable: false })
      }
      const expected = ops.slice(1_000, 5_000).map(({ key }) => text(key))
      expect(seen).toEqual(reverse ? expected.reverse() : expected)
    }
  },

  "may overlap": async (fixture) => {
    const store = await fixture.open()
    const ops = Array.from({ length: 3_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write(ops, { durable: false })
    const scanned = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        for (let turn = 0; turn < n; turn++) await nextTurn()
        const range = { gte: numbered(n * 100), lt: numbered(3_000 - n), reverse: n % 2 === 1 }
        return (await entriesOf(store, range)).map(({ key }) => text(key))
      }),
    )
    for (const [n, keys] of scanned.entries()) {
      const expected = ops.slice(n * 100, 3_000 - n).map(({ key }) => text(key))
      expect(keys).toEqual(n % 2 === 1 ? expected.reverse() : expected)
    }
  },
})
