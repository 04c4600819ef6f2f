import { expect } from "vitest"
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

const SIZES = [1, 40, 5_000, 70_000]

export const ownership = feature("ownership", {
  "arrays that were passed in are the caller's again": async (fixture) => {
    const store = await fixture.open()
    const expected: string[] = []
    // One key and one value, used again and again.
    const key = numbered(0)
    for (const [n, size] of SIZES.entries()) {
      const value = noise(size, n)
      key.set(numbered(n))
      const ops = [put(key, value), del(numbered(100 + n))]
      await store.write(ops, { durable: n % 2 === 0 })
      expected.push(`${text(key)}: ${text(value)}`)
      key.fill(9)
      value.fill(9)
      ops.length = 0
    }
    expect(texts(await entriesOf(store))).toEqual(expected)
    const range = { gte: numbered(1), lt: numbered(3) }
    await store.deleteRange(range)
    range.gte.fill(0)
    range.lt.fill(0xff)
    expect(texts(await entriesOf(store))).toEqual([expected[0], expected[3]])
  },

  "arrays that were passed in are not changed": async (fixture) => {
    const store = await fixture.open()
    const keys = [numbered(3), numbered(1), numbered(2), numbered(1)]
    const entries = keys.map((key, n) => ({ key, value: noise(SIZES[n], n) }))
    const before = texts(entries)
    const ops = entries.map(({ key, value }) => put(key, value))
    const order = [...ops]
    await store.write(ops, { durable: false })
    await store.getMany(keys)
    await store.get(keys[0])
    await entriesOf(store, { gte: keys[1], lt: keys[0], reverse: true })
    await store.deleteRange({ gte: keys[1], lt: keys[0] })
    expect(texts(entries)).toEqual(before)
    expect(ops.map((op) => order.indexOf(op))).toEqual([0, 1, 2, 3])
    expect(keys.map(text)).toEqual([3, 1, 2, 1].map((n) => text(numbered(n))))
  },

  "arrays that were handed out never change": async (fixture) => {
    const place = await fixture.newPlace()
    const store = await fixture.open(place)
    const entries = SIZES.map((size, n) => ({ key: numbered(n), value: noise(size, n) }))
    await store.write(
      entries.map(({ key, value }) => put(key, value)),
      { durable: false },
    )
    const keys = entries.map(({ key }) => key)
    const one: (Uint8Array | undefined)[] = []
    for (const key of keys) one.push(await store.get(key))
    const many = await store.getMany(keys)
    const scanned = await entriesOf(store)
    const reversed = await entriesOf(store, { ...ALL, reverse: true })
    // Other reads, other values under the same keys, no values at all, another opener.
    for (let round = 1; round <= 10; round++) {
      await store.write(
        keys.map((key, n) => put(key, noise(SIZES[n], 100 * round + n))),
        { durable: false },
      )
      for (const key of keys) await store.get(key)
      await store.getMany(keys)
      await entriesOf(store)
    }
    await store.deleteRange(ALL)
    await store.write([put(bytes(7), noise(1 << 20, 5))], { durable: true })
    await store.close()
    await fixture.open(place)
    const expected = entries.map(({ value }) => text(value))
    expect(one.map(text)).toEqual(expected)
    expect(many.map(text)).toEqual(expected)
    expect(texts(scanned)).toEqual(texts(entries))
    expect(texts(reversed)).toEqual(texts(entries.toReversed()))
  },

  "arrays that were handed out are the receiver's to write to": async (fixture) => {
    const store = await fixture.open()
    const entries = SIZES.map((size, n) => ({ key: numbered(n), value: noise(size, n) }))
    const keys = entries.map(({ key }) => key)
    await store.write(
      entries.map(({ key, value }) => put(key, value)),
      { durable: false },
    )
    const [first, again] = [await store.get(keys[1]), await store.get(keys[1])]
    first?.fill(0)
    expect(text(again)).toBe(text(entries[1].value))
    for (const key of keys) (await store.get(key))?.fill(1)
    for (const value of await store.getMany(keys)) value?.fill(2)
    for (const { key, value } of await entriesOf(store)) {
      key.fill(3)
      value.fill(3)
    }
    expect(texts(await entriesOf(store))).toEqual(texts(entries))
    expect((await store.getMany(keys)).map(text)).toEqual(entries.map(({ value }) => text(value)))
  },
})
