import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LIVE_CHUNK, LiveSet, type LiveView } from "../../src/parts/live-set.ts"
import { OrdinalMap } from "../../src/segment/ordinal-map.ts"
import { randomFrom } from "../support/random.ts"

const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS) / 2)

const universes = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 31, 32, 33, 1000) },
  { weight: 1, arbitrary: fc.constantFrom(LIVE_CHUNK, LIVE_CHUNK + 1, 150_000) },
)
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("kill" as const), place: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("killMany" as const), place: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("grow" as const),
        place: fc.oneof(fc.nat(100), fc.nat(70_000)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("view" as const), place: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const), place: fc.nat() }) },
  ),
  { maxLength: 30 },
)

/** What was live, as a plain array. */
function expectView(view: LiveView, live: readonly boolean[]): void {
  const ordinals = [...live.keys()].filter((ordinal) => live[ordinal])
  expect([view.universe, view.size, view.dead]).toEqual([
    live.length,
    ordinals.length,
    live.length - ordinals.length,
  ])
  expect(view.docs.size).toBe(ordinals.length)
  // Comparing long arrays with `toEqual` takes seconds.
  const found = view.docs.toArray()
  expect(ordinals.findIndex((ordinal, i) => found[i] !== ordinal)).toBe(-1)
  const edges = [0, 1, 31, 32, LIVE_CHUNK - 1, LIVE_CHUNK, live.length - 1, live.length]
  for (const ordinal of edges) {
    if (ordinal >= 0) expect(view.has(ordinal)).toBe(live[ordinal] ?? false)
  }
}

describe("a live set", () => {
  test("shows each view what was live when it was taken", () => {
    const property = fc.property(universes, steps, (universe, list) => {
      let set = new LiveSet(universe)
      const model = new Array<boolean>(universe).fill(true)
      const views: [LiveView, boolean[]][] = []
      const kill = (ordinal: number) => {
        if (!model[ordinal]) return
        set.kill(ordinal)
        model[ordinal] = false
      }
      for (const step of list) {
        if (step.do === "kill") kill(step.place % Math.max(1, model.length))
        else if (step.do === "killMany") {
          for (let i = step.place % 7; i < model.length; i += 7) kill(i)
        } else if (step.do === "grow") {
          set.grow(model.length + step.place)
          for (let i = 0; i < step.place; i++) model.push(true)
        } else {
          const view = set.view()
          views.push([view, model.slice()])
          // As it is opened again with the chunks that were stored.
          if (step.do === "reload") set = new LiveSet(model.length, view.chunks, view.dead)
        }
      }
      views.push([set.view(), model])
      for (const [view, live] of views) expectView(view, live)
      expect([set.universe, set.dead]).toEqual([
        model.length,
        model.reduce((dead, isLive) => dead + (isLive ? 0 : 1), 0),
      ])
      for (let i = 0; i < model.length; i += 97) expect(set.has(i)).toBe(model[i])
      expect(set.has(model.length)).toBe(false)
    })
    fc.assert(property, { numRuns: RUNS })
  })

  test("copies a chunk once for each view that has it", () => {
    const set = new LiveSet(3 * LIVE_CHUNK)
    set.kill(5)
    set.kill(LIVE_CHUNK)
    const before = set.view()
    expect(set.view()).toBe(before)
    set.kill(6)
    const after = set.view()
    expect(after.chunks[0]).not.toBe(before.chunks[0])
    expect(after.chunks[1]).toBe(before.chunks[1])
    expect(set.byteLength).toBe(2 * 8192)
    // A chunk that no view has is changed in place.
    set.kill(7)
    const own = set.view().chunks[0]
    set.view()
    set.kill(LIVE_CHUNK + 1)
    expect(set.view().chunks[0]).toBe(own)
  })

  test("tells which chunks changed since they were last taken", () => {
    const set = new LiveSet(3 * LIVE_CHUNK)
    expect(set.takeDirty()).toEqual([])
    set.kill(2 * LIVE_CHUNK)
    set.kill(1)
    set.kill(2)
    expect(set.takeDirty().sort()).toEqual([0, 2])
    expect(set.takeDirty()).toEqual([])
    set.kill(LIVE_CHUNK)
    expect(set.takeDirty()).toEqual([1])
  })
})

describe("an ordinal map", () => {
  test("numbers the live in order", () => {
    const cases = fc.record({
      universe: fc.constantFrom(1, 2, 255, 256, 257, 1000, 3000, LIVE_CHUNK + 1),
      share: fc.constantFrom(0, 0.001, 0.3, 0.99, 1),
      base: fc.nat(1_000_000),
      seed: fc.integer(),
    })
    const property = fc.property(cases, ({ universe, share, base, seed }) => {
      const random = randomFrom(seed)
      const set = new LiveSet(universe)
      const live: number[] = []
      for (let i = 0; i < universe; i++) {
        if (random() < share) set.kill(i)
        else live.push(i)
      }
      const map = new OrdinalMap(set.view(), base)
      expect([map.base, map.size]).toEqual([base, live.length])
      const all = Uint32Array.from({ length: universe }, (_, i) => i)
      expect(all.filter((ordinal) => map.isLive(ordinal))).toEqual(Uint32Array.from(live))
      const places = new Uint32Array(universe)
      for (const [i, ordinal] of live.entries()) places[ordinal] = base + i
      const looks = live.filter((_, i) => i % 7 === 0)
      expect(looks.map((ordinal) => map.get(ordinal))).toEqual(looks.map((o) => places[o]))
      const asked = all.filter((ordinal) => ordinal < 600 || random() < 0.1)
      const expected = asked.filter((ordinal) => map.isLive(ordinal)).map((o) => places[o])
      const kept = map.remap(asked, asked.length)
      expect(asked.subarray(0, kept)).toEqual(expected)
    })
    fc.assert(property, { numRuns: RUNS })
  })
})
