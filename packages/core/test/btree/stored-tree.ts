import fc from "fast-check"
import { PageTree } from "../../src/btree/page-tree.ts"
import { TreeWriter } from "../../src/btree/tree-writer.ts"
import { compareValues } from "../../src/values/compare.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { ValueRef } from "../../src/values/value-ref.ts"
import { PageStore } from "../pages/page-store.ts"
import { randomFrom } from "../support/random.ts"

export const SEGMENT = 1
export const FIELD = 2

/** A value with its ordinals, ascending. */
export interface Entry {
  readonly value: Value
  readonly ordinals: Uint32Array
}

const encoder = new TextEncoder()

export function text(string: string): Value {
  return { kind: Kind.string, payload: encoder.encode(string) }
}

export function number(payload: number): Value {
  return { kind: Kind.number, payload }
}

/** Makes any number of values of a kind, more or less often the same. */
type Maker = (random: () => number) => Value

const below = (random: () => number, limit: number) => Math.floor(random() * limit)
const LONG = "p".repeat(700)
const LONGEST = "q".repeat(32 * 1024 - 6)

/** A few of these in a row make trees with leaves of every form. */
export const makers = {
  bytes: (random) => number(below(random, 256) - 128),
  runs: (random) => number(1_000_000 + below(random, 3000)),
  integers: (random) => number(below(random, 2 ** 33) - 2 ** 32),
  unsafe: (random) => number(2 ** 53 + 4 * below(random, 1000)),
  floats: (random) => number((random() - 0.5) * 10 ** below(random, 300)),
  ends: (random) =>
    number([-Infinity, Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324][below(random, 5)]),
  dates: (random) => ({ kind: Kind.date, payload: below(random, 2 ** 41) }),
  booleans: (random) => ({ kind: Kind.boolean, payload: below(random, 2) }),
  words: (random) => text(below(random, 36 ** 3).toString(36)),
  letters: (random) => text("ab\u0000é😀".slice(0, below(random, 6)).toWellFormed()),
  alike: (random) => text(LONG + below(random, 400).toString(2)),
  longest: (random) => text(LONGEST + "ab".repeat(3).slice(below(random, 6))),
  singles: (random) => ({
    kind: ([Kind.emptyArray, Kind.missing, Kind.null, Kind.object] as const)[below(random, 4)],
    payload: 0,
  }),
} satisfies Record<string, Maker>

export interface TreeCase {
  readonly parts: readonly { readonly maker: keyof typeof makers; readonly count: number }[]
  readonly universe: number
  readonly targetBytes: number
  readonly seed: number
}

const names = Object.keys(makers) as (keyof typeof makers)[]

export const treeCases: fc.Arbitrary<TreeCase> = fc.record({
  parts: fc.array(
    fc.record({
      maker: fc.constantFrom(...names),
      count: fc.oneof(fc.constantFrom(1, 2), fc.nat(300)),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  universe: fc.constantFrom(1, 40, 3000, 65_536, 65_537, 200_000),
  targetBytes: fc.constantFrom(300, 1000, 4072, 16_360),
  seed: fc.integer(),
})

/** The entries of a tree in order. Most values have one ordinal, some a few, a few very many. */
export function entriesOf({ parts, universe, seed }: TreeCase): Entry[] {
  const random = randomFrom(seed)
  const values = parts.flatMap(({ maker, count }) =>
    Array.from({ length: maker === "longest" ? Math.min(count, 6) : count }, () =>
      makers[maker](random),
    ),
  )
  values.sort(compareValues)
  const distinct = values.filter((value, i) => i === 0 || compareValues(values[i - 1], value) < 0)
  const many = Math.max(20, distinct.length)
  return distinct.map((value) => ({
    value,
    ordinals: ordinalsBelow(universe, random() * many < 6 ? "many" : "few", random),
  }))
}

function ordinalsBelow(universe: number, size: "few" | "many", random: () => number): Uint32Array {
  const chosen = new Set<number>()
  if (size === "few") {
    const count = random() < 0.7 ? 1 : 1 + below(random, 30)
    for (let i = 0; i < count; i++) chosen.add(below(random, universe))
  } else {
    // The most that stay in a leaf, one more, and what makes each form of a container.
    const step = [1, 2, 3, 40][below(random, 4)]
    const count = [1359, 1360, 1361, 5000, 70_000][below(random, 5)]
    const first = below(random, universe)
    for (let i = 0; i < count && first + i * step < universe; i++) chosen.add(first + i * step)
  }
  return Uint32Array.from(chosen).sort()
}

/** Writes entries as a tree. */
export async function storeTree(
  entries: readonly Entry[],
  targetBytes: number,
  chunk = 1000,
): Promise<{ pages: PageStore; tree: PageTree }> {
  const pages = await PageStore.open()
  const writer = new TreeWriter(pages.sink, SEGMENT, FIELD, targetBytes)
  for (const { value, ordinals } of entries) {
    writer.begin(ValueRef.of(value))
    for (let from = 0; from < ordinals.length; from += chunk) {
      writer.add(ordinals, from, Math.min(ordinals.length, from + chunk))
    }
    writer.end()
  }
  const shape = writer.finish()
  await pages.finish()
  return { pages, tree: new PageTree(pages, SEGMENT, FIELD, shape) }
}
