import { expect } from "vitest"
import { feature } from "../scenario.ts"
import { bytes, entriesOf, noise, numbered, put, text, texts } from "../support/entries.ts"

const MIB = 1 << 20

/** Around the sizes at which engines change how they store a value. */
const SIZES = [0, 1, 2, 127, 128, 511, 2_047, 4_072, 4_096, 16_360, 65_535, 65_536, MIB - 1, MIB]

export const values = feature("values", {
  "of 0 bytes to 1 MiB come back as they were": async (fixture) => {
    const store = await fixture.open()
    const entries = SIZES.map((size, i) => ({ key: numbered(i), value: noise(size, size) }))
    for (const { key, value } of entries) {
      await store.write([put(key, value)], { durable: false })
      expect(text(await store.get(key))).toBe(text(value))
    }
    const read = await store.getMany(entries.map(({ key }) => key))
    expect(read.map(text)).toEqual(entries.map(({ value }) => text(value)))
    expect(texts(await entriesOf(store))).toEqual(texts(entries))
    // Longer and shorter ones take their places.
    const turned = entries.map(({ key }, i) => ({
      key,
      value: entries[SIZES.length - 1 - i].value,
    }))
    await store.write(
      turned.map(({ key, value }) => put(key, value)),
      { durable: false },
    )
    expect(texts(await entriesOf(store))).toEqual(texts(turned))
  },

  "that are empty are not missing": async (fixture) => {
    const store = await fixture.open()
    await store.write([put(bytes(1), bytes()), put(bytes(2), bytes(2))], { durable: false })
    expect(text(await store.get(bytes(1)))).toBe("empty")
    expect((await store.getMany([bytes(1), bytes(3)])).map(text)).toEqual(["empty", "none"])
    expect(texts(await entriesOf(store))).toEqual(["01: empty", "02: 02"])
  },

  "may be parts of larger buffers": async (fixture) => {
    const store = await fixture.open()
    const pool = Buffer.from(noise(1_000, 1))
    const key = pool.subarray(10, 20)
    const value = new Uint8Array(pool.buffer, pool.byteOffset + 500, 300)
    await store.write([put(key, value)], { durable: false })
    expect(texts(await entriesOf(store))).toEqual(texts([{ key, value }]))
    expect(text(await store.get(pool.subarray(10, 20)))).toBe(text(value))
  },
})
