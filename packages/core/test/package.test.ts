import { createRequire } from "node:module"
import { expect, test } from "vitest"

test("the built package finds the module of its worker thread", async () => {
  const { MemoryStore, openIndex } = await import("@tierdex/core")
  const index = await openIndex({ store: new MemoryStore() })
  await index.putMany(Array.from({ length: 30_000 }, (_, n) => [`id-${n}`, { n }] as const))
  await index.flush()
  expect(process.report.getReport()).toMatchObject({ workers: [{}] })
  await index.close()
})

test.each(["", "/adapter"])("require%s gives the same names as import", async (path) => {
  const imported = await import(/* @vite-ignore */ `@tierdex/core${path}`)
  const required = createRequire(import.meta.url)(`@tierdex/core${path}`)
  expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort())
})
