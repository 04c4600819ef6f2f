import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { FieldsOptions } from "../../src/api.ts"
import { parseFieldsOptions } from "../../src/fields/field-options.ts"
import { type FieldNode, FieldTable } from "../../src/fields/field-table.ts"
import { SkippedPaths } from "../../src/fields/skipped-paths.ts"
import { assemble } from "../../src/rows/assemble.ts"
import { ByteReader } from "../../src/rows/byte-reader.ts"
import { ByteWriter } from "../../src/rows/byte-writer.ts"
import { encodeId, RowEncoder } from "../../src/rows/encode.ts"
import { readRow } from "../../src/rows/row.ts"
import { type Fields, ids, normalise, records, sameContent } from "../oracle.ts"

function newEncoder(options = {}) {
  const fields = new FieldTable(parseFieldsOptions(options))
  const out = new ByteWriter(16)
  const skipped = new SkippedPaths()
  return { fields, out, skipped, encoder: new RowEncoder(fields, out, skipped) }
}

function fieldsOf(reader: ByteReader, fields: FieldTable) {
  return [...readRow(reader)].map(
    ([field, value]) => [fields.path(field).split("."), value] as const,
  )
}

describe("a record", () => {
  test("is read again as it was, whatever the order of its fields", () => {
    fc.assert(
      fc.property(
        fc.array(records, { maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (all, random) => {
          const { fields, out, encoder } = newEncoder()
          for (const record of all) encoder.encode(record)
          const reader = new ByteReader(out.bytes)
          for (const record of all) {
            const read = fieldsOf(reader, fields)
            const shuffled = read
              .map((field) => ({ field, key: random.next().value }))
              .sort((a, b) => a.key - b.key)
              .map(({ field }) => field)
            expect(sameContent(assemble(read), normalise(record))).toBe(true)
            expect(sameContent(assemble(shuffled), normalise(record))).toBe(true)
          }
          expect(reader.position).toBe(out.length)
        },
      ),
    )
  })

  test("has a number for each path, of itself and its objects, in order of appearance", () => {
    const { fields, encoder } = newEncoder()
    encoder.encode({ a: 1, b: { c: { d: 1 }, a: [] }, e: undefined })
    encoder.encode({ b: { c: {} }, f: null, a: 2 })
    expect(fields.paths).toEqual(["a", "b", "b.c", "b.c.d", "b.a", "f"])
  })

  test("leaves no trace when it is refused", () => {
    fc.assert(
      fc.property(records, records, fc.constantFrom<unknown>(Number.NaN, 5n, [[]]), (a, b, bad) => {
        const { fields, out, skipped, encoder } = newEncoder()
        encoder.encode(a)
        const { paths } = fields
        const bytes = out.bytes.slice()
        expect(() => encoder.encode({ ...b, fresh: { x: 1, bad } })).toThrow('"fresh.bad"')
        expect(fields.paths).toEqual(paths)
        expect(out.bytes).toEqual(bytes)
        expect(skipped.counts).toEqual({})
        encoder.encode(b)
        const reader = new ByteReader(out.bytes)
        expect(assemble(fieldsOf(reader, fields))).toEqual(normalise(a))
        expect(assemble(fieldsOf(reader, fields))).toEqual(normalise(b))
      }),
    )
  })

  test("leaves no trace of a path that is skipped", () => {
    fc.assert(
      fc.property(records, records, (record, other) => {
        const { fields, out, skipped, encoder } = newEncoder({ onUnindexable: "skip" })
        const plain = newEncoder()
        const bad: Fields = { list: [1, { a: 1 }], nested: { x: 1, gone: Symbol("x") } }
        encoder.encode({ ...record, ...bad })
        encoder.encode(other)
        plain.encoder.encode({ ...record, nested: { x: 1 } })
        plain.encoder.encode(other)
        expect(fields.paths).toEqual(plain.fields.paths)
        expect(out.bytes).toEqual(plain.out.bytes)
        expect(skipped.counts).toEqual({ list: 1, "nested.gone": 1 })
      }),
    )
  })

  test.each<[string, FieldsOptions, (key: string) => Fields]>([
    ["refused", {}, (key) => ({ [key]: { x: 1, bad: 5n } })],
    ["skipped", { onUnindexable: "skip" }, (key) => ({ [key]: 5n, in: { [key]: [[1]] } })],
    ["over the limit", { onUnindexable: "skip" }, (key) => ({ [key]: 1, in: { [key]: 1 } })],
    ["not included", { include: ["in.a"] }, (key) => ({ [key]: 1, in: { [key]: { a: 1 }, a: 1 } })],
    ["excluded", { exclude: ["in"] }, (key) => ({ in: { [key]: 1 } })],
    ["refused below an exclusion", { exclude: ["in.a"] }, (key) => ({ in: { [key]: 1, b: 5n } })],
  ])("whose keys are data is not remembered where it is %s", (_, options, make) => {
    const { fields, encoder } = newEncoder(options)
    const nodes = (node: FieldNode): number =>
      [...node.children.values()].reduce((sum, child) => sum + nodes(child), 1)
    for (let i = 0; i < 3000; i++) {
      try {
        encoder.encode(make(`id-${i}`))
      } catch (error) {
        expect(error).toMatchObject({ code: "TIERDEX_INVALID_VALUE" })
      }
    }
    expect(nodes(fields.root)).toBeLessThanOrEqual(fields.size + 4)
  })

  test("is not a cycle because an object is in it twice", () => {
    const { fields, out, encoder } = newEncoder()
    const shared = { x: 1 }
    encoder.encode({ a: shared, b: { c: shared } })
    expect(assemble(fieldsOf(new ByteReader(out.bytes), fields))).toEqual({
      a: { x: 1 },
      b: { c: { x: 1 } },
    })
  })

  test("may come from another realm, or have no prototype", () => {
    const { out, encoder } = newEncoder()
    encoder.encode(Object.assign(Object.create(null), { a: 1 }))
    expect(out.length).toBeGreaterThan(1)
  })
})

test("an id is written as its length and its bytes", () => {
  fc.assert(
    fc.property(ids, (id) => {
      const out = new ByteWriter(4)
      encodeId(out, id)
      expect(new ByteReader(out.bytes).string()).toBe(id)
    }),
  )
})

test.each<unknown>([
  "",
  "x".repeat(513),
  "é".repeat(257),
  "\udc00",
  5,
  null,
  undefined,
  new String("x"),
])("the id %o leaves no trace", (id) => {
  const out = new ByteWriter()
  out.u8(1)
  expect(() => encodeId(out, id)).toThrow(expect.objectContaining({ code: "TIERDEX_INVALID_ID" }))
  expect([...out.bytes]).toEqual([1])
})
