import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openIndex } from "@tierdex/core"
import { onTestFinished, test } from "vitest"
import { nodeSqliteStore } from "../src/node-sqlite-store.ts"

test("an index lives in the store, also when opened again", async ({ expect }) => {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-custom-adapter-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const open = () => openIndex({ store: nodeSqliteStore({ path: join(folder, "index.db") }) })

  const index = await open()
  const numbers = Array.from({ length: 5_000 }, (_, n) => n)
  await index.putMany(numbers.map((n) => [`id-${n}`, { n, even: n % 2 === 0 }]))
  await index.flush()
  await index.delete("id-4")
  await index.close()

  const again = await open()
  const { ids } = await again.find({ even: true }, { sort: { n: "asc" }, limit: 3 })
  expect(ids).toEqual(["id-0", "id-2", "id-6"])
  expect(await again.count({ even: true })).toBe(2_499)
  expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
  await again.close()
})
