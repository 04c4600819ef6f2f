import fc from "fast-check"
import { expect, test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Fields } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { randomFrom } from "../support/random.ts"

const numRuns = Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 2)

const SIZE = 40

/** What somebody else does to a record while it is being deleted. */
type Role = "none" | "put" | "update" | "delete"

const roles: readonly Role[] = ["none", "none", "put", "update", "delete"]

test("deleteMany deletes the versions that it matched, and no others", async () => {
  await fc.assert(
    fc.asyncProperty(fc.noShrink(fc.nat()), async (seed) => {
      const random = randomFrom(seed)
      const below = (limit: number) => Math.floor(random() * limit)
      const turns = async () => {
        for (let left = below(5); left > 0; left--) await new Promise((go) => setImmediate(go))
      }
      const store = new AsyncStore(new MemoryStore(), seededDelay(seed))
      const index = await openIndex<Fields>({ store, durability: "os" })
      for (let i = 0; i < SIZE; i++) {
        await index.put(`id${i}`, { group: i % 2, v: 0 })
        if (random() < 0.15) await index.flush()
      }

      // Asked for before, and after, in the same turn.
      const before = index.put("before", { group: 0 })
      const deleting = index.deleteMany({ group: 0 })
      const after = index.put("after", { group: 0 })
      const reported = new Map<number, boolean>()
      const roleOf = Array.from({ length: SIZE }, () => roles[below(roles.length)])
      const others = roleOf.map(async (role, i) => {
        await turns()
        if (role === "put") await index.put(`id${i}`, { group: 0, v: 1 })
        else if (role === "update") reported.set(i, await index.update(`id${i}`, { v: 1 }))
        else if (role === "delete") reported.set(i, await index.delete(`id${i}`))
        else if (below(10) === 0) await (below(2) === 0 ? index.flush() : index.compact())
      })
      const count = await deleting
      await Promise.all([before, after, ...others])

      expect(await index.has("before")).toBe(false)
      expect(await index.has("after")).toBe(true)
      let least = 1
      let most = 1
      for (const [i, role] of roleOf.entries()) {
        const isMatched = i % 2 === 0
        const isThere = await index.has(`id${i}`)
        const what = `id${i}, ${role}`
        if (role === "put") {
          expect(await index.get(`id${i}`), what).toEqual({ group: 0, v: 1 })
          if (isMatched) most++
          continue
        }
        if (role === "none") expect(isThere, what).toBe(!isMatched)
        if (role === "update") {
          if (!isMatched) expect(isThere, what).toBe(true)
          expect(isThere, what).toBe(reported.get(i))
        }
        if (role === "delete") {
          if (!isMatched) expect(reported.get(i), what).toBe(true)
          expect(isThere, what).toBe(false)
        }
        if (isMatched && !isThere && !(role === "delete" && reported.get(i))) {
          least++
          most++
        }
      }
      expect(count).toBeGreaterThanOrEqual(least)
      expect(count).toBeLessThanOrEqual(most)
      await index.close()
    }),
    { numRuns },
  )
})
