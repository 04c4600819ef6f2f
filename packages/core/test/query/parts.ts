import fc from "fast-check"
import type { FilterNode } from "../../src/filter/node.ts"
import { LiveSet } from "../../src/parts/live-set.ts"
import type { PartView } from "../../src/parts/part.ts"
import { type FieldValue, isArray } from "../../src/rows/row.ts"
import { KIND_COUNT, Kind, type Value } from "../../src/values/kind.ts"
import {
  afterValue,
  beforeKind,
  beforeValue,
  includes,
  point,
  union,
  type ValueSet,
} from "../../src/values/value-set.ts"
import { number, text } from "../btree/stored-tree.ts"
import { PageStore } from "../pages/page-store.ts"
import { flushed, memtableOf, type Row, valuesOf } from "../segment/rows.ts"

/** Paths are letters, and fields number 0 on. */
export function lookup(path: string): number | undefined {
  const field = path.charCodeAt(0) - 97
  return field < 8 ? field : undefined
}

/** The same rows as a memtable and as a segment, some of them dead. */
export async function viewsOf(
  rows: readonly Row[],
  isDead: (ordinal: number) => boolean = () => false,
): Promise<Record<"memtable" | "segment", PartView>> {
  const memtable = memtableOf(rows)
  const pages = await PageStore.open()
  const segment = await flushed(memtable, pages, 1)
  const live = new LiveSet(rows.length)
  for (let ordinal = 0; ordinal < rows.length; ordinal++) {
    if (!isDead(ordinal)) continue
    live.kill(ordinal)
    memtable.live.kill(ordinal)
  }
  return {
    memtable: { part: memtable.view(), live: memtable.live.view() },
    segment: { part: segment, live: live.view() },
  }
}

export function rowOf(i: number, fields: readonly (readonly [number, FieldValue])[]): Row {
  return { id: `id-${i}`, sequence: i + 1, fields: new Map(fields) }
}

/** What a filter means for a row, by the definitions of its nodes. */
export function matches(node: FilterNode, row: Row): boolean {
  switch (node.type) {
    case "all":
      return true
    case "none":
      return false
    case "and":
      return node.nodes.every((each) => matches(each, row))
    case "or":
      return node.nodes.some((each) => matches(each, row))
    case "not":
      return !matches(node.node, row)
    case "values":
      return valuesAt(row, node.path).some((value) => includes(node.set, value))
    case "element":
      return (
        lengthAt(row, node.path) >= 0 &&
        valuesAt(row, node.path).some((value) => includes(node.set, value))
      )
    case "size":
      return Math.max(0, lengthAt(row, node.path)) === node.size && isArrayAt(row, node.path)
  }
}

function valuesAt(row: Row, path: string): readonly Value[] {
  return valuesOf(row, lookup(path) ?? 99)
}

/** Elements of the array at a path, -1 if there is none with elements. */
function lengthAt(row: Row, path: string): number {
  const value = row.fields.get(lookup(path) ?? 99)
  return value !== undefined && isArray(value) ? value.length : -1
}

function isArrayAt(row: Row, path: string): boolean {
  return lengthAt(row, path) >= 0 || valuesAt(row, path)[0].kind === Kind.emptyArray
}

const values: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 8 }).map(number) },
  { weight: 3, arbitrary: fc.constantFrom("", "a", "ab", "b").map(text) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(Kind.null, Kind.emptyArray, Kind.object)
      .map((kind): Value => ({ kind, payload: 0 })),
  },
)
const elements = values.filter(({ kind }) => kind !== Kind.emptyArray && kind !== Kind.object)

const fieldValues: fc.Arbitrary<FieldValue>[] = [
  // a: single, b: often arrays, c: rarely anything, d: single and often the same.
  values,
  fc.oneof(values, fc.array(elements, { minLength: 1, maxLength: 4 })),
  fc.oneof(values, fc.array(elements, { minLength: 1, maxLength: 2 })),
  fc.oneof({ weight: 9, arbitrary: fc.constant(number(3)) }, { weight: 1, arbitrary: values }),
]
const presence = [0.9, 0.9, 0.1, 1]

export const rowLists: fc.Arbitrary<Row[]> = fc
  .array(
    fc.tuple(...fieldValues.map((each, field) => fc.option(each, { freq: odds(presence[field]) }))),
    { minLength: 1, maxLength: 120 },
  )
  .map((list) =>
    list.map((row, i) =>
      rowOf(
        i,
        row.flatMap((value, field) => (value === null ? [] : [[field, value] as const])),
      ),
    ),
  )

/** `fc.option` gives null once in so many times. */
function odds(share: number): number {
  return Math.max(1, Math.round(1 / (1 - Math.min(0.99, share))))
}

const cuts = fc.oneof(
  fc.integer({ min: 0, max: KIND_COUNT }).map(beforeKind),
  values.map(beforeValue),
  values.map(afterValue),
)
export const sets: fc.Arbitrary<ValueSet> = fc.oneof(
  fc.array(values.map(point), { minLength: 1, maxLength: 3 }).map(union),
  fc.array(fc.record({ from: cuts, to: cuts }), { minLength: 1, maxLength: 3 }).map(union),
)
const paths = fc.constantFrom("a", "b", "c", "d", "h", "x")

export const filters: fc.Arbitrary<FilterNode> = fc.letrec<{ node: FilterNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    {
      weight: 6,
      arbitrary: fc.record({ type: fc.constant("values" as const), path: paths, set: sets }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("element" as const), path: paths, set: sets }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("size" as const), path: paths, size: fc.nat(3) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("all" as const, "none" as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constantFrom("and" as const, "or" as const),
        nodes: fc.array(tie("node"), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("not" as const), node: tie("node") }) },
  ),
})).node
