import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Sequences, SequenceWriter } from "../../src/segment/sequences.ts"
import { PageStore, run } from "../pages/page-store.ts"

const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS) / 4)
/** Sequence numbers for each page. */
const ROWS = 8128

async function store(list: readonly number[]) {
  const pages = await PageStore.open()
  const writer = new SequenceWriter(pages.sink, 1)
  for (const sequence of list) writer.push(sequence)
  writer.finish()
  await pages.finish()
  return { pages, sequences: new Sequences(pages, 1, list.length) }
}

/** Stretches of sequence numbers: so many, each this far from the one before. */
const stretches = fc.array(
  fc.record({
    count: fc.oneof(fc.constantFrom(1, ROWS - 1, ROWS, ROWS + 1), fc.nat(400)),
    step: fc.constantFrom(1, 2, 300, 70_000, 2 ** 32, 2 ** 33 + 1),
    gap: fc.constantFrom(0, 1, 255, 2 ** 32 - 1, 2 ** 40),
  }),
  { minLength: 1, maxLength: 4 },
)

function listOf(parts: readonly { count: number; step: number; gap: number }[]): number[] {
  const list: number[] = []
  let last = 0
  for (const { count, step, gap } of parts) {
    last += gap
    for (let i = 0; i < count; i++) {
      last += step
      list.push(last)
    }
  }
  return list
}

describe("write sequences", () => {
  test("come back by ordinal, and are found, whatever their gaps", async () => {
    const property = fc.asyncProperty(stretches, fc.nat(), async (parts, probe) => {
      const list = listOf(parts)
      const { sequences } = await store(list)
      const looks = new Set([0, probe % Math.max(1, list.length), list.length - 1])
      for (let page = ROWS; page < list.length; page += ROWS) looks.add(page - 1).add(page)
      for (const ordinal of looks) {
        if (list[ordinal] === undefined) continue
        expect(run(sequences.at(ordinal))).toBe(list[ordinal])
        expect(run(sequences.after(list[ordinal]))).toBe(ordinal + 1)
        const before = list.findIndex((sequence) => sequence >= list[ordinal])
        expect(run(sequences.after(list[ordinal] - 1))).toBe(before)
      }
      expect(run(sequences.after(0))).toBe(0)
      expect(run(sequences.after(Number.MAX_SAFE_INTEGER))).toBe(list.length)
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  test("every ordinal of pages of each form", async () => {
    const list = listOf([
      { count: ROWS, step: 1, gap: 41 },
      { count: ROWS, step: 3, gap: 0 },
      { count: ROWS, step: 2 ** 33, gap: 5 },
      { count: 17, step: 1, gap: 0 },
    ])
    const { sequences } = await store(list)
    expect(list.map((_, ordinal) => run(sequences.at(ordinal)))).toEqual(list)
  })

  test("without gaps take no pages", async () => {
    const list = Array.from({ length: 3 * ROWS + 5 }, (_, i) => 2 ** 40 + i)
    const { pages, sequences } = await store(list)
    for (const ordinal of [0, ROWS, list.length - 1]) {
      expect(run(sequences.at(ordinal))).toBe(list[ordinal])
    }
    expect(pages.reads).toHaveLength(1)
    expect(pages.sink.bytes).toBeLessThan(200)
  })

  test("of one record", async () => {
    const { sequences } = await store([2 ** 53 - 1])
    expect(run(sequences.at(0))).toBe(2 ** 53 - 1)
    expect(run(sequences.after(2 ** 53 - 2))).toBe(0)
  })
})
