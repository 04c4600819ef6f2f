import { isDeepStrictEqual } from "node:util"
import { beforeAll, describe, expect, it } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { type FieldMeta, Format, KIND, type Manifest, SEGMENT, type Value } from "./format.ts"

/** Enough for two chunks, three-byte numbers, interior nodes and every form of container. */
const SIZE = 70_000

function record(i: number): Record<string, unknown> {
  return {
    // Distinct, in an order unlike that of the ordinals.
    serial: (i * 48_271) % 1_000_003,
    name: `product-${i % 3000}-é`,
    share: (i % 500) / 7,
    // Runs, a bitmap and an array, of more than 1,360 ordinals each.
    group: i < 30_000 ? "first" : i % 2 === 0 ? "even" : i % 23 === 0 ? "some" : `o${i % 5000}`,
    constant: "same",
    at: new Date(1_700_000_000_000 + i * 60_000),
    flag: i % 3 === 0,
    ...(i % 4 === 0 ? {} : { maybe: i % 4 === 1 ? null : i % 4 === 2 ? [] : { size: i % 9 } }),
    ...(i % 10 === 0 ? { tags: ["b", "a", "b", `t${i % 7}`] } : {}),
  }
}

const store = new MemoryStore()
const format = new Format(store)
let manifest: Manifest
/** What the index itself says it holds. */
let entries: Map<string, unknown>

beforeAll(async () => {
  const index = await openIndex({ store, durability: "os" })
  await index.putMany(Array.from({ length: SIZE }, (_, i) => [`id-${i}`, record(i)] as const))
  // Dead before they are flushed: gaps between the sequences.
  for (let i = 0; i < 5; i++) await index.put(`id-${i * 9000}`, { ...record(i), serial: -1 - i })
  await index.flush()
  // Dead in a segment: live sets of both chunks.
  await index.batch(
    [
      { type: "delete", id: "id-7" },
      { type: "delete", id: `id-${SIZE - 1}` },
      { type: "put", id: "ten", record: { serial: 1 } },
    ],
    { mark: "flushed" },
  )
  await index.flush()
  const last = { late: [1, "2", 2.5, true, null], serial: -7, inner: { at: new Date(5), none: [] } }
  await index.batch(
    [
      { type: "put", id: "logged", record: last },
      { type: "delete", id: "id-8" },
    ],
    { mark: "in the log" },
  )
  // Kept in the log: closing a short one does not flush it, but notes what is dead.
  await index.close()
  await store.open()
  manifest = format.manifest()
  const again = await openIndex({ store: copyOf(store) })
  entries = new Map()
  for await (const [id, fields] of again.entries()) entries.set(id, fields)
  await again.close()
}, 60_000)

/** A store that is the same but may be opened beside it. */
function copyOf(original: MemoryStore): MemoryStore {
  const copy = new MemoryStore()
  const open = copy.open.bind(copy)
  copy.open = async () => {
    await open()
    for await (const batch of original.scan({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) })) {
      await copy.write(batch.map((entry) => ({ type: "put", ...entry })))
    }
  }
  return copy
}

describe("the format", () => {
  it("has the manifest that is described", () => {
    expect(manifest).toMatchObject({
      format: 1,
      index: expect.any(String),
      rules: { exclude: [], onUnindexable: "error", paths: [] },
      nextSegment: 3,
      flushedSequence: SIZE + 5 + 3,
      mark: "in the log",
      drops: [],
    })
    expect(manifest.fields).toEqual([
      "serial",
      "name",
      "share",
      "group",
      "constant",
      "at",
      "flag",
      "tags",
      "maybe",
      "maybe.size",
      "late",
      "inner",
      "inner.at",
      "inner.none",
    ])
    expect(manifest.segments.map(({ segment, size, dead }) => ({ segment, size, dead }))).toEqual([
      { segment: 1, size: SIZE, dead: 3 },
      { segment: 2, size: 1, dead: 0 },
    ])
  })

  it("says how many values the field has that has most, and how long the longest array is", () => {
    for (const { segment, fields, maxDistinct, maxArray } of manifest.segments) {
      const metas = fields.map((field) => format.meta(segment, field))
      expect(maxDistinct).toBe(Math.max(...metas.map(({ tree }) => tree.distinct)))
      expect(maxArray).toBe(Math.max(...metas.map((meta) => meta.maxArray)))
    }
    expect(manifest.segments.map(({ maxArray }) => maxArray)).toEqual([4, 0])
  })

  it("holds every record, by its columns and trees", () => {
    const found = new Map<string, unknown>()
    for (const entry of manifest.segments) {
      const ids = format.ids(entry)
      const live = format.live(entry)
      const columns = entry.fields.map((field) => {
        const meta = format.meta(entry.segment, field)
        const values = format.tree(entry.segment, field, meta.tree).map(({ value }) => plain(value))
        const rows = format.column(entry.segment, field, entry.size, meta)
        return { path: manifest.fields[field], values, rows }
      })
      ids.forEach((id, ordinal) => {
        if (!live[ordinal]) return
        const flat: Record<string, unknown> = {}
        for (const { path, values, rows } of columns) {
          const row = rows[ordinal]
          const value = typeof row === "number" ? values[row] : row.map((vid) => values[vid])
          if (value !== undefined) flat[path] = value
        }
        found.set(id, nest(flat))
      })
    }
    // The log has the rest.
    expect(entries.size).toBe(found.size + 1)
    expect(found.has("logged")).toBe(false)
    // One by one: `toEqual` of all takes seconds.
    const wrong = [...found].filter(([id, fields]) => !isDeepStrictEqual(fields, entries.get(id)))
    expect(wrong).toEqual([])
  })

  it("has postings that agree with the columns", () => {
    for (const { segment, size, fields } of manifest.segments) {
      for (const field of fields) {
        const meta = format.meta(segment, field)
        const byColumn = Array.from({ length: meta.tree.distinct }, () => [] as number[])
        const rows = format.column(segment, field, size, meta)
        rows.forEach((row, ordinal) => {
          for (const vid of new Set([row].flat())) byColumn[vid].push(ordinal)
        })
        const tree = format.tree(segment, field, meta.tree)
        expect(tree.map(({ ordinals }) => ordinals)).toEqual(byColumn)
        expect(tree.reduce((sum, { ordinals }) => sum + ordinals.length, 0)).toBe(meta.tree.entries)
        expectMeta(meta, tree, rows)
      }
    }
  })

  function expectMeta(
    meta: FieldMeta,
    tree: readonly { value: Value }[],
    rows: readonly (number | number[])[],
  ): void {
    const arrays = rows.filter((row) => typeof row !== "number")
    expect(meta.arrays).toBe(arrays.length)
    expect(meta.maxArray).toBe(Math.max(0, ...arrays.map((row) => [row].flat().length)))
    expect(meta.missing).toBe(tree.findIndex(({ value }) => value.kind === KIND.missing))
    expect(meta.null).toBe(tree.findIndex(({ value }) => value.kind === KIND.null))
    expect(tree.map(({ value }) => value)).toEqual(
      tree.map(({ value }) => value).sort(compareValues),
    )
  }

  it("has interior nodes that lead to every leaf", () => {
    const [entry] = manifest.segments
    const trees = [
      { field: SEGMENT, shape: entry.ids },
      ...entry.fields.map((field) => ({ field, shape: format.meta(1, field).tree })),
    ]
    expect(Math.max(...trees.map(({ shape }) => shape.height))).toBeGreaterThan(1)
    for (const { field, shape } of trees) {
      const values = format.tree(1, field, shape)
      let pages = [0]
      for (let level = shape.height; level > 0; level--) {
        const children = pages.flatMap((page) => format.interior(1, field, 16 + level, page))
        expect(children.map(({ page }) => page)).toEqual([...children.keys()])
        for (const child of children) {
          const before = values.slice(0, child.firstVid)
          const entries = before.reduce((sum, { ordinals }) => sum + ordinals.length, 0)
          expect(child.entriesBefore).toBe(entries)
          const payload =
            child.kind === KIND.string ? new TextDecoder().decode(child.bytes) : child.payload
          const separator = { kind: child.kind, payload }
          expect(compareValues(separator, values[child.firstVid].value)).toBeLessThanOrEqual(0)
          const last = before.at(-1)
          if (last !== undefined) expect(compareValues(last.value, separator)).toBeLessThan(0)
        }
        pages = children.map(({ page }) => page)
      }
      expect(pages).toHaveLength(shape.leaves)
    }
  })

  it("finds each id under its ordinal, with its write sequence", () => {
    for (const entry of manifest.segments) {
      const ids = format.ids(entry)
      const byId = format.tree(entry.segment, SEGMENT, entry.ids)
      expect(byId).toHaveLength(entry.size)
      for (const { value, ordinals } of byId) expect(ids[ordinals[0]]).toBe(value.payload)
      expect(Buffer.from(entry.minId, "base64").toString()).toBe(byId[0].value.payload)
      expect(Buffer.from(entry.maxId, "base64").toString()).toBe(byId.at(-1)?.value.payload)
      const sequences = format.sequences(entry)
      expect(sequences).toHaveLength(entry.size)
      expect(sequences[0]).toBe(entry.firstSequence)
      expect(sequences.at(-1)).toBe(entry.lastSequence)
      expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b))
    }
  })

  it("has every value in its bloom filters, and few others", () => {
    const [entry] = manifest.segments
    expect(entry.idBloomPages).toBeGreaterThan(1)
    const ids = format.ids(entry).slice(0, 500)
    for (const payload of ids) {
      const value = { kind: KIND.string, payload }
      expect(format.mightHold(1, SEGMENT, entry.idBloomPages, value)).toBe(true)
    }
    const strangers = ids.filter((id) => {
      const value = { kind: KIND.string, payload: `not-${id}` }
      return format.mightHold(1, SEGMENT, entry.idBloomPages, value)
    })
    expect(strangers.length).toBeLessThan(50)
    for (const field of entry.fields) {
      const { bloomPages, tree } = format.meta(1, field)
      if (bloomPages === 0) continue
      for (const { value } of format.tree(1, field, tree).slice(0, 300)) {
        expect(format.mightHold(1, field, bloomPages, value)).toBe(true)
      }
    }
  })

  it("has the log that is described", () => {
    const first = manifest.flushedSequence + 1
    expect(format.logEntry(first)).toEqual({
      parts: 1,
      lastSequence: first + 1,
      bytes: expect.any(Number),
      newFields: ["late", "inner", "inner.at", "inner.none"],
      mark: "in the log",
      operations: [
        {
          type: 1,
          id: "logged",
          row: new Map<number, unknown>([
            [10, [1, "2", 2.5, true, null]],
            [0, -7],
            [11, {}],
            [12, new Date(5)],
            [13, []],
          ]),
        },
        { type: 2, id: "id-8", row: undefined },
      ],
    })
  })

  it("has a long manifest in parts", async () => {
    const long = new MemoryStore()
    const index = await openIndex({ store: long, durability: "os" })
    const paths = Array.from({ length: 300 }, (_, i) => `${i}-é`.padEnd(511, "\u0001"))
    await index.put("a", Object.fromEntries(paths.map((path) => [path, 1])))
    await index.flush()
    expect(long.get(Uint8Array.of(1, 0, 1))).toBeDefined()
    expect(new Format(long).manifest().fields).toEqual(paths)
    await index.close()
  })

  it("met every alternative that a test can reach", () => {
    const { met } = format
    expect([...met].sort()).toEqual([
      "column form 0",
      "column form 1",
      "column form 2",
      "common prefix",
      "container 0",
      "container 1",
      "container 2",
      "number mode 0",
      "number mode 1",
      "packed 0",
      "packed 1",
      "packed 2",
      "packed 3",
      "packed 4",
      "postings elsewhere",
      "sequences form 1",
      "sequences without gaps",
    ])
  })
})

/** What a value stands for in a record; undefined for a missing one. */
function plain({ kind, payload }: Value): unknown {
  switch (kind) {
    case KIND.emptyArray:
      return []
    case KIND.missing:
      return undefined
    case KIND.null:
      return null
    case KIND.object:
      return {}
    case KIND.boolean:
      return payload === 1
    case KIND.date:
      return new Date(Number(payload))
    default:
      return payload
  }
}

/** `maybe.size` into `maybe`. */
function nest(flat: Record<string, unknown>): Record<string, unknown> {
  const { "maybe.size": size, ...rest } = flat
  return size === undefined ? rest : { ...rest, maybe: { size } }
}

function compareValues(a: Value, b: Value): number {
  if (a.kind !== b.kind) return a.kind - b.kind
  if (typeof a.payload === "number" && typeof b.payload === "number") return a.payload - b.payload
  return Buffer.compare(Buffer.from(String(a.payload)), Buffer.from(String(b.payload)))
}
