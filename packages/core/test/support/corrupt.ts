import type { Store } from "../../src/store/store.ts"

/** Flips one bit of a stored value, counted from the lowest of its first byte. */
export async function flipBit(store: Store, key: Uint8Array, bit: number): Promise<void> {
  const value = await store.get(key)
  if (value === undefined) throw new Error("There is no value under this key.")
  if (bit < 0 || bit >= value.byteLength * 8) {
    throw new RangeError(`Bit ${bit} is outside a value of ${value.byteLength} bytes.`)
  }
  const flipped = new Uint8Array(value)
  flipped[bit >> 3] ^= 1 << (bit & 7)
  await store.write([{ type: "put", key, value: flipped }], { durable: true })
}
