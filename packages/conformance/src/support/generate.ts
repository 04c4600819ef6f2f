import type { KeyRange, ScanOptions, WriteOp } from "@tierdex/core"
import fc from "fast-check"

/** Few distinct bytes, both ends among them, so that keys collide and prefix one another. */
const edges = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)

export const keys: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(edges, { minLength: 1, maxLength: 4 }).map((few) => new Uint8Array(few)),
  },
  { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 63 }) },
  // Longest keys; the greatest of all is no part of any range.
  { weight: 1, arbitrary: fc.constantFrom(0, 0x7f, 0xfe).map((b) => new Uint8Array(64).fill(b)) },
)

const values = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(20_000).map((length) => new Uint8Array(length).fill(length)) },
)

const op: fc.Arbitrary<WriteOp> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("put" as const), key: keys, value: values }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), key: keys }) },
)

/** Puts and deletes, often of the same keys. */
export const batches: fc.Arbitrary<WriteOp[]> = fc.array(op, { maxLength: 30, size: "max" })

/** Also such that hold nothing, because their bounds are equal or the wrong way round. */
export const ranges: fc.Arbitrary<KeyRange> = fc.record({ gte: keys, lt: keys })

export const scans: fc.Arbitrary<ScanOptions> = fc.record(
  {
    gte: keys,
    lt: keys,
    reverse: fc.boolean(),
    limit: fc.constantFrom(1, 2, 3, 10, 1_000_000),
  },
  { requiredKeys: ["gte", "lt"] },
)
