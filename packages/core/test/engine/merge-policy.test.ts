import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  chooseCompaction,
  chooseMerge,
  MAX_SEGMENT_SIZE,
  MERGE_FACTOR,
  type MergeCandidate,
  type MergeRun,
  segmentsTooMany,
} from "../../src/engine/merge-policy.ts"
import { divide } from "../../src/engine/options.ts"
import { mergeBytes } from "../../src/segment/build-memory.ts"
import { randomFrom } from "../support/random.ts"

/** As the records of a catalogue take. */
const RECORD_BYTES = 128

/** Memory for any merge. */
const ENOUGH = Number.POSITIVE_INFINITY
/** For merging, of the least budget. */
const LITTLE = divide(8 * 2 ** 20).merge

/** All records have a value of their own. */
const segmentOf = (
  size: number,
  dead = 0,
  recordBytes = RECORD_BYTES,
  maxArray = 0,
): MergeCandidate => ({
  size,
  dead,
  bytes: size * recordBytes,
  maxDistinct: size * Math.max(1, maxArray),
  maxArray,
})

const sizes = fc.oneof(
  fc.constantFrom(1, 8192, 8193, 65_536, 400_000, 2 ** 22, MAX_SEGMENT_SIZE),
  fc.integer({ min: 1, max: 500_000 }),
)
const segmentLists = fc.array(
  fc
    .record({ size: sizes, share: fc.constantFrom(0, 0, 0.1, 0.26, 0.9, 1) })
    .map(({ size, share }) => segmentOf(size, Math.floor(size * share))),
  { maxLength: 60 },
)

const liveIn = (segments: readonly MergeCandidate[]) =>
  segments.reduce((sum, { size, dead }) => sum + size - dead, 0)

/** Checks a run and puts its merge in its place; a merge of nothing live leaves no segment. */
function apply(
  segments: MergeCandidate[],
  { from, to }: MergeRun,
  shareBytes = ENOUGH,
  recordBytes = RECORD_BYTES,
): number {
  expect(from).toBeGreaterThanOrEqual(0)
  expect(to).toBeGreaterThan(from)
  expect(to).toBeLessThanOrEqual(segments.length)
  const size = liveIn(segments.slice(from, to))
  expect(size).toBeLessThanOrEqual(MAX_SEGMENT_SIZE)
  if (size > 0) {
    expect(mergeBytes(segments.slice(from, to), shareBytes)).toBeLessThanOrEqual(shareBytes)
  }
  const merged = segmentOf(size, 0, recordBytes, segments[from].maxArray)
  segments.splice(from, to - from, ...(size === 0 ? [] : [merged]))
  return size
}

describe.each([
  ["merging", chooseMerge, ENOUGH],
  ["merging with little memory", chooseMerge, LITTLE],
  ["compacting", chooseCompaction, ENOUGH],
  ["compacting with little memory", chooseCompaction, LITTLE],
])("%s", (_name, choose, shareBytes) => {
  test("comes to an end, and loses no record", () => {
    fc.assert(
      fc.property(segmentLists, (list) => {
        const segments = [...list]
        let merges = 0
        const next = () => choose(segments, shareBytes)
        for (let run = next(); run !== undefined; run = next()) {
          apply(segments, run, shareBytes)
          // Each merge leaves fewer segments, or fewer with dead records.
          expect(++merges).toBeLessThanOrEqual(2 * list.length)
        }
        expect(liveIn(segments)).toBe(liveIn(list))
      }),
    )
  })
})

test("compacting leaves as few segments as hold the records, none of them dead", () => {
  fc.assert(
    fc.property(segmentLists, (list) => {
      const segments = [...list]
      const next = () => chooseCompaction(segments, ENOUGH)
      for (let run = next(); run; run = next()) apply(segments, run)
      for (const { dead } of segments) expect(dead).toBe(0)
      for (let i = 1; i < segments.length; i++) {
        expect(segments[i - 1].size + segments[i].size).toBeGreaterThan(MAX_SEGMENT_SIZE)
      }
    }),
  )
})

describe("merging chooses", () => {
  const of = (...sizes: number[]) => sizes.map((size) => segmentOf(size))
  const many = (count: number, size: number) => new Array<number>(count).fill(size)
  const cases: [string, MergeCandidate[], MergeRun | undefined][] = [
    ["nothing of nothing", [], undefined],
    ["nothing of one", of(100), undefined],
    ["nothing of one less than the factor", of(...many(7, 8000)), undefined],
    ["as many as the factor", of(...many(8, 8000)), { from: 0, to: 8 }],
    ["the small ones behind a large one", of(4_000_000, ...many(8, 8000)), { from: 1, to: 9 }],
    ["not a large one for a few small", of(4_000_000, ...many(7, 8000)), undefined],
    [
      "small ones between large ones along with these",
      of(...many(4, 400_000), 5, ...many(4, 400_000)),
      { from: 0, to: 9 },
    ],
    ["fewer when they would not fit one segment", of(...many(6, 3_200_000)), { from: 0, to: 5 }],
    ["not those that are as large as may be", of(...many(9, MAX_SEGMENT_SIZE)), undefined],
    [
      "a segment of which much is dead",
      [...of(100_000), segmentOf(100_000, 25_001)],
      { from: 1, to: 2 },
    ],
    ["not one of which a quarter is dead", [segmentOf(100_000, 25_000)], undefined],
  ]
  test.each(cases)("%s", (_name, segments, expected) => {
    expect(chooseMerge(segments, ENOUGH)).toEqual(expected)
  })
})

describe("what fits the memory", () => {
  const segments = new Array<MergeCandidate>(20).fill(segmentOf(100_000))

  test("is merged, and no more", () => {
    const run = chooseMerge(segments, LITTLE)
    expect(run).toEqual({ from: 0, to: expect.any(Number) })
    const to = run?.to ?? 0
    expect(to).toBeGreaterThan(1)
    expect(to).toBeLessThan(MERGE_FACTOR)
    expect(mergeBytes(segments.slice(0, to), LITTLE)).toBeLessThanOrEqual(LITTLE)
    expect(mergeBytes(segments.slice(0, to + 1), LITTLE)).toBeGreaterThan(LITTLE)
    expect(chooseCompaction(segments, LITTLE)?.to).toBe(to)
  })

  test("does not stand in the way of what does not", () => {
    const large = segmentOf(2_000_000, 1_999_999)
    expect(chooseMerge([large], LITTLE)).toBeUndefined()
    expect(chooseCompaction([large], LITTLE)).toBeUndefined()
    const behind = [large, segmentOf(10), segmentOf(1000, 900), large]
    expect(chooseMerge(behind, LITTLE)).toEqual({ from: 2, to: 3 })
    expect(chooseCompaction(behind, LITTLE)).toEqual({ from: 1, to: 3 })
    const dead = segmentOf(2_000_000, 2_000_000)
    expect(chooseMerge([large, dead], LITTLE)).toEqual({ from: 1, to: 2 })
  })

  test("is not judged by records alone", () => {
    const few = segments.map((segment) => ({ ...segment, maxDistinct: 1000, size: 50_000 }))
    expect(chooseMerge(few, LITTLE)?.to).toBeGreaterThanOrEqual(MERGE_FACTOR)
    const arrays = few.map((segment) => ({ ...segment, maxDistinct: 400_000, maxArray: 20 }))
    expect(chooseMerge(arrays, LITTLE)).toBeUndefined()
  })
})

describe("merging is behind", () => {
  const many = (count: number, size: number) =>
    new Array<MergeCandidate>(count).fill(segmentOf(size))

  test("by the segments that it will take away", () => {
    expect(segmentsTooMany(many(7, 1000), ENOUGH)).toBe(0)
    expect(segmentsTooMany(many(8, 1000), ENOUGH)).toBe(7)
    expect(segmentsTooMany(many(40, 1000), ENOUGH)).toBe(39)
    expect(segmentsTooMany([...many(3, 400_000), ...many(16, 1000)], ENOUGH)).toBe(15)
  })

  // Writers waited for every merge once there were 32 segments, though no merge could make them fewer.
  test("not by those that are as large as may be", () => {
    expect(segmentsTooMany(many(100, MAX_SEGMENT_SIZE), ENOUGH)).toBe(0)
    expect(segmentsTooMany(many(100, 500_000), LITTLE)).toBe(0)
    expect(segmentsTooMany([...many(100, 500_000), ...many(8, 1000)], LITTLE)).toBe(7)
  })
})

/** Flushes so many segments and merges in between; deletes hit all records alike. */
function simulate(
  flushes: number,
  sizeOf: () => number,
  deleted: number,
  random: () => number,
  { recordBytes = RECORD_BYTES, shareBytes = ENOUGH, maxArray = 0 } = {},
) {
  const segments: MergeCandidate[] = []
  let flushed = 0
  let written = 0
  let most = 0
  for (let i = 0; i < flushes; i++) {
    const size = sizeOf()
    flushed += size
    const all = liveIn(segments)
    for (const [at, segment] of segments.entries()) {
      const { size: old, dead } = segment
      const killed = Math.floor(((old - dead) / all) * size * deleted * 2 * random())
      segments[at] = { ...segment, dead: Math.min(old, dead + killed) }
    }
    segments.push(segmentOf(size, 0, recordBytes, maxArray))
    const next = () => chooseMerge(segments, shareBytes)
    for (let run = next(); run; run = next()) {
      written += apply(segments, run, shareBytes, recordBytes)
    }
    most = Math.max(most, segments.length)
  }
  return {
    most,
    segments: segments.length,
    live: liveIn(segments),
    timesWritten: written / flushed,
  }
}

// A large segment was written anew with every seven small ones behind it: 140 times for flushes of
// 8,192 records each into 16 million.
describe("over a long time merging", () => {
  const levels = (flush: number, records: number) =>
    1 + Math.log(Math.min(records, MAX_SEGMENT_SIZE) / flush) / Math.log(MERGE_FACTOR)

  test.each([
    [2000, 1e6],
    [8192, 16e6],
    [40_000, 16e6],
    [100_000, 100e6],
    [400_000, 100e6],
  ])("flushes of %i keeps few segments and writes few times up to %i", (flush, records) => {
    const result = simulate(
      records / flush,
      () => flush,
      0,
      () => 0,
    )
    const full = records / MAX_SEGMENT_SIZE
    const bound = (MERGE_FACTOR - 1) * levels(flush, records) + full * 1.5
    expect(result.segments).toBeLessThanOrEqual(bound)
    // Segments just before a merge, and the long runs that are merged before they are full.
    expect(result.most).toBeLessThanOrEqual(bound + 2 * MERGE_FACTOR)
    expect(result.timesWritten).toBeLessThan(levels(flush, records) + 2)
  })

  // Levels were counted in records alone, so that all segments of large ones were alike: the whole
  // of them was written anew with every eighth flush.
  test.each([
    [34, 30_000],
    [1, 900_000],
  ])("flushes of %i records of %i bytes are written few times", (flush, recordBytes) => {
    const flushes = 2000
    const none = () => 0
    const { most, timesWritten } = simulate(flushes, () => flush, 0, none, { recordBytes })
    expect(timesWritten).toBeLessThan(1 + Math.log(flushes) / Math.log(MERGE_FACTOR) + 1)
    expect(most).toBeLessThan(50)
  })

  // A run was cut by the memory for its inputs behind the one large segment that it began with, and
  // none was looked for that begins later: segments of arrays were never merged again.
  test.each([
    ["records", 8_000, 128, 0],
    ["arrays", 120, 800, 100],
    ["the longest arrays", 12, 8000, 1024],
  ])(
    "%s, with little memory, keep few segments for what fits one",
    (_name, flush, recordBytes, maxArray) => {
      const flushes = 1000
      const options = { shareBytes: LITTLE, recordBytes, maxArray }
      const random = randomFrom(Number(process.env.TIERDEX_SEED))
      const sizeOf = () => Math.ceil(flush * (0.5 + random()))
      const { most, timesWritten } = simulate(flushes, sizeOf, 0, () => 0, options)
      let full = flush
      const of = (size: number) => segmentOf(size, 0, recordBytes, maxArray)
      while (mergeBytes([of(full), of(full)], LITTLE) <= LITTLE) full += flush
      expect(most).toBeLessThan(((flush * flushes) / full) * 2 + 4 * MERGE_FACTOR)
      expect(timesWritten).toBeLessThan(8)
    },
  )

  test("flushes of any size, with deletes, keeps few segments too", () => {
    const cases = fc.record({ deleted: fc.constantFrom(0, 0.3, 0.9), seed: fc.integer() })
    const property = fc.property(cases, ({ deleted, seed }) => {
      const random = randomFrom(seed)
      const sizeOf = () => Math.ceil(400_000 ** random())
      const { most, timesWritten } = simulate(1500, sizeOf, deleted, random)
      expect(most).toBeLessThan(80)
      expect(timesWritten).toBeLessThan(8)
    })
    fc.assert(property, { numRuns: Math.ceil(Number(process.env.TIERDEX_RUNS) / 20) })
  })
})
