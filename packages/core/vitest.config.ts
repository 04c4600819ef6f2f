import { defineConfig } from "vitest/config"
import { testOptions } from "../../vitest.shared.ts"

export default defineConfig(({ mode }) => ({
  // Half of the time goes by with a single core else: it has most of the tests.
  test: { ...testOptions(mode), maxWorkers: 2 },
}))
