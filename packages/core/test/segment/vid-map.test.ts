import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { VidMap, vidMapBytes } from "../../src/segment/vid-map.ts"
import { randomFrom } from "../support/random.ts"

/** New numbers of an input, -1 for what is left out, each beyond the last by up to `gap`. */
interface Input {
  readonly count: number
  readonly gap: number
  /** Of values that are left out. */
  readonly share: number
}

const input = fc.record({
  count: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(31, 32, 33, 64, 5000)),
  gap: fc.constantFrom(1, 1, 2, 9, 1000, 300_000),
  share: fc.constantFrom(0, 0, 0.1, 0.9, 1),
})

function drawn({ count, gap, share }: Input, random: () => number): number[] {
  let next = Math.floor(random() * gap)
  return Array.from({ length: count }, () => {
    if (random() < share) return -1
    const vid = next
    next += 1 + Math.floor(random() * gap)
    return vid
  })
}

function mapOf(vids: readonly number[], limit: number): VidMap {
  const map = new VidMap(vids.length, limit)
  for (const vid of vids) map.push(vid)
  map.finish()
  return map
}

function expectEqual(map: VidMap, vids: readonly number[], limit: number): void {
  for (const [old, vid] of vids.entries()) if (vid >= 0) expect(map.get(old)).toBe(vid)
  expect(map.byteLength).toBe(vidMapBytes(vids.length, limit))
}

describe("a map of value numbers", () => {
  test("is what a plain array is", () => {
    fc.assert(
      fc.property(input, fc.integer(), (shape, seed) => {
        const vids = drawn(shape, randomFrom(seed))
        const limit = Math.max(vids.length, ...vids.map((vid) => vid + 1))
        expectEqual(mapOf(vids, limit), vids, limit)
      }),
    )
  })

  test("is so for the inputs of a merge, of which one may be far larger than the others", () => {
    const counts = fc.array(fc.constantFrom(0, 1, 40, 3000), { minLength: 1, maxLength: 10 })
    const dead = fc.constantFrom(0, 0.3)
    fc.assert(
      fc.property(counts, dead, fc.integer(), (sizes, share, seed) => {
        const random = randomFrom(seed)
        const limit = sizes.reduce<number>((sum, size) => sum + size, 0)
        // Each number that is drawn goes to an input that still lacks values.
        const inputs = sizes.map((): number[] => [])
        const owners = sizes.flatMap((size, i) => new Array<number>(size).fill(i))
        for (let i = owners.length - 1; i > 0; i--) {
          const j = Math.floor(random() * (i + 1))
          ;[owners[i], owners[j]] = [owners[j], owners[i]]
        }
        let next = 0
        for (const owner of owners) inputs[owner].push(random() < share ? -1 : next++)
        for (const vids of inputs) expectEqual(mapOf(vids, limit), vids, limit)
      }),
    )
  })

  test("holds numbers of 32 bits", () => {
    for (const vids of [[0, 2 ** 32 - 1], [2 ** 31, 2 ** 31 + 1, 2 ** 32 - 2], [2 ** 32 - 1]]) {
      expectEqual(mapOf(vids, 2 ** 32), vids, 2 ** 32)
    }
  })

  test("takes the memory that was foreseen, wherever the gaps are", () => {
    const limit = 1e6
    // The widest blocks: all equal, or one that spans everything.
    const spread = Array.from({ length: 3200 }, (_, i) => Math.floor((i * limit) / 3200))
    const steep = Array.from({ length: 3200 }, (_, i) => (i < 1600 ? i : limit - 3200 + i))
    for (const vids of [spread, steep]) expectEqual(mapOf(vids, limit), vids, limit)
    expect(vidMapBytes(125_000, 1e6) / 125_000).toBeLessThan(1.4)
    expect(vidMapBytes(125_000, 125_000) / 125_000).toBeLessThan(1.1)
  })
})
