import fc from "fast-check"
import { expect, test } from "vitest"
import type { SortSpec } from "../../src/api/read-options.ts"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { type Fields, Model } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { randomFrom } from "../support/random.ts"

const numRuns = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 4)

const STABLE = 30
const CHURNING = 20

const sorts: readonly (SortSpec<Fields> | undefined)[] = [
  undefined,
  { a: "asc" },
  { a: "desc" },
  [
    ["tags", "asc"],
    ["a", "desc"],
  ],
]

type Below = (limit: number) => number

const recordFrom = (below: Below): Fields => ({
  ...(below(5) === 0 ? {} : { a: below(6) }),
  tags: Array.from({ length: below(3) }, () => below(4)),
})

/** Writes, rewrites and deletes records, flushes and merges, until told to stop. */
async function churn(
  index: MetadataIndex<Fields>,
  below: Below,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const id = `churn${below(CHURNING)}`
    const kind = below(10)
    if (kind < 6) await index.put(id, recordFrom(below))
    else if (kind < 8) await index.delete(id)
    else if (kind < 9) await index.flush()
    else await index.compact()
  }
}

test("paging shows what stays once, in order, whatever is written meanwhile", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.noShrink(fc.nat()), async (seed) => {
      const random = randomFrom(seed)
      const below: Below = (limit) => Math.floor(random() * limit)
      const store = new AsyncStore(new MemoryStore(), seededDelay(seed))
      const index = await openIndex<Fields>({ store, durability: "os" })
      const stable = new Model()
      for (let i = 0; i < STABLE; i++) {
        const record = recordFrom(below)
        stable.put(`stable${i}`, record)
        await index.put(`stable${i}`, record)
        await index.put(`churn${below(CHURNING)}`, recordFrom(below))
        if (below(8) === 0) await index.flush()
      }
      let isOver = false
      const churning = [0, 1].map(() => churn(index, below, () => isOver))
      try {
        for (const sort of sorts) {
          const seen: string[] = []
          let after: string | undefined
          do {
            const page = await index.find({}, { sort, after, limit: 1 + below(6) })
            seen.push(...page.ids)
            after = page.cursor
          } while (after !== undefined && seen.length < 1000)
          const ids = seen.filter((id) => id.startsWith("stable"))
          expect(ids, JSON.stringify(sort)).toEqual(stable.find({}, { sort }))
        }
      } finally {
        isOver = true
        await Promise.all(churning)
      }
      await index.close()
    }),
    { numRuns },
  )
})
