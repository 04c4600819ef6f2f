import type { Scalar } from "@tierdex/core"
import fc from "fast-check"

// Small pools, so that records collide, filters hit and ids are written again. The first of each
// is what a failure shrinks to.

const LONG = "x".repeat(600)

/** Around the 512 bytes past which a value is stored elsewhere; all alike for longer than that. */
const longTexts = [
  LONG,
  `${LONG}a`,
  `${LONG}b`,
  `${LONG}é`,
  "x".repeat(511),
  "x".repeat(512),
  "x".repeat(513),
  `x${"é".repeat(256)}`,
]

/** Shared prefixes, and neighbours that UTF-16 and UTF-8 order differently. */
const shortTexts = ["a", "", "ab", "abc", "b", "A", "5", "true", "a\u0000", "é", "ß", "日本", "日"]
const highTexts = ["\uE000", "\uFFFF", "😀", "𝒳", "\u{10000}", "\u{10FFFF}", "a\uFFFF", "a😀"]

export const integers = fc.constantFrom(0, 1, 2, 3, 4, 5, -1)

export const numbers = fc.oneof(
  { weight: 6, arbitrary: integers },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0.5, -0, 1.5, 0.1 + 0.2, Infinity, -Infinity, -2.5, 255, 256),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 53, 1e300, -1e300, 5e-324),
  },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
)

const characters = fc
  .oneof(
    fc.integer({ min: 0x61, max: 0x7a }),
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((codePoint) => String.fromCodePoint(codePoint))

/** Any well-formed string of so many characters. */
export function anyText(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.array(characters, { minLength, maxLength }).map((text) => text.join(""))
}

export const texts = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...shortTexts) },
  { weight: 3, arbitrary: fc.constantFrom(...highTexts) },
  { weight: 2, arbitrary: fc.constantFrom(...longTexts) },
  { weight: 1, arbitrary: anyText(0, 4) },
)

export const dates = fc
  .oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, 1, -1, 999, 1000, 1_700_000_000_001) },
    { weight: 2, arbitrary: fc.constantFrom(-1e12, 8.64e15, -8.64e15) },
  )
  .map((milliseconds) => new Date(milliseconds))

export const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant(null),
  integers,
  fc.boolean(),
  texts,
  dates,
  numbers,
)

/** Mostly these; also null, and any type at all. */
function mostly(usual: fc.Arbitrary<Scalar>): fc.Arbitrary<Scalar> {
  return fc.oneof(
    { weight: 8, arbitrary: usual },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: scalars },
  )
}

/** Labels of vectors, and now and then something that is none. */
const labels = fc.oneof(
  { weight: 300, arbitrary: fc.constantFrom<Scalar>(0, 1, 2, 3, 4, 5, 2 ** 32 - 1) },
  { weight: 1, arbitrary: fc.constantFrom<Scalar>(-1, 0.5, 2 ** 32, "1", null) },
)

/**
 * What is found at which path, in records as in the operands of filters. `n` and `n.deep` hold
 * objects as well; `c.x` lies below arrays and scalars, or inside `c: { x }`.
 */
const pools = new Map<string, fc.Arbitrary<Scalar>>([
  ["a", mostly(numbers)],
  ["b", mostly(texts)],
  ["c", scalars],
  ["tags", mostly(fc.oneof(texts, integers))],
  ["label", labels],
  ["0", mostly(integers)],
  ["n.x", mostly(numbers)],
  ["n.y", mostly(fc.oneof(dates, fc.boolean()))],
  ["n.0", mostly(integers)],
  ["n.deep.z", mostly(texts)],
])

/** The scalars that a field may hold. */
export function poolOf(path: string): fc.Arbitrary<Scalar> {
  return pools.get(path) ?? scalars
}

/** Ordinary names to an index, though not to JavaScript. */
export const strangeNames = ["constructor", "__proto__", "hasOwnProperty"]

/** Fields to filter, sort and count by, with how often. */
export const weightedPaths: readonly { readonly weight: number; readonly path: string }[] = [
  ...["a", "b", "c", "tags"].map((path) => ({ weight: 12, path })),
  ...["n.x", "n.y", "n.deep.z", "n", "n.deep"].map((path) => ({ weight: 8, path })),
  ...["0", "n.0", "c.x", "tags.0", "label", "absent"].map((path) => ({ weight: 2, path })),
  ...[...strangeNames, "n.constructor"].map((path) => ({ weight: 1, path })),
]

export const paths: fc.Arbitrary<string> = fc.oneof(
  ...weightedPaths.map(({ weight, path }) => ({ weight, arbitrary: fc.constant(path) })),
)
