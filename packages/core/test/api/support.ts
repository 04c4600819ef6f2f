import { expect } from "vitest"
import type { IndexOptions, MetadataIndex } from "../../src/api.ts"
import { TierdexError, type TierdexErrorCode } from "../../src/errors.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"

export type FieldsIndex = MetadataIndex<Fields>

/** Where an index is kept: the same calls, with and without a store. */
export interface Home {
  readonly name: string
  readonly open: (options?: Omit<IndexOptions, "store">) => Promise<FieldsIndex>
}

export const homes: readonly Home[] = [
  { name: "in memory", open: (options) => openIndex<Fields>(options) },
  {
    name: "in a store",
    open: (options) => openIndex<Fields>({ ...options, store: new MemoryStore() }),
  },
]

/** The error that a call ends with; it must be one of ours, with this code. */
export async function refusal(code: TierdexErrorCode, call: () => unknown): Promise<TierdexError> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof TierdexError)) throw error
    expect(error.code, error.message).toBe(code)
    return error
  }
  throw new Error(`The call succeeded, ${code} was expected.`)
}

export async function all<R>(stream: AsyncIterable<R>): Promise<R[]> {
  const items: R[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** All that can be seen of an index. */
export async function pictureOf(index: FieldsIndex) {
  const { records, skippedPaths } = index.stats()
  return {
    entries: await all(index.entries()),
    ids: await all(index.ids()),
    size: index.size,
    mark: index.mark,
    count: await index.count(),
    records,
    skippedPaths,
  }
}

/**
 * Does something that must change nothing, and checks that nothing is changed, that the index is
 * whole, and that it goes on: the next write is there.
 */
export async function expectUnharmed<R>(index: FieldsIndex, act: () => Promise<R>): Promise<R> {
  const before = await pictureOf(index)
  const result = await act()
  expect(await pictureOf(index)).toEqual(before)
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.put("goes on", { further: [1, "x"] })
  expect(await index.get("goes on")).toEqual({ further: [1, "x"] })
  expect(await index.delete("goes on")).toBe(true)
  expect(await pictureOf(index)).toEqual(before)
  return result
}

/** An index with records in a segment, if it has a store, and in the memtable. */
export async function sampleIndex(home: Home, options: Omit<IndexOptions, "store"> = {}) {
  const index = await home.open(options)
  await index.putMany([
    ["a", { category: "books", price: 5, tags: ["new", "red"], maker: { name: "x" } }],
    ["b", { category: "books", price: 7.5 }],
    ["c", { category: "toys", price: null }],
  ])
  await index.flush()
  await index.batch([{ type: "put", id: "d", record: { category: "toys", price: 1 } }], {
    mark: "first",
  })
  await index.delete("b")
  return index
}
