import type { BatchOp, SortDirection, SortSpec } from "@tierdex/core"
import fc from "fast-check"
import type { Probe } from "./compare.ts"
import type { Fields } from "./fields.ts"
import { filters } from "./generate-filter.ts"
import type { Operation } from "./operation.ts"
import { anyText, paths, poolOf, strangeNames, weightedPaths } from "./pools.ts"

export { filters, operatorNames } from "./generate-filter.ts"

/** What a field may hold: mostly a scalar of its pool, or an array of them. */
function valueAt(path: string): fc.Arbitrary<unknown> {
  const pool = poolOf(path)
  return fc.oneof(
    { weight: 14, arbitrary: pool },
    { weight: 5, arbitrary: fc.array(pool, { maxLength: 4 }) },
    // A single element and a repeated one: arrays still.
    { weight: 1, arbitrary: pool.map((value) => [value, value]) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

const deep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ z: valueAt("n.deep.z") }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: valueAt("n.deep") },
)

const nested = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      { x: valueAt("n.x"), y: valueAt("n.y"), deep, "0": valueAt("n.0") },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: valueAt("n") },
)

const mixed = fc.oneof(
  { weight: 9, arbitrary: valueAt("c") },
  { weight: 1, arbitrary: fc.record({ x: valueAt("c.x") }, { requiredKeys: [] }) },
)

const strange = fc.oneof(
  { weight: 15, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.tuple(fc.constantFrom(...strangeNames), mixed)) },
)

/** Records that an index accepts: see `pools.ts` for what is where. */
export const records: fc.Arbitrary<Fields> = fc
  .tuple(
    fc.record(
      {
        a: valueAt("a"),
        b: valueAt("b"),
        c: mixed,
        tags: valueAt("tags"),
        n: nested,
        label: valueAt("label"),
        "0": valueAt("0"),
      },
      { requiredKeys: [] },
    ),
    strange,
  )
  .map(([record, more]) => Object.fromEntries([...Object.entries(record), ...more]))

/** Few, so that most writes are of a record that is there. */
export const ids: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(..."abcdefghijklmno") },
  { weight: 4, arbitrary: fc.constantFrom("0", "10", "aa", "é", "日本", "\uFFFF", "😀", "\u0000") },
  { weight: 1, arbitrary: fc.constantFrom("i".repeat(512), `${"i".repeat(511)}j`) },
  { weight: 1, arbitrary: anyText(1, 3) },
)

const sortKeys = fc.uniqueArray(fc.tuple(paths, fc.constantFrom<SortDirection>("asc", "desc")), {
  minLength: 1,
  maxLength: 3,
  selector: ([path]) => path,
})

/** One to three keys, in either notation. */
export const sorts: fc.Arbitrary<SortSpec<Fields>> = fc.oneof(
  sortKeys,
  sortKeys.map((keys): SortSpec<Fields> => Object.fromEntries(keys)),
)

const change = fc.oneof(
  ...["a", "b", "c", "tags", "n", "n.x", "n.deep.z", "c.x", "label"].map((path) =>
    fc.tuple(
      fc.constant(path),
      fc.oneof(
        { weight: 5, arbitrary: path === "n" ? nested : valueAt(path) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
    ),
  ),
)

/** Changes of fields and paths, none of which lies below another; undefined removes. */
export const patches: fc.Arbitrary<Fields> = fc
  .uniqueArray(change, {
    maxLength: 3,
    comparator: ([a], [b]) => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`),
  })
  .map((changes) => Object.fromEntries(changes))

const entry = fc.tuple(ids, records)

const batchOps: fc.Arbitrary<BatchOp<Fields>[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ type: fc.constant("put" as const), id: ids, record: records }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), id: ids }) },
  ),
  { maxLength: 6 },
)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({ type: fc.constant("put" as const), id: ids, record: records }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("putMany" as const),
      entries: fc.array(entry, { maxLength: 12, size: "max" }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constant("update" as const), id: ids, patch: patches }),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("delete" as const), id: ids }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("deleteMany" as const), filter: filters }),
  },
  {
    weight: 8,
    arbitrary: fc.record(
      {
        type: fc.constant("batch" as const),
        ops: batchOps,
        mark: fc.constantFrom("", "mark", "markiert: é"),
      },
      { requiredKeys: ["type", "ops"] },
    ),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("flush" as const) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("compact" as const) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("reopen" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("clear" as const) }) },
)

/** Calls one after the other, every one valid; the last ones repeat some as they were. */
export function operations({ maxLength = 30 } = {}): fc.Arbitrary<Operation[]> {
  return fc
    .tuple(fc.array(operation, { maxLength, size: "max" }), fc.array(fc.nat(), { maxLength: 3 }))
    .map(([calls, repeats]) => [
      ...calls,
      ...(calls.length > 0 ? repeats.map((at) => calls[at % calls.length]) : []),
    ])
}

/** Everything that `compareWithModel` takes besides the filter. */
export const probes: fc.Arbitrary<Probe> = fc.record(
  {
    sort: sorts,
    pageLimits: fc.array(fc.constantFrom(1, 2, 3, 7, 50), { minLength: 1, maxLength: 3 }),
    select: fc.uniqueArray(paths, { minLength: 1, maxLength: 3 }),
    facetFields: fc.uniqueArray(paths, { minLength: 1, maxLength: 3 }),
    facetLimit: fc.constantFrom(1, 2, 3, 100),
    extentField: paths,
    equal: fc.oneof(
      ...weightedPaths.map(({ weight, path }) => ({
        weight,
        arbitrary: fc.tuple(fc.constant(path), poolOf(path)),
      })),
    ),
  },
  { requiredKeys: [] },
)
