import fc from "fast-check"
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
import { batches as generated, ranges } from "../support/generate.ts"
import { SortedModel } from "../support/sorted-model.ts"

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ops: generated }) },
  { weight: 1, arbitrary: ranges },
)

export const batches = feature("batches", {
  "and deleted ranges leave what a sorted map would hold": async (fixture) => {
    const store = await fixture.open()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        await store.deleteRange(ALL)
        const model = new SortedModel()
        const asked: Uint8Array[] = []
        for (const one of steps) {
          if ("ops" in one) {
            await store.write(one.ops, { durable: false })
            model.write(one.ops)
            asked.push(...one.ops.map(({ key }) => key))
          } else {
            await store.deleteRange(one)
            model.deleteRange(one)
            asked.push(one.gte)
          }
        }
        expect(texts(await entriesOf(store))).toEqual(texts(model.scan(ALL)))
        const expected = asked.map((key) => text(model.get(key)))
        expect((await store.getMany(asked)).map(text)).toEqual(expected)
      }),
      fixture.effort(0.5),
    )
  },

  "keep to the order of their operations, of which the later wins": async (fixture) => {
    const store = await fixture.open()
    const [k, other] = [bytes(9), bytes(8)]
    const write = (...ops: Parameters<typeof store.write>[0]) =>
      store.write(ops, { durable: false })
    await write(put(k, bytes(1)), del(k), put(k, bytes(2)), put(other, bytes(3)))
    expect(texts(await entriesOf(store))).toEqual(["08: 03", "09: 02"])
    await write(put(k, bytes(3)), del(other), del(k))
    expect(texts(await entriesOf(store))).toEqual([])
    await write(put(k, bytes(4)), put(k, bytes(5)), del(other), put(other, bytes(6)))
    expect(texts(await entriesOf(store))).toEqual(["08: 06", "09: 05"])
    await write(del(k), del(bytes(7)), put(k, bytes(7)))
    expect(texts(await entriesOf(store))).toEqual(["08: 06", "09: 07"])
  },

  "are written to their last operation, of any length": async (fixture) => {
    const store = await fixture.open()
    let n = 0
    for (const length of [1, 2, 3, 7, 8, 9, 31, 32, 33, 100, 999, 1_000, 1_001, 5_000]) {
      const ops = Array.from({ length }, (_, i) => put(numbered(n + i), bytes(length)))
      await store.write(ops, { durable: false })
      n += length
      expect(text(await store.get(numbered(n - 1)))).toBe(text(bytes(length)))
    }
    expect(await entriesOf(store)).toHaveLength(n)
  },

  "may be empty": async (fixture) => {
    const store = await fixture.open()
    await store.write([], { durable: false })
    await store.write([put(bytes(1), bytes(1))], { durable: false })
    await store.write([], { durable: true })
    expect(texts(await entriesOf(store))).toEqual(["01: 01"])
  },

  "of 100,000 operations": async (fixture) => {
    const store = await fixture.open()
    const all = Array.from({ length: 80_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    const some = Array.from({ length: 20_000 }, (_, i) => del(numbered(i * 4)))
    await store.write([...all, ...some], { durable: false })
    const keys = (await entriesOf(store)).map(({ key }) => text(key))
    expect(keys).toEqual(all.filter((_, i) => i % 4 > 0).map(({ key }) => text(key)))
    expect(text(await store.get(numbered(77_777)))).toBe(text(bytes(77_777, 77_777 >>> 8)))
  },

  "of 16 MiB": async (fixture) => {
    const store = await fixture.open()
    const value = noise(1 << 20, 7)
    const ops = Array.from({ length: 16 }, (_, i) => put(numbered(i), value))
    await store.write(ops, { durable: false })
    expect(texts(await entriesOf(store))).toEqual(
      ops.map(({ key }) => `${text(key)}: ${text(value)}`),
    )
  },
})
