import fc from "fast-check"
import { expect, test } from "vitest"
import {
  allKeys,
  FileKind,
  logKey,
  manifestKey,
  pageKey,
  SEGMENT_FIELD,
  segmentKey,
} from "../../src/pages/keys.ts"
import { compareBytes } from "../../src/values/compare.ts"

function edges(max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 1, 255, Math.min(256, max), max), fc.nat(max))
}

/** Segment, field, kind, page. */
const places = fc.tuple(
  edges(2 ** 32 - 1),
  edges(SEGMENT_FIELD),
  edges(FileKind.meta),
  edges(2 ** 32 - 1),
)
/** Sequence, part. */
const logPlaces = fc.tuple(
  fc.oneof(fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1), fc.maxSafeNat(), fc.nat(300)),
  edges(0xffff),
)

type Place = [segment: number, field: number, kind: number, page: number]

const keyOf = ([segment, field, kind, page]: Place) => pageKey({ segment, field, kind }, page)

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i])
  return at < 0 ? 0 : Math.sign(a[at] - b[at])
}

test("pages lie by segment, then field, then kind, then number", () => {
  fc.assert(
    fc.property(places, places, (a, b) => {
      expect(Math.sign(compareBytes(keyOf(a), keyOf(b)))).toBe(comparePlaces(a, b))
    }),
  )
})

test("parts of the log lie in the order of their sequence numbers, beyond 2^32 too", () => {
  fc.assert(
    fc.property(logPlaces, logPlaces, (a, b) => {
      expect(Math.sign(compareBytes(logKey(...a), logKey(...b)))).toBe(comparePlaces(a, b))
    }),
  )
})

test("the manifest, the log and the pages do not mix", () => {
  fc.assert(
    fc.property(places, logPlaces, (place, log) => {
      const keys = [manifestKey(), logKey(...log), keyOf(place), allKeys().lt]
      expect([...keys].sort(compareBytes)).toEqual(keys)
    }),
  )
})

test("the keys of a segment lie between its first key and that of the next", () => {
  fc.assert(
    fc.property(places, (place) => {
      expect(compareBytes(segmentKey(place[0]), keyOf(place))).toBeLessThanOrEqual(0)
      if (place[0] < 2 ** 32 - 1) {
        expect(compareBytes(keyOf(place), segmentKey(place[0] + 1))).toBeLessThan(0)
      }
    }),
  )
})
