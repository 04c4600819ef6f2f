import { createRequire } from "node:module"
import { expect, test } from "vitest"

const require = createRequire(import.meta.url)

test.each(["", "/mutants", "/oracle"])("require%s gives the same names as import", async (path) => {
  const imported = await import(/* @vite-ignore */ `@tierdex/conformance${path}`)
  const required = require(`@tierdex/conformance${path}`)
  expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort())
})
