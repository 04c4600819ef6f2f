import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  CHUNK,
  ContainerType,
  containerType,
  decodeContainer,
  encodeContainer,
  orContainer,
  restrictContainer,
} from "../../src/docset/container.ts"
import { membersBelow, wordsOf } from "./members.ts"

/** The format, written down a second time. */
const formats: Record<ContainerType, (lows: readonly number[]) => Uint8Array> = {
  [ContainerType.array]: (lows) => u16s(lows),
  [ContainerType.bitmap]: (lows) => {
    const bytes = new Uint8Array(8192)
    for (const low of lows) bytes[Math.floor(low / 8)] |= 2 ** (low % 8)
    return bytes
  },
  [ContainerType.run]: (lows) =>
    u16s(runsOf(lows).flatMap(([first, last]) => [first, last - first])),
}

function u16s(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 2))
  for (const [i, value] of values.entries()) view.setUint16(i * 2, value, true)
  return new Uint8Array(view.buffer)
}

function runsOf(lows: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const low of lows) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === low - 1) last[1] = low
    else runs.push([low, low])
  }
  return runs
}

/** Lows at the start of the chunk, at its end, or all over it. */
const lowsArbitrary = fc
  .constantFrom([0, 300], [0, 9000], [CHUNK - 9000, 9000], [0, CHUNK])
  .chain(([start, length]) =>
    membersBelow(length).map((members) => members.map((member) => start + member)),
  )
const types = fc.constantFrom(...Object.values(ContainerType))

/** A container of any type, also where another type would be smaller, inside a larger buffer. */
const containers = fc.tuple(types, lowsArbitrary).map(([type, lows]) => {
  const encoded = formats[type](lows)
  const buffer = new Uint8Array(encoded.length + 24).fill(0xab)
  buffer.set(encoded, 12)
  return { type, lows, bytes: buffer.subarray(12, 12 + encoded.length) }
})

describe("encodeContainer", () => {
  test("takes the smallest form", () => {
    fc.assert(
      fc.property(lowsArbitrary, fc.nat(3), (lows, spare) => {
        const input = Uint16Array.from([...lows, ...Array(spare).fill(7)])
        const { type, bytes } = encodeContainer(input, lows.length)
        expect(bytes).toEqual(formats[type](lows))
        const sizes = Object.values(formats).map((format) => format(lows).length)
        expect(bytes.length).toBe(Math.min(...sizes))
        input.fill(1)
        expect(bytes).toEqual(formats[type](lows))
      }),
    )
  })

  test.each([
    ["nothing", [], ContainerType.array],
    ["one", [65_535], ContainerType.array],
    ["4,096 apart", Array.from({ length: 4096 }, (_, i) => i * 2), ContainerType.array],
    ["4,097 apart", Array.from({ length: 4097 }, (_, i) => i * 2), ContainerType.bitmap],
    ["alternating", Array.from({ length: 32_768 }, (_, i) => i * 2 + 1), ContainerType.bitmap],
    ["everything", Array.from({ length: CHUNK }, (_, i) => i), ContainerType.run],
    ["pairs", Array.from({ length: 200 }, (_, i) => i + (i >> 1)), ContainerType.array],
    ["threes", Array.from({ length: 300 }, (_, i) => i + Math.floor(i / 3)), ContainerType.run],
  ])("%s", (_, lows, type) => {
    const encoded = encodeContainer(Uint16Array.from(lows), lows.length)
    expect(encoded.type).toBe(type)
    expect(encoded.bytes.byteOffset % 4).toBe(0)
  })
})

describe("a container of any type", () => {
  test("is decoded", () => {
    fc.assert(
      fc.property(containers, fc.constantFrom(0, 3, 65_535), fc.nat(5), (given, chunk, at) => {
        const { type, lows, bytes } = given
        const base = chunk * CHUNK
        const out = new Uint32Array(at + lows.length + 2).fill(42)
        expect(decodeContainer(type, bytes, lows.length, base, out, at)).toBe(at + lows.length)
        const around = (length: number) => Array(length).fill(42)
        const ordinals = lows.map((low) => base + low)
        expect(out).toEqual(Uint32Array.from([...around(at), ...ordinals, ...around(2)]))
      }),
    )
  })

  test("is added to bit words", () => {
    // The last chunk of a universe may have fewer words.
    const universes = fc.constantFrom(CHUNK, CHUNK - 1, 5000, 33)
    const cases = universes.chain((universe) =>
      fc.tuple(fc.constant(universe), types, membersBelow(universe), membersBelow(universe)),
    )
    fc.assert(
      fc.property(cases, fc.nat(2), ([universe, type, lows, present], chunk) => {
        const bytes = formats[type](lows)
        const wordAt = (chunk * CHUNK) / 32
        const words = new Uint32Array(wordAt + Math.ceil(universe / 32))
        words.fill(0x1234_5678, 0, wordAt)
        words.set(wordsOf(present, universe), wordAt)
        orContainer(type, bytes, words, wordAt)
        expect(words.subarray(wordAt)).toEqual(wordsOf([...present, ...lows], universe))
        expect(words.subarray(0, wordAt).every((word) => word === 0x1234_5678)).toBe(true)
      }),
    )
  })

  test("keeps what it has of a list", () => {
    const lists = fc.oneof(
      lowsArbitrary,
      fc
        .uniqueArray(fc.nat(CHUNK - 1), { maxLength: 30 })
        .map((list) => list.sort((a, b) => a - b)),
    )
    fc.assert(
      fc.property(containers, lists, fc.constantFrom(0, 2, 65_535), (given, list, chunk) => {
        const { type, lows, bytes } = given
        const base = chunk * CHUNK
        // Ordinals of other chunks lie around those of this one.
        const ordinals = Uint32Array.from([1, 2, ...list.map((low) => base + low), 7])
        const before = ordinals.slice()
        const model = new Set(lows)
        const kept = list.filter((low) => model.has(low)).map((low) => base + low)
        const out = new Uint32Array(kept.length + 2).fill(42)
        const to = list.length + 2
        expect(restrictContainer(type, bytes, ordinals, 2, to, base, out, 1)).toBe(kept.length + 1)
        expect(out).toEqual(Uint32Array.from([42, ...kept, 42]))
        expect(ordinals).toEqual(before)
        const end = restrictContainer(type, bytes, ordinals, 2, to, base, ordinals, 2)
        expect(ordinals.slice(2, end)).toEqual(Uint32Array.from(kept))
      }),
    )
  })
})

test("types are read from pages", () => {
  for (const type of Object.values(ContainerType)) expect(containerType(type)).toBe(type)
  expect(() => containerType(3)).toThrow(RangeError)
})
