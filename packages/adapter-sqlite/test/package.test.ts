import { createRequire } from "node:module"
import { expect, test } from "vitest"

test("the built package gives require the same names as import", async () => {
  const imported = await import("@tierdex/adapter-sqlite")
  const required = createRequire(import.meta.url)("@tierdex/adapter-sqlite")
  expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort())
})
