import { createRequire } from "node:module"
import { expect, test } from "vitest"

test("the built package gives require the same names as import", async () => {
  const imported = await import("@tierdex/adapter-rocksdb")
  const required = createRequire(import.meta.url)("@tierdex/adapter-rocksdb")
  expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort())
})
