import type { ViteUserConfig } from "vitest/config"

/**
 * The test options of every package. Files are `test/**\/*.test.ts`; those that take more than a few
 * seconds are `*.long.test.ts` and run only with `--mode long` (`pnpm test:long`).
 *
 * Three knobs, read from the environment by the tests and printed at the start of each run:
 * `TIERDEX_SEED` repeats a run exactly, but for the moments of kills; `TIERDEX_RUNS` sets how many
 * cases each property tries, and `TIERDEX_KILLS` how many rounds each test with killed processes has.
 */
export function testOptions(mode: string): NonNullable<ViteUserConfig["test"]> {
  const long = mode === "long"
  process.env.TIERDEX_SEED ??= String(Math.floor(Math.random() * 0x7fff_ffff))
  process.env.TIERDEX_RUNS ??= long ? "2000" : "60"
  process.env.TIERDEX_KILLS ??= long ? "25" : "3"
  return {
    include: ["test/**/*.test.ts"],
    exclude: long ? [] : ["test/**/*.long.test.ts"],
    globalSetup: [`${import.meta.dirname}/vitest.global.ts`],
    setupFiles: [`${import.meta.dirname}/vitest.setup.ts`],
    testTimeout: long ? 1_200_000 : 30_000,
    hookTimeout: long ? 300_000 : 30_000,
    // A file of its own process: stores hold locks and native handles.
    pool: "forks",
    restoreMocks: true,
  }
}
