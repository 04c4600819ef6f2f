import type { Store } from "@tierdex/core"
import { nextTurn } from "@tierdex/core/adapter"
import { expect } from "vitest"
import { feature, needing } from "../scenario.ts"
import { ALL, bytes, del, entriesOf, numbered, put, text } from "../support/entries.ts"

export const deleteRange = feature("deleteRange", {
  "deletes from its first key to before its last, and nothing else": async (fixture) => {
    const store = await fixture.open()
    const ops = Array.from({ length: 5_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    const left = new Set(ops.map(({ key }) => text(key)))
    await store.write(ops, { durable: false })
    // Of no key, of one, of a few, over what engines take for a slice, from the first, to the last.
    for (const [from, to] of [
      [10, 10],
      [11, 12],
      [20, 23],
      [100, 1_100],
      [1_500, 3_501],
      [0, 2],
      [4_990, 5_000],
    ]) {
      await store.deleteRange({ gte: numbered(from), lt: numbered(to) })
      for (let i = from; i < to; i++) left.delete(text(numbered(i)))
      expect((await entriesOf(store)).map(({ key }) => text(key))).toEqual([...left])
    }
    expect(text(await store.get(numbered(1_500)))).toBe("none")
    expect((await store.getMany([numbered(3_500), numbered(3_501)])).map(text)).toEqual([
      "none",
      text(bytes(3_501, 3_501 >>> 8)),
    ])
  },

  "may be repeated, and may find nothing": async (fixture) => {
    const store = await fixture.open()
    await store.deleteRange(ALL)
    await store.write([put(numbered(1), bytes(1)), put(numbered(9), bytes(9))], { durable: false })
    for (let round = 0; round < 3; round++) {
      await store.deleteRange({ gte: numbered(2), lt: numbered(9) })
      await store.deleteRange({ gte: numbered(9), lt: numbered(9) })
      await store.deleteRange({ gte: numbered(9), lt: numbered(1) })
      expect(await entriesOf(store)).toHaveLength(2)
    }
    for (let round = 0; round < 3; round++) await store.deleteRange(ALL)
    expect(await entriesOf(store)).toEqual([])
    // What is written afterwards stays.
    await store.write([put(numbered(1), bytes(2))], { durable: false })
    expect(text(await store.get(numbered(1)))).toBe("02")
  },

  "frees a million keys without stalling the event loop": async (fixture) => {
    const store = await fixture.open()
    const load = await effortOf(() => writeMillion(store))
    const deletion = await effortOf(() =>
      store.deleteRange({ gte: numbered(10), lt: numbered(MILLION) }),
    )
    // An engine that only notes the range needs next to nothing of the event loop, and no turns in
    // between. Its threads may still be at work on the writes before.
    if (deletion.activeMs * 20 > load.activeMs) {
      expect(deletion.turns, "turns of the event loop").toBeGreaterThan(MILLION / 20_000)
      expect(deletion.longestMicros * 2, "the longest stretch without a turn").toBeLessThan(
        deletion.cpuMicros,
      )
    }
    expect(await entriesOf(store)).toHaveLength(10)
    expect(text(await store.get(numbered(MILLION - 1)))).toBe("none")
  },

  "lets other calls go on meanwhile": async (fixture) => {
    const store = await fixture.open()
    const ops = Array.from({ length: 50_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    await store.write(ops, { durable: false })
    const deletion = store.deleteRange({ gte: numbered(1_000), lt: numbered(50_000) })
    // Other ranges: writing where it deletes is nobody's to do.
    const writes = Array.from({ length: 20 }, async (_, n) => {
      for (let turn = 0; turn < n; turn++) await nextTurn()
      await store.write([put(numbered(60_000 + n), bytes(n)), del(numbered(n))], { durable: false })
      expect(text(await store.get(numbered(60_000 + n)))).toBe(text(bytes(n)))
      expect(text(await store.get(numbered(500 + n)))).toBe(text(bytes(500 + n, (500 + n) >>> 8)))
    })
    const second = store.deleteRange({ gte: numbered(900), lt: numbered(1_000) })
    await Promise.all([deletion, second, ...writes])
    const expected = [
      ...Array.from({ length: 880 }, (_, i) => i + 20),
      ...Array.from({ length: 20 }, (_, n) => 60_000 + n),
    ]
    expect((await entriesOf(store)).map(({ key }) => text(key))).toEqual(
      expected.map((n) => text(numbered(n))),
    )
  },

  "goes on after it was killed": needing("persistent", async (fixture) => {
    const place = await fixture.newPlace()
    const range = { gte: numbered(0), lt: bytes(2) }
    const outside = [put(bytes(0), bytes(1)), put(bytes(2), bytes(2))]
    const inside = Array.from({ length: 6_000 }, (_, i) => put(numbered(i), bytes(i, i >>> 8)))
    // What the whole takes says when to kill.
    const first = await fixture.open(place)
    await first.write([...outside, ...inside], { durable: true })
    const start = performance.now()
    await first.deleteRange(range)
    const wholeMs = performance.now() - start
    await first.close()
    for (const share of [0, 0.2, 0.4, 0.6, 0.8]) {
      const loaded = await fixture.open(place)
      await loaded.write([...outside, ...inside], { durable: true })
      await loaded.close()
      const child = fixture.child(place, "deleteRange", { argument: share * wholeMs })
      expect(await child.line()).toBe("open")
      await child.ended

      const again = await fixture.open(place)
      const left = await entriesOf(again)
      expect(text(left[0]?.key)).toBe(text(outside[0].key))
      expect(text(left.at(-1)?.key)).toBe(text(outside[1].key))
      await again.deleteRange(range)
      expect((await entriesOf(again)).map(({ key }) => text(key))).toEqual(["00", "02"])
      await again.close()
    }
  }),
})

const MILLION = 1_000_000

/** What something costs, in this process, and how it shares the event loop. */
interface Effort {
  readonly turns: number
  /** How long the event loop was at work. */
  readonly activeMs: number
  readonly cpuMicros: number
  /** The most between two turns. */
  readonly longestMicros: number
}

/** In processor time, of which a busy machine gives as much, only later. */
async function effortOf(call: () => Promise<void>): Promise<Effort> {
  let isOver = false
  let [turns, longestMicros] = [0, 0]
  const loop = performance.eventLoopUtilization()
  const start = cpuMicros()
  let last = start
  const result = call().finally(() => {
    isOver = true
  })
  while (!isOver) {
    // Every turn at first, then every millisecond: what waits for a disk shall not be kept busy.
    await (turns < 200 ? nextTurn() : new Promise((go) => setTimeout(go, 1)))
    turns++
    const now = cpuMicros()
    longestMicros = Math.max(longestMicros, now - last)
    last = now
  }
  await result
  const { active: activeMs } = performance.eventLoopUtilization(loop)
  return { turns, activeMs, cpuMicros: last - start, longestMicros }
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Empty values, in batches that each cost one commit. */
async function writeMillion(store: Store): Promise<void> {
  const value = bytes()
  for (let from = 0; from < MILLION; from += 100_000) {
    const ops = Array.from({ length: 100_000 }, (_, i) => put(numbered(from + i), value))
    await store.write(ops, { durable: false })
  }
}
