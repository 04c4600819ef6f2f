import { expect } from "vitest"
import { feature } from "../scenario.ts"
import { ALL, bytes, entriesOf, put, text, texts } from "../support/entries.ts"
import { SortedModel } from "../support/sorted-model.ts"

export const keys = feature("keys", {
  "order as bytes, in both directions": async (fixture) => {
    const store = await fixture.open()
    const model = new SortedModel()
    // In an order that no engine gives back: the greatest last byte first.
    const keys = [...everyShortKey(), ...longKeys()].sort(
      (a, b) => b[b.length - 1] - a[a.length - 1],
    )
    const ops = keys.map((key, i) => put(key, bytes(i, i >>> 8)))
    await store.write(ops, { durable: false })
    model.write(ops)
    for (const reverse of [false, true]) {
      expect(texts(await entriesOf(store, { ...ALL, reverse }))).toEqual(
        texts(model.scan({ ...ALL, reverse })),
      )
    }
  },

  "of 1 to 64 bytes are told apart, to the last byte": async (fixture) => {
    const store = await fixture.open()
    const keys: Uint8Array[] = []
    for (let length = 1; length <= 64; length++) {
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        const key = new Uint8Array(length).fill(0xaa)
        key[length - 1] = byte
        keys.push(key, new Uint8Array(length).fill(byte))
      }
    }
    // Of one byte there are no two of each.
    const distinct = [...new Map(keys.map((key) => [text(key), key])).values()]
    await store.write(
      distinct.map((key, i) => put(key, bytes(i, i >>> 8))),
      { durable: false },
    )
    const expected = distinct.map((_, i) => text(bytes(i, i >>> 8)))
    expect((await store.getMany(distinct)).map(text)).toEqual(expected)
    for (const [i, key] of distinct.entries()) expect(text(await store.get(key))).toBe(expected[i])
    // What was not written is near to what was.
    for (const key of [bytes(2), bytes(0xaa, 2), new Uint8Array(63).fill(0xaa)]) {
      expect(text(await store.get(key))).toBe("none")
    }
  },
})

/** Every string of 1 to 3 of these bytes: prefixes of one another, with both ends of a byte. */
function everyShortKey(): Uint8Array[] {
  const edges = [0, 1, 0x7f, 0x80, 0xff]
  const one = edges.map((byte) => [byte])
  const two = one.flatMap((key) => edges.map((byte) => [...key, byte]))
  const three = two.flatMap((key) => edges.map((byte) => [...key, byte]))
  return [...one, ...two, ...three].map((key) => new Uint8Array(key))
}

/** Alike for 8 to 63 bytes, then different; and text that UTF-16 orders otherwise. */
function longKeys(): Uint8Array[] {
  const alike = [8, 9, 16, 31, 32, 63].flatMap((length) =>
    [0, 0x41, 0xfe].map((byte) => {
      const key = new Uint8Array(length + 1).fill(0x61)
      key[length] = byte
      return key
    }),
  )
  const texts = ["\u{10000}", "\uffff", "\ud7ff", "é", "z"].map((t) => new TextEncoder().encode(t))
  return [...alike, ...texts]
}
