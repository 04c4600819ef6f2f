import { Buffer } from "node:buffer"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { FilterNode } from "../../src/filter/node.ts"
import { decodeCursor, encodeCursor, queryHash } from "../../src/query/cursor.ts"
import type { Position, SortKey } from "../../src/query/sort-keys.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { point } from "../../src/values/value-set.ts"
import { makers, number, text } from "../btree/stored-tree.ts"
import { randomFrom } from "../support/random.ts"

const ALL: FilterNode = { type: "all" }
const HASH = queryHash("index", ALL, [])
const INVALID = expect.objectContaining({ code: "TIERDEX_CURSOR_INVALID" })

const positions: fc.Arbitrary<Position> = fc
  .record({
    makers: fc.array(fc.constantFrom(...Object.values(makers)), { maxLength: 4 }),
    sequence: fc.oneof(fc.constantFrom(0, 1, 2 ** 32, 2 ** 53 - 1), fc.maxSafeNat()),
    seed: fc.integer(),
  })
  .map(({ makers, sequence, seed }) => {
    const random = randomFrom(seed)
    return { sequence, values: makers.map((make) => make(random)) }
  })

/** Payloads as plain numbers, so that a view equals an array. */
function plain({ values, sequence }: Position) {
  const bytes = (payload: number | Uint8Array) =>
    typeof payload === "number" ? payload : Buffer.from(payload).toString("hex")
  return {
    sequence,
    values: values.map(({ kind, payload }) => ({ kind, payload: bytes(payload) })),
  }
}

describe("a cursor", () => {
  test("comes back as the position it was made of", () => {
    fc.assert(
      fc.property(positions, (position) => {
        const cursor = encodeCursor(HASH, position)
        expect(cursor).toMatch(/^[\w-]+$/)
        const decoded = decodeCursor(cursor, HASH, position.values.length)
        expect(plain(decoded)).toEqual(plain(position))
      }),
    )
  })

  test("cut short, or with another number of keys, is refused", () => {
    fc.assert(
      fc.property(positions, fc.nat(), ({ values, sequence }, place) => {
        const position = { values: values.filter(({ payload }) => !isLong(payload)), sequence }
        const keys = position.values.length
        const cursor = encodeCursor(HASH, position)
        const cut = cursor.slice(0, place % cursor.length)
        expect(() => decodeCursor(cut, HASH, keys)).toThrow(INVALID)
        expect(() => decodeCursor(cursor, HASH, keys + 1)).toThrow(INVALID)
      }),
    )
  })

  test("that is changed anyhow is refused or a position, never another error", () => {
    fc.assert(
      fc.property(positions, fc.nat(), fc.integer({ min: 1, max: 255 }), (position, place, by) => {
        const bytes = Buffer.from(encodeCursor(HASH, position), "base64url")
        bytes[place % bytes.length] ^= by
        try {
          const { values, sequence } = decodeCursor(
            bytes.toString("base64url"),
            HASH,
            position.values.length,
          )
          expect(values).toHaveLength(position.values.length)
          expect(Number.isSafeInteger(sequence)).toBe(true)
          for (const { payload } of values) expect(payload).not.toBeNaN()
        } catch (error) {
          expect(error).toEqual(INVALID)
        }
      }),
    )
  })

  test.each([undefined, null, 5, {}, "", "!", "AAAA", "A".repeat(400)])("%j is none", (cursor) => {
    expect(() => decodeCursor(cursor, HASH, 0)).toThrow(INVALID)
  })
})

function isLong(payload: number | Uint8Array): boolean {
  return typeof payload !== "number" && payload.length > 100
}

describe("the hash of a query", () => {
  const values = (...list: Value[]): FilterNode => ({
    type: "values",
    path: "a",
    set: list.map(point),
  })
  const key = (path: string, descending = false): SortKey => ({ path, descending })
  const queries: [string, FilterNode, SortKey[]][] = [
    ["i", ALL, []],
    ["j", ALL, []],
    ["i", { type: "none" }, []],
    ["i", ALL, [key("a")]],
    ["i", ALL, [key("a", true)]],
    ["i", ALL, [key("a"), key("b")]],
    ["i", ALL, [key("b"), key("a")]],
    ["i", values(number(1)), []],
    ["i", values(number(2)), []],
    ["i", values(number(Number.POSITIVE_INFINITY)), []],
    ["i", values(number(Number.NEGATIVE_INFINITY)), []],
    ["i", values({ kind: Kind.null, payload: 0 }), []],
    ["i", values(text("1")), []],
    ["i", values(text("MQ==")), []],
    ["i", values({ kind: Kind.date, payload: 1 }), []],
    ["i", { type: "not", node: values(number(1)) }, []],
    ["i", { type: "element", path: "a", set: [point(number(1))] }, []],
    ["i", { type: "size", path: "a", size: 1 }, []],
  ]

  test("differs wherever the index, the filter or the sort differ", () => {
    const hashes = queries.map((query) => Buffer.from(queryHash(...query)).toString("hex"))
    expect(new Set(hashes).size).toBe(queries.length)
    expect(queries.map((query) => Buffer.from(queryHash(...query)).toString("hex"))).toEqual(hashes)
  })

  test("ties a cursor to its query", () => {
    const cursor = encodeCursor(queryHash("i", ALL, [key("a")]), {
      values: [number(1)],
      sequence: 5,
    })
    for (const query of queries) {
      const hash = queryHash(...query)
      if (query === queries[3]) expect(decodeCursor(cursor, hash, 1).sequence).toBe(5)
      else expect(() => decodeCursor(cursor, hash, 1)).toThrow(INVALID)
    }
  })
})
