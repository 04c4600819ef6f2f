import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { InnerPage, writeInner } from "../../src/btree/inner.ts"
import { PageTree } from "../../src/btree/page-tree.ts"
import { TreeWriter } from "../../src/btree/tree-writer.ts"
import { CHUNK, decodeContainer } from "../../src/docset/container.ts"
import { FileKind, pageKey } from "../../src/pages/keys.ts"
import { PageWriter, RUN_PAGE_BYTES } from "../../src/pages/page.ts"
import { PageFile } from "../../src/pages/page-file.ts"
import { compareValues } from "../../src/values/compare.ts"
import { KIND_COUNT, Kind, type Value } from "../../src/values/kind.ts"
import { ValueRef } from "../../src/values/value-ref.ts"
import {
  afterValue,
  beforeKind,
  beforeValue,
  type Cut,
  isBefore,
} from "../../src/values/value-set.ts"
import { PageStore, run } from "../pages/page-store.ts"
import { randomFrom } from "../support/random.ts"
import {
  type Entry,
  entriesOf,
  FIELD,
  makers,
  number,
  SEGMENT,
  storeTree,
  text,
  treeCases,
} from "./stored-tree.ts"

const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS) / 2)
/** Entries that are looked at one by one; of more, every so many. */
const LOOKS = 60

function some<T>(list: readonly T[]): { item: T; at: number }[] {
  const step = Math.max(1, Math.floor(list.length / LOOKS))
  const looks: { item: T; at: number }[] = []
  for (let at = 0; at < list.length; at += step) looks.push({ item: list[at], at })
  if (list.length > 0) looks.push({ item: list[list.length - 1], at: list.length - 1 })
  return looks
}

/** Values that are not in the tree, or happen to be. */
function strangers(seed: number): Value[] {
  const random = randomFrom(seed)
  return Object.values(makers).flatMap((make) => [make(random), make(random)])
}

function expectPlace(tree: PageTree, entries: readonly Entry[], cut: Cut): void {
  let vid = 0
  let entry = 0
  while (vid < entries.length && isBefore(entries[vid].value, cut)) {
    entry += entries[vid++].ordinals.length
  }
  expect(run(tree.placeOf(cut))).toEqual({ vid, entry })
}

/** The ordinals of a value as its containers hold them. */
function fromContainers(tree: PageTree, vid: number): Uint32Array {
  const leaf = run(tree.leafOf(vid))
  const index = vid - leaf.firstVid
  const out = new Uint32Array(leaf.count(index))
  let end = 0
  run(
    tree.containers(leaf, index, ({ type, bytes, count, chunk }) => {
      end = decodeContainer(type, bytes, count, chunk * CHUNK, out, end)
    }),
  )
  return out.subarray(0, end)
}

describe("a tree in pages", () => {
  test("agrees with a sorted array", async () => {
    const property = fc.asyncProperty(treeCases, async (treeCase) => {
      const entries = entriesOf(treeCase)
      const { tree } = await storeTree(entries, treeCase.targetBytes)
      const total = entries.reduce((sum, { ordinals }) => sum + ordinals.length, 0)
      expect(tree.shape).toMatchObject({ distinct: entries.length, entries: total })
      if (entries.length === 0) return
      run(tree.check(treeCase.universe))

      for (let kind = 0; kind <= KIND_COUNT; kind++) expectPlace(tree, entries, beforeKind(kind))
      const probes = [
        ...some(entries).map(({ item }) => item.value),
        ...strangers(treeCase.seed + 1),
      ]
      for (const value of probes) {
        expectPlace(tree, entries, beforeValue(value))
        expectPlace(tree, entries, afterValue(value))
        const at = entries.findIndex((entry) => compareValues(entry.value, value) === 0)
        const found = run(tree.find(value))
        expect(found === undefined ? -1 : found.leaf.firstVid + found.index).toBe(at)
      }
      const valuesByEntry = entries.flatMap(({ value, ordinals }) =>
        Array.from(ordinals, () => value),
      )
      for (const { item, at } of some(valuesByEntry)) {
        expect(compareValues(run(tree.valueAt(at)), item)).toBe(0)
      }
      for (const { item, at } of some(entries)) {
        const leaf = run(tree.leafOf(at))
        const index = at - leaf.firstVid
        expect(compareValues(leaf.value(index), item.value)).toBe(0)
        expect(leaf.count(index)).toBe(item.ordinals.length)
        expect(run(tree.ordinals(leaf, index))).toEqual(item.ordinals)
        const isExternal = item.ordinals.length > 1360
        expect(leaf.external(index) !== undefined).toBe(isExternal)
        expect(fromContainers(tree, at)).toEqual(isExternal ? item.ordinals : new Uint32Array(0))
        expect(run(tree.leafAt(run(tree.pageOf(at))))).toBe(leaf)
      }
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  test("has pages of the size aimed at, unless one value is larger", async () => {
    const property = fc.asyncProperty(treeCases, async (treeCase) => {
      const entries = entriesOf(treeCase)
      const { pages, tree } = await storeTree(entries, treeCase.targetBytes)
      for (let page = 0; page < tree.shape.leaves; page++) {
        const leaf = run(tree.leafAt(page))
        const stored = pages.store.get(keyOf(FileKind.tree, page))
        if (leaf.length > 1) expect(stored).toHaveProperty("length", expect.toSatisfy(fits))
      }
      function fits(length: number): boolean {
        return length <= treeCase.targetBytes
      }
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  // A leaf was filled as if the ordinals of the next value were as short as those before it.
  test("keeps to the size where ordinals become longer", async () => {
    const short = Uint32Array.from({ length: 10 }, (_, i) => i)
    const entries = Array.from({ length: 5000 }, (_, i) => ({
      value: number(i),
      ordinals: i % 1000 === 999 ? Uint32Array.of(2 ** 24 - 1) : short,
    }))
    const { pages, tree } = await storeTree(entries, RUN_PAGE_BYTES)
    run(tree.check(2 ** 24))
    for (let page = 0; page < tree.shape.leaves; page++) {
      const stored = await pages.store.get(keyOf(FileKind.tree, page))
      expect(stored?.length).toBeLessThanOrEqual(RUN_PAGE_BYTES)
    }
  })

  test("of several levels finds every value", async () => {
    const words = Array.from({ length: 3000 }, (_, i) => text(`${i + 10_000}`))
    for (const [values, targetBytes] of [
      [words, 200],
      [Array.from({ length: 3000 }, (_, i) => number(i * i - 0.5)), 200],
      [Array.from({ length: 40 }, (_, i) => text("s".repeat(32_000) + (i + 10))), 1000],
    ] as const) {
      const entries = values.map((value, i) => ({ value, ordinals: Uint32Array.of(i) }))
      const { tree } = await storeTree(entries, targetBytes)
      expect(tree.shape.height).toBeGreaterThanOrEqual(3)
      run(tree.check(entries.length))
      for (const { value, ordinals } of entries) {
        const found = run(tree.find(value))
        expect(found && [...run(tree.ordinals(found.leaf, found.index))]).toEqual([...ordinals])
      }
    }
  })

  test("separates strings by as few bytes as tell them apart", async () => {
    const values = Array.from({ length: 300 }, (_, i) => `${i + 100}${"z".repeat(1000)}`)
    const entries = values.map((value, i) => ({ value: text(value), ordinals: Uint32Array.of(i) }))
    const { pages, tree } = await storeTree(entries, 4072)
    expect(tree.shape.height).toBe(1)
    const root = await pages.store.get(keyOf(FileKind.tree + 1, 0))
    // 25 bytes for each child, 3 or 4 of them of its separator, but the first, which is whole.
    expect(root?.length).toBeLessThan(1003 + tree.shape.leaves * 34 + 64)
    run(tree.check(300))
  })

  test("with postings over many containers and pages reads them from the middle of a page", async () => {
    // Odd ordinals of 20 chunks are 20 bitmaps, more than a page takes; several values share pages.
    const dense = Uint32Array.from({ length: 10 * CHUNK }, (_, i) => i * 2 + 1)
    const runs = Uint32Array.from({ length: 2 * CHUNK }, (_, i) => i + CHUNK - 10)
    const sparse = Uint32Array.from({ length: 2000 }, (_, i) => i * 600)
    const entries = [runs, dense, sparse, dense, Uint32Array.of(19), runs].map((ordinals, i) => ({
      value: number(i),
      ordinals,
    }))
    const { pages, tree } = await storeTree(entries, 4072, 999)
    run(tree.check(20 * CHUNK))
    expect(await pages.store.get(keyOf(FileKind.postings, 20))).toBeDefined()
    for (const [vid, { ordinals }] of entries.entries()) {
      expect(run(tree.ordinals(run(tree.leafOf(vid)), vid))).toEqual(ordinals)
    }
  })

  test("leaves out a value without ordinals", async () => {
    const pages = await PageStore.open()
    const writer = new TreeWriter(pages.sink, SEGMENT, FIELD, 4072)
    expect(writer.finish()).toEqual({ height: 0, leaves: 0, distinct: 0, entries: 0 })
    writer.begin(ValueRef.of(number(1)))
    expect(writer.end()).toBe(false)
    writer.begin(ValueRef.of(number(2)))
    writer.add(Uint32Array.of(3, 4, 5), 1, 2)
    expect(writer.end()).toBe(true)
    writer.begin(ValueRef.of(number(3)))
    writer.add(Uint32Array.of(3), 0, 0)
    expect(writer.end()).toBe(false)
    expect(writer.finish()).toEqual({ height: 0, leaves: 1, distinct: 1, entries: 1 })
  })
})

function keyOf(kind: number, page: number): Uint8Array {
  return pageKey({ segment: SEGMENT, field: FIELD, kind }, page)
}

/** 300 numbers and 300 strings with an ordinal each, over three levels. */
function soundEntries(): { value: Value; ordinals: Uint32Array }[] {
  return Array.from({ length: 600 }, (_, i) => ({
    value: i < 300 ? number(i) : text(`${i}`),
    ordinals: Uint32Array.of(i),
  }))
}

describe("check", () => {
  test("accepts a sound tree", async () => {
    const { tree } = await storeTree(soundEntries(), 300)
    expect(tree.shape.height).toBe(2)
    expect(() => run(tree.check(600))).not.toThrow()
  })

  const wrongEntries: [string, RegExp, (entries: ReturnType<typeof soundEntries>) => void][] = [
    ["values out of order", /out of order|not found/, (all) => swap(all, 100, 101)],
    ["strings out of order", /out of order|not found/, (all) => swap(all, 400, 401)],
    ["kinds out of order", /out of order|not found/, (all) => swap(all, 299, 300)],
    ["a value twice", /out of order|not found/, (all) => all.splice(5, 1, all[4])],
    ["an ordinal twice", /posting/, (all) => all.splice(5, 1, withOrdinals(all[5], 3, 3))],
    ["ordinals that descend", /posting/, (all) => all.splice(5, 1, withOrdinals(all[5], 4, 3))],
    ["an ordinal too great", /posting/, (all) => all.splice(5, 1, withOrdinals(all[5], 600))],
  ]
  test.each(wrongEntries)("finds %s", async (_name, message, damage) => {
    const entries = soundEntries()
    damage(entries)
    const { tree } = await storeTree(entries, 300)
    expect(() => run(tree.check(600))).toThrow(message)
  })

  // Pages of another tree, sound in themselves, in the place of those of this one.
  const wrongPages: [string, RegExp, number, (all: ReturnType<typeof soundEntries>) => void][] = [
    ["a leaf with wrong counts", /counts/, FileKind.tree, (all) => addOrdinal(all)],
    ["a leaf of other values", /not found/, FileKind.tree, (all) => shift(all, 70)],
    ["a node with wrong separators", /not found/, FileKind.tree + 1, (all) => shift(all, 70)],
    ["a root with wrong separators", /not found/, FileKind.tree + 2, (all) => shift(all, 70)],
  ]
  test.each(wrongPages)("finds %s", async (_name, message, kind, change) => {
    const numbers = () =>
      Array.from({ length: 600 }, (_, i) => ({ value: number(i), ordinals: Uint32Array.of(i) }))
    const { pages, tree } = await storeTree(numbers(), 300)
    expect(tree.shape.height).toBe(2)
    const others = numbers()
    change(others)
    const other = await storeTree(others, 300)
    const key = keyOf(kind, kind === FileKind.tree + 2 ? 0 : 1)
    const value = await other.pages.store.get(key)
    if (value === undefined) throw new Error("The other tree has no such page.")
    await pages.store.write([{ type: "put", key, value }], { durable: false })
    expect(() => run(tree.check(600))).toThrow(message)
  })

  test.each([1, -1])("finds a node whose counts are off by %i", async (by) => {
    const { pages, tree } = await storeTree(soundEntries(), 300)
    const file = { segment: SEGMENT, field: FIELD, kind: FileKind.tree + 1 }
    const node = run(new PageFile(pages, file, InnerPage).read(1))
    const children = Array.from({ length: node.length }, (_, i) => {
      const leaf = run(tree.leafAt(node.page(i)))
      const vidsBefore = leaf.firstVid + by
      return { separator: leaf.value(0), vidsBefore, entriesBefore: leaf.firstEntry }
    })
    const page = new PageWriter()
    writeInner(page, node.page(0), children)
    pages.sink.put(file, 1, page)
    await pages.finish()
    pages.cache.clear()
    expect(() => run(tree.check(600))).toThrow(/not found by number/)
  })

  test("finds wrong totals", async () => {
    const { pages, tree } = await storeTree(soundEntries(), 300)
    for (const wrong of [{ distinct: 599 }, { entries: 601 }, { leaves: tree.shape.leaves - 1 }]) {
      const other = new PageTree(pages, SEGMENT, FIELD, { ...tree.shape, ...wrong })
      expect(() => run(other.check(600))).toThrow(/totals/)
    }
  })
})

function swap<T>(list: T[], a: number, b: number): void {
  const held = list[a]
  list[a] = list[b]
  list[b] = held
}

function addOrdinal(entries: Entry[]): void {
  entries.splice(0, 1, withOrdinals(entries[0], 0, 1))
}

function withOrdinals({ value }: Entry, ...ordinals: number[]) {
  return { value, ordinals: Uint32Array.from(ordinals) }
}

/** Makes all numbers of a tree greater. */
function shift(entries: { value: Value; ordinals: Uint32Array }[], by: number): void {
  for (const [i, { value, ordinals }] of entries.entries()) {
    if (value.kind !== Kind.number || typeof value.payload !== "number") continue
    entries[i] = { value: number(value.payload + by), ordinals }
  }
}
